"""What one night's reading of an account's event log said: what is kept of it, and for how long it is believed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from adsync.model.analytics import BASELINE_EVENT, Funnel
from adsync.model.evidence import Interval, Verdict
from adsync.model.selection import Selection

LOG_ENDS_AT_MOST_DAYS_AGO = 10
"""A log that ends earlier tells of a site and of ads that may be others by now."""

SCORED_AT_MOST_DAYS_AGO = 8
"""A log is scored with the weekly check; a day longer, and it is tried every night."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogScore:
    """One candidate, by its event's name or its condition's text; the fields are those of `model.score.Score`.

    worth: its share of a macro's worth, drawn towards that of all good candidates; None of those that are not good.
    """

    event: str
    grade: str
    exposed: int
    converted: int
    p: Interval
    lift: Interval | None
    lift_day: Interval | None
    risk_difference: Interval | None
    q: float
    coverage: float
    volume_30d: float
    overlap: float
    verdict: Verdict
    because: str
    worth: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogScores:
    """All candidates of one night.

    as_of: the night. first, last: days of the log. mature_until: later days have not had the time to count. visitors,
    buyers: in the whole log. selection: which helpers reach the need together; None where no candidate is good. doubt: why it
    seems to be of another site; "" where it does not.
    """

    as_of: date
    macro: str
    first: date
    last: date
    mature_until: date
    horizon_days: int
    visitors: int
    buyers: int
    scores: tuple[LogScore, ...]
    selection: Selection | None = None
    doubt: str = ""

    def is_believed(self, night: date) -> bool:
        """Whether it is young enough for a night, and of this site."""
        return not self.doubt and self.is_young(night)

    def is_young(self, night: date) -> bool:
        return night - self.last <= timedelta(days=LOG_ENDS_AT_MOST_DAYS_AGO)

    def of(self, event: str) -> LogScore | None:
        return next((score for score in self.scores if score.event == event), None)

    def speaks_of(self, event: str, night: date) -> bool:
        """Whether it has something to say about a candidate that may be believed on a night."""
        score = self.of(event)
        return self.is_believed(night) and score is not None and score.verdict is not Verdict.NOT_ENOUGH


@dataclass(frozen=True, slots=True, kw_only=True)
class PastShare:
    """P(macro | candidate) as one night's reading had it."""

    as_of: date
    horizon_days: int
    share: Interval


SAME_SITE_FACTOR, ENOUGH_MACROS = 3.0, 10
"""Logs lack visitors without consent, and reach back further than funnels; more than this apart they are of two sites."""


def with_doubt(found: LogScores | None, funnels: Sequence[Funnel]) -> LogScores | None:
    """The same scores, doubted where GA4 counts far more or far fewer macros than the log holds."""
    whole = next((f for f in funnels if f.event_name == BASELINE_EVENT), None)
    if found is None or whole is None or max(found.buyers, whole.completed) < ENOUGH_MACROS:
        return found
    here = 30.0 * found.buyers / max((found.last - found.first).days + 1, 1)
    there = 30.0 * whole.completed / len(whole.window)
    if max(here, there) <= SAME_SITE_FACTOR * min(here, there):
        return found
    doubt = (
        f"The event log holds {here:,.0f} visitors with {found.macro} in 30 days, and GA4 counts {there:,.0f}: it seems to be of "
        "another site, and is not gone by."
    )
    return replace(found, doubt=doubt)


A_LOG = "A log of single events tells more (grade A): `events` in the config, docs/scores.md."


def why_silent(found: LogScores | None, event: str, night: date) -> str:
    """What would let an account's event log speak for a candidate for which it does not."""
    if found is None:
        return "The account's event log has not been read yet; it tells more (grade A)."
    if not found.is_young(night):
        return (
            f"The event log ends on {found.last}, more than {LOG_ENDS_AT_MOST_DAYS_AGO} days before this night "
            f"({night}): with newer events it tells more (grade A)."
        )
    if found.doubt:
        return found.doubt
    score = found.of(event)
    if score is None:
        return "The event log did not have this event; where it has, it tells more (grade A)."
    return f"The event log (grade A) says: {score.because}"


def log_trouble(found: LogScores | None, fault: str, night: date) -> str:
    """What is wrong with an account's event log and what is gone by instead, with what to do; "" where nothing is.

    fault: why the newest try to read it failed.
    """
    if fault:
        return (
            f"The event log could not be read. {fault} {_instead(found, night)} Mend it, or correct `events` or "
            "`candidates` in the config: it is tried again every night, and by adsync pull at once."
        )
    if found is not None and not found.is_young(night):
        return (
            f"The event log ends on {found.last}, more than {LOG_ENDS_AT_MOST_DAYS_AGO} days before this night. "
            f"{_instead(found, night)} Let the export go on, or name the newer files under `events`."
        )
    if found is not None and found.doubt:
        return f"{found.doubt} {_instead(found, night)} Look what `events` names in the config."
    return ""


def _instead(found: LogScores | None, night: date) -> str:
    if found is not None and found.is_believed(night):
        return (
            f"What it said on {found.as_of} is used while its last day ({found.last}) is at most "
            f"{LOG_ENDS_AT_MOST_DAYS_AGO} days ago."
        )
    return "Events are judged by GA4's funnels (grade B) instead."
