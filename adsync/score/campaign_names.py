"""Campaigns by their names where an account knows them: logs know ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from adsync.model.channel import ChannelReport
from adsync.model.funnel import Difference, FunnelReport, SegmentFunnel
from adsync.model.incident import Incident

Found = TypeVar("Found", SegmentFunnel, Difference, Incident)


def with_campaign_names(report: FunnelReport, names: Mapping[str, str]) -> FunnelReport:
    """The same with the name before each campaign's id."""

    def named(found: Found) -> Found:
        segment = found.segment
        if segment.dimension != "campaign":
            return found
        return replace(found, segment=replace(segment, value=_named(segment.value, names)))

    return replace(
        report,
        segments=tuple(map(named, report.segments)),
        differences=tuple(map(named, report.differences)),
        incidents=tuple(map(named, report.incidents)),
    )


def channels_with_names(report: ChannelReport, names: Mapping[str, str]) -> ChannelReport:
    """The same, where its rows are campaigns."""
    if report.by != "campaign":
        return report
    return replace(report, rows=tuple(replace(row, name=_named(row.name, names)) for row in report.rows))


def _named(campaign: str, names: Mapping[str, str]) -> str:
    # Two campaigns may have one name; their ids differ.
    return f"{names[campaign]} ({campaign})" if campaign in names else campaign
