"""Reads an account's log of single events once a week, and keeps what it says of each candidate; no visitor leaves it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta

import structlog

from adsync.errors import AdsyncError, UsageError
from adsync.model.account import Account
from adsync.model.condition import Condition
from adsync.model.decision import ScopeCounters, next_check
from adsync.model.exposure import LogSummary
from adsync.model.log_scores import SCORED_AT_MOST_DAYS_AGO, LogScore, LogScores
from adsync.model.policy import Policy
from adsync.model.score import ScoreReport
from adsync.ports import Scorable
from adsync.score.candidates import MOST
from adsync.scoring import Asked, score_log


def is_due(newest: date | None, counters: ScopeCounters, every_days: int, today: date, *, failed: bool = False) -> bool:
    """On the day of a check, and when no score is young enough any more.

    newest: the night of the newest reading. failed: the try after it did.
    """
    if newest is None or failed or (today - newest).days >= SCORED_AT_MOST_DAYS_AGO:
        return True
    return bool(counters) and newest < next_check(counters, every_days) <= today


def read_log(
    account: Account, open_log: Callable[[], AbstractContextManager[Scorable]], policy: Policy, today: date
) -> tuple[LogScores | None, str]:
    """What the log says as of a night, or why it says nothing: whatever is wrong with a log, the night goes on."""
    log = structlog.get_logger("adsync.pull")
    try:
        with open_log() as events:
            return kept(score_log(events, _asked(account, events.summary, policy, today), policy), today), ""
    except AdsyncError as error:
        return None, str(error)
    except OSError as error:
        return None, f"{error.filename or 'The log'} cannot be read: {error.strerror or error}."
    except Exception as error:
        log.exception("the event log could not be scored")
        return None, f"A defect of adsync: {type(error).__name__}. Please report it with the lines of the log."


def _asked(account: Account, log: LogSummary, policy: Policy, today: date) -> Asked:
    """The account's candidates that the log has. Raises UsageError where it has none of them, or not the macro."""
    macro = account.macro.event_name
    if macro not in log.names:
        raise UsageError(
            f"The event log has no {macro}, which is the account's main event.",
            f"Its most frequent events: {', '.join(sorted(log.names, key=lambda name: (-log.names[name], name))[:8])}.",
            next_step="Name another log under `events`, or the event under `macro`.",
        )
    if today < log.first.date():
        raise UsageError(f"The event log begins on {log.first.date()}, after this night ({today}).")
    wanted = [*(Condition(event=c.event_name) for c in account.candidates), *account.conditions]
    there = tuple(c for c in wanted if not c.event or log.names.get(c.event))[:MOST]
    if not there:
        raise UsageError(
            "The event log has none of the account's candidates.",
            next_step="Name events that it has under `candidates`: adsync score --events PATH shows them.",
        )
    return Asked(
        macro=macro,
        candidates=there,
        horizon_days=policy.funnel_horizon_days,
        as_of=today,
        # Google counts no conditions: what cannot be bid on is not chosen to be.
        to_bid_on=frozenset(c.event_name for c in account.candidates),
    )


def kept(report: ScoreReport, today: date) -> LogScores:
    """What is stored of a report."""
    worth = {w.event: w.share for w in report.worths}
    return LogScores(
        as_of=today,
        macro=report.macro,
        first=report.log.first.date(),
        last=min(report.as_of.date(), report.log.lively_until),
        # Of a log that is shorter than the horizon no day counts yet.
        mature_until=max(report.mature_until, report.log.first.date() - timedelta(days=1)),
        horizon_days=report.horizon_days,
        visitors=report.visitors,
        buyers=report.buyers,
        selection=report.selection,
        scores=tuple(
            LogScore(
                event=s.event,
                grade=s.grade,
                exposed=s.exposed,
                converted=s.converted,
                p=s.p,
                lift=s.lift,
                lift_day=s.lift_day,
                risk_difference=s.risk_difference,
                q=s.q,
                coverage=s.coverage,
                volume_30d=s.volume_30d,
                overlap=s.overlap,
                verdict=s.verdict,
                because=s.because,
                worth=worth.get(s.event),
            )
            for s in report.scores
        ),
    )
