"""Copies funnels apart by device and channel, where there is enough to tell parts from each other and quota is left."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

from adsync.errors import AccessDenied, AdsyncError, GoogleRefused, TryAgainLater, UnexpectedAnswer
from adsync.model.analytics import BASELINE_EVENT, SEGMENTED_BY, Funnel, FunnelPart
from adsync.ports import Analytics

FEWEST_COMPLETED = 60
"""Twenty for each of three parts: with fewer, parts differ by chance as much as they ever do."""

NO_ROOM = "less than half of GA4's quota for funnels was left"


def pull_funnel_parts(
    analytics: Analytics, funnels: Iterable[Funnel], macro: str
) -> tuple[tuple[FunnelPart, ...], str]:
    """The parts of those funnels that have enough in them, and why they are not all of them; "" where they are.

    Nothing is decided by them: what Google does not answer is said, and the night goes on.
    """
    telling = [
        f for f in funnels
        if f.event_name != BASELINE_EVENT and f.completed >= FEWEST_COMPLETED and f.sampled_share is None
    ]  # fmt: skip
    if not telling:
        return (), ""
    found: list[FunnelPart] = []
    try:
        quota = analytics.funnel_quota()
        for funnel, by in product(telling, SEGMENTED_BY):
            if not quota.leaves_room:
                return tuple(found), NO_ROOM
            parts, quota = analytics.funnel_parts(funnel.event_name, macro, funnel.window, funnel.horizon_days, by)
            found += parts
    except (AccessDenied, GoogleRefused, TryAgainLater, UnexpectedAnswer) as error:
        return tuple(found), _said(error)
    return tuple(found), ""


def _said(error: AdsyncError) -> str:
    return f"{error.what} {error.because}".strip()
