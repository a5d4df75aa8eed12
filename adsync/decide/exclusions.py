"""Google's data exclusions: clicks that somebody has told bidding not to learn from are no evidence here either."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from adsync.decide.episodes import Episode
from adsync.model.ads import Campaign, DataExclusion
from adsync.model.decision import Hold
from adsync.model.policy import Policy
from adsync.model.window import Window

EXCLUDED = "data_exclusion"


def excluded(
    policy: Policy, exclusions: Sequence[DataExclusion], campaigns: Sequence[Campaign], last_day: date
) -> Iterator[tuple[DataExclusion, Episode]]:
    """Those that are about everything that bids, each with the days of conversions that it takes out of evidence.

    Exclusions are about days of clicks, the series about days of conversions: the clicks of its last day go on
    converting for some days (`exclusion_lag_days`). One that is about some of the campaigns, or some devices, leaves most
    of a day standing, and is left to bidding.
    """
    for each in exclusions:
        last = min(each.days.last + timedelta(days=policy.exclusion_lag_days), last_day)
        if each.days.first <= last and each.covers(campaigns):
            days = Window(each.days.first, last)
            # It flags its days, and holds nothing.
            yield each, Episode(code=EXCLUDED, since=days.first, until=last, flagged=frozenset(days), hold_days=0)


def note(exclusion: DataExclusion, episode: Episode) -> Hold:
    """What is said of one."""
    return Hold(
        code=EXCLUDED,
        since=episode.since,
        saw=(
            f"{Window(episode.since, episode.until)} is set aside because of the data exclusion "
            f'"{exclusion.name}" in Google Ads ({exclusion.days}): its clicks go on converting for some days.'
        ),
        todo="You need do nothing if it is meant.",
        note=True,
    )
