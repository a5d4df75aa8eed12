"""Open plans and open entries: what may be sent is sent, and what was never answered is found out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from adsync.apply import AccountAllowance, Applied, ChangeResult, apply_plan, settle_open_entries
from adsync.apply.objects import Look
from adsync.changelog import done_changes, open_plans, past_of, settled_changes
from adsync.errors import AdsyncError, Refused
from adsync.judging import judge_again
from adsync.model.account import Account
from adsync.model.decision import Verb
from adsync.model.limits import Month
from adsync.model.log import ChangeLogEntry, Outcome
from adsync.model.plan import Approval, Plan
from adsync.model.pulled import Snapshot
from adsync.outcomes import open_reviews
from adsync.planning import drop
from adsync.ports import Ports, State
from adsync.review import where_said


def settle(
    account: Account, ports: Ports, snapshot: Snapshot | None = None
) -> tuple[tuple[ChangeLogEntry, Outcome], ...]:
    """Finds out what became of changes that were sent and never answered; asks Google only when there are any."""
    ledger = ports.state.ledger
    entries = ledger.entries([account.customer_id], only_open=True)
    if not entries:
        return ()
    if snapshot is not None:
        look, looked_at = Look.at(snapshot.state, snapshot.key_events), snapshot.taken_at
    else:
        looked_at = ports.clock.now()
        look = Look(
            actions=ports.ads.actions(),
            key_events=ports.analytics.key_events(),
            campaigns=ports.ads.campaigns() if _in_doubt(Verb.TARGET, entries) else (),
            goals=ports.ads.goals() if _in_doubt(Verb.GOAL, entries) else (),
        )
    return settle_open_entries(entries, look, looked_at, ledger, ports.clock)


def _in_doubt(verb: Verb, entries: Sequence[ChangeLogEntry]) -> bool:
    """Whether the outcome of such a change is open: only then what it is about is read."""
    return any(entry.change.verb is verb for entry in entries)


def apply_open_plans(account: Account, ports: Ports) -> Applied:
    """Applies what is approved or automatic in the open plans; stops where one of them stops."""
    applied = _apply_open_plans(account, ports)
    if applied.done:
        open_reviews(account, ports.state, ports.clock.now())
        judge_again(account, ports.state)
    return replace(applied, unsettled=ports.state.ledger.entries([account.customer_id], only_open=True))


def validate_open_plans(account: Account, ports: Ports) -> Applied:
    """Lets Google validate what `apply_open_plans` would send; nothing is changed."""
    return _apply_open_plans(account, ports, dry=True)


def _apply_open_plans(account: Account, ports: Ports, *, dry: bool = False) -> Applied:
    results: tuple[ChangeResult, ...] = ()
    refused: AdsyncError | None = None
    allowance = AccountAllowance(limits=account.limits, month=month_of(account, ports), run=ports.changes)
    zone = _zone(account, ports.state)

    def words(plan: Plan) -> Mapping[str, Approval]:
        return where_said(ports.state.ledger.approvals(account.customer_id), [plan], ports.state)

    for plan in open_plans(account, ports.state):
        entries = ports.state.ledger.entries([account.customer_id])
        applied = apply_plan(
            plan,
            account,
            partial(words, plan),
            past_of(entries, "UTC"),
            done=settled_changes(plan, entries),
            ads=ports.ads,
            analytics=ports.analytics,
            writer=ports.writer,
            ledger=ports.state.ledger,
            clock=ports.clock,
            timeout_seconds=ports.timeout_seconds,
            allowance=allowance,
            zone=zone,
            dry=dry,
        )
        results += applied.results
        # An adoption is of the action as it was shown: it has failed once, and would again every night.
        if (stale := {r.name for r in applied.results if r.moved and r.change.is_kept_here}) and not dry:
            drop(plan, stale | done_changes(account, ports.state), ports.state, ports.clock)
        if isinstance(applied.stopped_by, Refused):
            refused = applied.stopped_by  # no to this plan; the other may be fine
        elif applied.stopped_by is not None:
            return Applied(results=results, stopped_by=applied.stopped_by)
    return Applied(results=results, stopped_by=refused)


def month_of(account: Account, ports: Ports) -> Month:
    """The account's month, with the changes that were made in it so far."""
    entries = ports.state.ledger.entries([account.customer_id])
    return Month.of(entries, ports.clock.now(), _zone(account, ports.state))


def _zone(account: Account, state: State) -> str:
    """The account's time zone as last copied."""
    copied = state.numbers.snapshot(account.customer_id)
    return copied.state.customer.time_zone if copied is not None else "UTC"
