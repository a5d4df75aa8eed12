"""Macros, and sessions from ads, against something that goes along with them: newest days against those before."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import NamedTuple

from scipy.special import bdtrc, betainc, betaincc

from adsync.decide.episodes import Episode, Watch, Watched
from adsync.decide.posterior import dispersion
from adsync.decide.weeks import Weeks
from adsync.model.policy import Policy
from adsync.model.volume import DailySeries
from adsync.model.window import Window

RATIO, RATIO_GA4, RATIO_CLICKS = "ratio", "ratio_ga4", "ratio_clicks"
FELL, AD_SESSIONS = "fell", "ad_sessions"
GA4, HELPER, CLICKS = "GA4", "helper", "clicks"
"""What a macro falls behind."""

NOTE_DAYS = 7
"""How long a note is shown after what it says was last seen."""

NEW_DAYS, OLD_DAYS, OLD_DAYS_KNOWN = 7, 56, 28
"""The days of a ratio, those before with which it is compared, and how many of these must be known."""


class Counted(NamedTuple):
    """Macros, or sessions from ads, and what they are compared with, on the newest days (1) and on those before (0).

    start: the ordinal number of the first of the newest.
    """

    start: int
    x1: float
    m1: float
    x0: float
    m0: float

    @property
    def first(self) -> date:
        return date.fromordinal(self.start)

    @property
    def factor(self) -> float:
        """How many times faster the macro, or the sessions, rose."""
        return ((self.x1 + 0.5) / (self.m1 + 0.5)) / ((self.x0 + 0.5) / (self.m0 + 0.5))

    @property
    def share(self) -> float:
        """The newest days' share of all macros, had they gone along."""
        return (self.m1 + 1) / (self.m1 + self.m0 + 2)


def rises(before: Watch, seen: Watched, day: date, policy: Policy) -> tuple[Episode, ...]:
    """More macros than before against what goes along with them: a tag that fires twice looks like this.

    GA4 counts the people who did the macro's event, however often a tag fires, and of every channel. Where they rose as
    well, people bought more; where ads only bring a larger share of them, there are more clicks.
    """
    helper = counts(before, seen.macro, seen.companion, day)
    if seen.sold is None:
        return (_risen(RATIO, before, helper, day, policy),) if helper and _surely_rose(helper, policy) else ()
    ga4 = counts(before, seen.macro, seen.sold, day)
    found = []
    if helper is not None and (ga4 is None or ga4.factor >= policy.ratio_factor) and _surely_rose(helper, policy):
        found.append(_risen(RATIO, before, helper, day, policy))
    if ga4 is not None and _rose(ga4, seen.macro, policy):
        others = (helper, counts(before, seen.macro, seen.clicks, day))
        if all(other is None or other.factor >= policy.ratio_factor for other in others):
            found.append(_risen(RATIO_GA4, before, ga4, day, policy))
    return tuple(found)


def _risen(code: str, before: Watch, now: Counted, day: date, policy: Policy) -> Episode:
    flagged = frozenset(Window(now.first, day))
    return before.again(
        Episode(
            code=code, since=now.first, until=day, flagged=flagged, factor=now.factor, hold_days=policy.ratio_hold_days
        )
    )


def rise_per_click(before: Watch, seen: Watched, day: date, policy: Policy) -> Episode | None:
    """More macros per ad click, where nothing closer to the sale is known to compare with.

    A better shop looks the same, and good weeks that clicks do not share: it is a note and holds nothing.
    """
    closer = (seen.companion, seen.sold)
    if any(counts(before, seen.macro, other, day) is not None for other in closer):
        return None
    now = counts(before, seen.macro, seen.clicks, day)
    if now is None or not _rose(now, seen.macro, policy):
        return None
    return before.again(Episode(code=RATIO_CLICKS, since=now.first, until=day, factor=now.factor, hold_days=NOTE_DAYS))


def fall(before: Watch, seen: Watched, day: date, policy: Policy) -> Episode | None:
    """Fewer macros than before against what went along with them; the pair that is closest to the tag is named.

    A tag that loses sales looks like this, and so does a shop that sells less: it is a note and holds nothing.
    """
    for about, other in ((GA4, seen.sold), (HELPER, seen.companion), (CLICKS, seen.clicks)):
        now = counts(before, seen.macro, other, day)
        if now is not None and _fell(now, seen.macro, policy, 1 / policy.ratio_factor):
            episode = Episode(
                code=FELL, since=now.first, until=day, factor=now.factor, about=about, hold_days=NOTE_DAYS
            )
            return before.again(episode)
    return None


def fewer_ad_sessions(before: Watch, seen: Watched, day: date, policy: Policy) -> Episode | None:
    """Fewer sessions that GA4 puts down to ads than before, for each ad click.

    Visitors who are not asked for consent any more look like this, and so do missing click ids, a lost GA4 tag and clicks
    that do not reach the site. A volume that is not there it cannot make: it is a note and holds nothing.
    """
    if seen.ad_sessions is None:
        return None
    now = counts(before, seen.ad_sessions, seen.clicks, day)
    if now is None or not _fell(now, seen.ad_sessions, policy, 1 - policy.ad_sessions_fall):
        return None
    return before.again(Episode(code=AD_SESSIONS, since=now.first, until=day, factor=now.factor, hold_days=NOTE_DAYS))


def chance_of_more(new: float, old: float, share: float, dispersion: float) -> float:
    """P(at least ``new`` of all counts fall in the newest days), which hold this share of what they go along with.

    The binomial tail as a beta function, so that counts may be fractional and be discounted by how lumpy they are.
    """
    return float(betainc(new / dispersion, old / dispersion + 1, share)) if new > 0 else 1.0


def chance_of_fewer(new: float, old: float, share: float, dispersion: float) -> float:
    """P(at most ``new``), likewise."""
    return float(betaincc(new / dispersion + 1, old / dispersion, share)) if old > 0 else 1.0


def _surely_rose(now: Counted, policy: Policy) -> bool:
    """Undiscounted: a helper shares the good and the bad weeks of its macro."""
    if now.x1 < 1 or now.factor < policy.ratio_factor:
        return False
    return float(bdtrc(round(now.x1) - 1, round(now.x0 + now.x1), now.share)) < policy.ratio_chance


def _rose(now: Counted, macro: DailySeries, policy: Policy) -> bool:
    if now.x1 < 1 or now.factor < policy.ratio_factor:
        return False
    return chance_of_more(now.x1, now.x0, now.share, _lumpiness(now, macro, policy)) < policy.ratio_chance


def _fell(now: Counted, macro: DailySeries, policy: Policy, at_most: float) -> bool:
    """at_most: the factor of a fall that is large enough to be asked about."""
    if now.factor > at_most:
        return False
    return chance_of_fewer(now.x1, now.x0, now.share, _lumpiness(now, macro, policy)) < policy.ratio_chance


def _lumpiness(now: Counted, macro: DailySeries, policy: Policy) -> float:
    """Of the twelve weeks before the newest days: what is compared does not share the good and the bad ones."""
    return dispersion(Weeks.of(macro, now.first - timedelta(days=1), 12).counts, policy)


def counts(before: Watch, macro: DailySeries, other: DailySeries | None, day: date) -> Counted | None:
    """None where too few days are known of both: days that only one of them knows would tilt the ratio."""
    if other is None:
        return None
    x_first, m_first, end = macro.first.toordinal(), other.first.toordinal(), day.toordinal() + 1
    first = max(end - NEW_DAYS - OLD_DAYS, x_first, m_first)
    length = end - first
    if length < NEW_DAYS + OLD_DAYS_KNOWN:
        return None
    x, m = first - x_first, first - m_first
    (xs, x_known), (ms, m_known) = macro.running, other.running
    if x + length >= len(xs) or m + length >= len(ms):
        return _counts_with_gaps(before, macro, other, day)
    if x_known[x + length] - x_known[x] < length or m_known[m + length] - m_known[m] < length:
        return _counts_with_gaps(before, macro, other, day)
    split = length - NEW_DAYS
    x0, m0 = xs[x + split] - xs[x], ms[m + split] - ms[m]
    if before.episodes:
        out = before.flagged(Window(date.fromordinal(first), date.fromordinal(first + split - 1)))
        if split - len(out) < OLD_DAYS_KNOWN:
            return None
        numbers = [d.toordinal() for d in out]
        x0 -= sum([macro.values[n - x_first] or 0.0 for n in numbers])
        m0 -= sum([other.values[n - m_first] or 0.0 for n in numbers])
    return Counted(end - NEW_DAYS, xs[x + length] - xs[x + split], ms[m + length] - ms[m + split], x0, m0)


def _counts_with_gaps(before: Watch, macro: DailySeries, other: DailySeries, day: date) -> Counted | None:
    window = Window.ending(day, days=NEW_DAYS + OLD_DAYS)
    out: Collection[date] = before.flagged(window)
    days = zip(window, macro.during(window), other.during(window), strict=True)
    both = [(d, x, m) for d, x, m in days if x is not None and m is not None]
    newest = both[-NEW_DAYS:]
    older = [known for known in both[:-NEW_DAYS] if known[0] not in out]
    if len(newest) < NEW_DAYS or len(older) < OLD_DAYS_KNOWN:
        return None
    return Counted(
        newest[0][0].toordinal(),
        sum(x for _, x, _ in newest),
        sum(m for _, _, m in newest),
        sum(x for _, x, _ in older),
        sum(m for _, _, m in older),
    )
