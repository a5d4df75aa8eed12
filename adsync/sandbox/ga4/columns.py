"""Columns of a report: for each event a small number, and for each number the text that a reader sees."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from adsync.sandbox.ga4.view import AdsCampaign, View
from adsync.sandbox.world import CHANNELS, Bools, Ints

NOT_SET = "(not set)"
OTHER = "(other)"


@dataclass(frozen=True, slots=True)
class Column:
    """codes: one for each event, index into `labels`; no label comes twice."""

    codes: Ints
    labels: tuple[str, ...]

    def where(self, passes: Callable[[str], bool]) -> Bools:
        """Which events have a label that passes."""
        passed: Bools = np.array([passes(label) for label in self.labels], bool)[self.codes]
        return passed

    def only(self, mask: Bools | Ints) -> Column:
        return Column(self.codes[mask], self.labels)

    def replaced(self, mask: Bools, label: str) -> Column:
        """The same with another label where the mask is true."""
        labels = self.labels if label in self.labels else (*self.labels, label)
        return Column(np.where(mask, labels.index(label), self.codes), labels)


def relabelled(codes: Ints, labels: Iterable[str]) -> Column:
    """A column of labels that may come twice."""
    kept: dict[str, int] = {}
    lookup = np.array([kept.setdefault(label, len(kept)) for label in labels], np.int64)
    return Column(lookup[codes] if len(lookup) else np.asarray(codes, np.int64), tuple(kept))


def constant(count: int, label: str) -> Column:
    return Column(np.zeros(count, np.int64), (label,))


def joined(parts: Sequence[Column]) -> Column:
    """One column below the other."""
    if len(parts) == 1:
        return parts[0]
    kept: dict[str, int] = {}
    codes = [
        np.array([kept.setdefault(label, len(kept)) for label in part.labels], np.int64)[part.codes]
        if len(part.labels)
        else part.codes
        for part in parts
    ]
    return Column(np.concatenate(codes), tuple(kept))


# Where a visit came from ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Traffic:
    """Where each of some events came from. channel: index into CHANNELS. campaign: index into the view's, -1 for none."""

    channel: Ints
    campaign: Ints

    def column(self, view: View, label: Callable[[str, AdsCampaign | None], str]) -> Column:
        """label: what to show of a channel and, if an ad brought the visit, its campaign."""
        campaigns = (None, *view.campaigns)
        codes = self.channel * len(campaigns) + self.campaign + 1
        return relabelled(codes, [label(channel, c) for channel in CHANNELS for c in campaigns])


def session_traffic(view: View, index: Ints) -> Traffic:
    """What opened each event's session."""
    return Traffic(_ints(view.log.channel[index]), _campaigns(view, _ints(view.log.session_click[index])))


def first_user_traffic(view: View, index: Ints) -> Traffic:
    """What brought each event's visitor for the first time."""
    return session_traffic(view, view.shop.first_index[view.log.visitor[index]])


def credited_traffic(view: View, index: Ints) -> Traffic:
    """What each event is credited to: the visitor's last ad click, or else what opened the session."""
    campaign = _campaigns(view, _ints(view.log.click[index]))
    return Traffic(np.where(campaign >= 0, 0, _ints(view.log.channel[index])), campaign)


def click_traffic(view: View, index: Ints) -> Traffic:
    """Ad clicks as GA4 imports them from Google Ads."""
    return Traffic(np.zeros(len(index), np.int64), _campaigns(view, index))


def _campaigns(view: View, click: Ints) -> Ints:
    """The campaigns of clicks; without a link GA4 does not learn them."""
    if view.clicks is None:
        return np.full(len(click), -1)
    campaign = _ints(view.clicks.campaign)
    # One more at the end, so that no click (-1) finds no campaign.
    return np.append(campaign, -1)[click]


def _ints(values: Ints) -> Ints:
    """Wide enough to be counted with, however narrow they are kept."""
    return np.asarray(values, np.int64)
