"""One account's night: pull, score, decide, plan, apply. Values go down the line; only return values come back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

from adsync.apply import AccountAllowance, Applied, ChangeResult, apply_plan, settle_open_entries
from adsync.apply.objects import Look
from adsync.changelog import (
    current_snapshot,
    done_changes,
    in_stored_words,
    open_plans,
    past_of,
    pending_changes,
    reviewed_changes,
    settled_changes,
    with_own_settings,
    with_stored_values,
)
from adsync.decide.account import decide_account
from adsync.decide.drift import drifted, with_findings
from adsync.errors import AdsyncError, Refused, StateError
from adsync.groups import carried_groups, taking_back
from adsync.model.account import Account
from adsync.model.decision import Conclusion, Decisions, ScopeCounters, Verb, believable
from adsync.model.evidence import Evidence
from adsync.model.history import History
from adsync.model.holds import HoldNews, KnownHold, hold_news, with_endings
from adsync.model.limits import Month
from adsync.model.log import ChangeLogEntry, Outcome, Past
from adsync.model.log_scores import log_trouble
from adsync.model.outcome_words import ReviewLine, review_line
from adsync.model.plan import APPROVAL_DAYS, NIGHT, Approval, Consent, Plan, PlannedChange
from adsync.model.pulled import Report, Snapshot
from adsync.model.sharing import Client, Sharing, told
from adsync.outcomes import conclude_reviews, open_reviews
from adsync.plan import beyond_limits, changes_for, make_plan
from adsync.planning import drop
from adsync.ports import Ports, State
from adsync.pull import Pulled, pull_account, read_history
from adsync.review import unsaid, where_said, words_that_hold
from adsync.score import best_evidence, drawn_shares, score_candidates


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the stored numbers of one night say."""

    snapshot: Snapshot
    history: History
    evidence: tuple[Evidence, ...]
    past: Past
    decisions: Decisions
    counters: ScopeCounters


@dataclass(frozen=True, slots=True, kw_only=True)
class NightReport:
    """What one night did for one account, without the numbers behind it: a fleet keeps one for every account.

    words: what people have said on its changes before anything was applied. news: what the night does not apply by
    itself and nobody has said a word on, where an earlier plan did not hold all of it. hold_news: what began to hold, and
    what holds no more. reviews: outcome reviews that were opened or concluded. change_log_head: what `adsync log --verify --head`
    takes. beyond_limits: which planned changes wait because there are too many. cross_account: whom a change meets, where
    another account owns the conversion actions. agreement_is_void: since tonight the config does not agree to that any more.
    left_the_config: what was planned until tonight of events that the config does not name any more.
    """

    account: Account
    pulled: Pulled
    decisions: Decisions
    plan: Plan
    words: Mapping[str, Approval]
    news: tuple[tuple[str, PlannedChange], ...]
    hold_news: HoldNews
    settled: tuple[tuple[ChangeLogEntry, Outcome], ...]
    applied: Applied | None
    change_log_head: str
    log_fault: str = ""
    beyond_limits: str = ""
    reviews: tuple[ReviewLine, ...] = ()
    cross_account: str = ""
    agreement_is_void: bool = False
    left_the_config: tuple[tuple[str, PlannedChange], ...] = ()

    @property
    def log_news(self) -> str:
        """What of it is told tonight: a fault when it begins, and of a log that has ended each time that it is read."""
        read = Report.EVENT_LOG in self.pulled.reports and not self.pulled.log_fault
        return self.log_fault if read or self.pulled.log_fault_is_new else ""


def run_night(
    account: Account,
    ports: Ports,
    *,
    apply: bool = True,
    progress: Callable[[str], None] = lambda _: None,
) -> NightReport:
    """The night of one account. Raises what its ports raise; what was stored before stays."""
    shared_before = _sharing_before(account, ports.state)
    pulled = pull_account(account, ports, progress=progress)
    settled = settle(account, ports, pulled.snapshot)
    judged = judge(account, ports.state, pulled.as_of, pulled.snapshot, until=pulled.as_of)
    held_before = ports.state.holds.known([account.customer_id], lasting=False)
    had_reviews = {review.entry_id for review, _ in ports.state.reviews.known([account.customer_id])}
    open_reviews(account, ports.state, ports.clock.now())
    concluded = conclude_reviews(account, ports.state, pulled.snapshot, ports.clock)
    conclude(account, ports.state, judged, judged.counters)
    pending = pending_changes(account, ports.state)
    before = {p.change.hash for _, p in pending}
    plan = plan_night(account, ports, judged)
    words = words_that_hold([account], ports.state, ports.clock.now())
    done = done_changes(account, ports.state)
    left = unsaid(((name, p) for name, p in plan.numbered() if name not in done), words)
    beyond = beyond_limits(plan, done, account.limits, month_of(account, ports))
    applied = apply_open_plans(account, ports) if apply else None
    opened = [r for r in reviewed_changes(ports.state, [account.customer_id]) if r.review.entry_id not in had_reviews]
    return NightReport(
        account=account,
        pulled=pulled,
        decisions=judged.decisions,
        plan=plan,
        words=words,
        news=left if any(p.change.hash not in before for _, p in left) else (),
        # After the changes: what has been applied may have ended a hold, or have begun one.
        hold_news=hold_news(held_before, _known_holds(account, ports.state)),
        settled=settled,
        applied=applied,
        log_fault=log_trouble(judged.history.log_scores, judged.history.log_fault, pulled.as_of),
        beyond_limits=beyond,
        change_log_head=ports.state.ledger.head(account.customer_id),
        reviews=tuple(map(review_line, (*concluded, *opened))),
        cross_account=told(account.cross_account, pulled.snapshot.state.sharing, account.decided_by),
        agreement_is_void=_is_void_since(shared_before, account, pulled.snapshot.state.sharing),
        left_the_config=_left_the_config(account, ports.state, pending),
    )


def _left_the_config(
    account: Account, state: State, before: Sequence[tuple[str, PlannedChange]]
) -> tuple[tuple[str, PlannedChange], ...]:
    """What was pending before tonight's plan and is not now, of events that the config does not name any more."""
    now = {p.change.hash for _, p in pending_changes(account, state)}
    gone = ((name, p) for name, p in before if p.change.hash not in now)
    return tuple((name, p) for name, p in gone if p.change.event_name not in ("", *account.events))


def _known_holds(account: Account, state: State) -> tuple[KnownHold, ...]:
    """All that were ever known, with what became of them."""
    ids = [account.customer_id]
    return with_endings(state.holds.known(ids, lasting=False), state.ledger.entries(ids))


def _sharing_before(account: Account, state: State) -> Sharing | None:
    try:
        copied = state.numbers.snapshot(account.customer_id)
    except StateError:
        return None  # tonight's copy takes its place
    return copied.state.sharing if copied is not None else None


def _is_void_since(before: Sharing | None, account: Account, now: Sharing | None) -> bool:
    """Whether an agreement of the config does not hold, and not only for what was known on the night before."""
    found = account.disagreement(now)
    return account.cross_account is not None and found is not None and found != account.disagreement(before)


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


def judge(account: Account, state: State, as_of: date, snapshot: Snapshot, *, until: date = date.max) -> Judgement:
    """Scores and decides on the numbers as they were known on a night; touches nothing.

    until: the last day of which checks are believed: a clock that ran ahead must not silence the nights that follow.
    """
    history = read_history(account, snapshot.state, state.numbers, as_of)
    funnels = score_candidates(account, history.funnels, history.funnels_fault, history.users)
    evidence = best_evidence(account, funnels, history.log_scores, as_of)
    entries = state.ledger.entries([account.customer_id])
    past = _past(account, state, entries, snapshot, as_of)
    counters = believable(state.memory.counters(account.customer_id), until)
    cleared = state.holds.cleared(account.customer_id)
    # As it was when who is bid on was last changed: what others have changed since is theirs to explain. By the moment, for
    # the same night may have been copied again since.
    then = state.numbers.settings_at(account.customer_id, past.changed_at) if past.changed_at else None
    if then is not None and past.changed_at is not None:
        then = with_own_settings(then, entries, past.changed_at)
    shares = drawn_shares(evidence)
    decisions, after = decide_account(account, snapshot, history, evidence, past, counters, cleared, then, shares)
    return Judgement(
        snapshot=snapshot, history=history, evidence=evidence, past=past, decisions=decisions, counters=after
    )


def _past(account: Account, state: State, entries: Sequence[ChangeLogEntry], snapshot: Snapshot, as_of: date) -> Past:
    """What the change log says, and since when others have switched what adsync left: only then copies are asked."""
    past = past_of(entries, snapshot.state.customer.time_zone)
    switched = [left.on for left, _ in drifted(snapshot, past)]
    if not switched:
        return past
    return with_findings(past, snapshot, state.numbers.settings_copies(account.customer_id, min(switched), as_of))


def conclude(account: Account, state: State, judged: Judgement, counters: ScopeCounters) -> None:
    """Keeps what was made of the volume and what holds it, for whoever only looks, and the counters for the next check."""
    as_of, demand = judged.snapshot.state.as_of, judged.decisions.demand
    conclusion = Conclusion(as_of=as_of, settings=account.fingerprint, demand=demand)
    state.memory.remember(account.customer_id, counters, conclusion)
    state.holds.see(account.customer_id, demand.said, as_of)


def plan_night(account: Account, ports: Ports, judged: Judgement) -> Plan:
    """Tonight's plan. One with exactly the changes and the policy of the newest stored plan is that one, under its old name.

    Not for ever: what runs by itself does so only from a plan that is not older than an approval may be.
    """
    state = judged.snapshot.state
    before = ports.state.ledger.newest_plan(account.customer_id, NIGHT)
    asked = in_stored_words(with_stored_values(changes_for(account, state, judged.decisions.each), before), before)
    now, can = ports.clock.now(), judged.history.capabilities
    kept = carried_groups(account, ports.state, state, asked, judged.decisions.demand, now, can)
    wanted = tuple(c for c in asked if c.hash not in {m.change.hash for m in kept})
    person = {d.action_id: d.needs_person for d in judged.decisions.each if d.needs_person}
    proposed = {d.action_id: d.only_proposed for d in judged.decisions.each if d.only_proposed}
    plan = make_plan(
        account,
        state,
        wanted,
        judged.past,
        now=ports.clock.now(),
        number=ports.state.ledger.next_plan_number(account.name, state.as_of),
        recent=judged.history.recent,
        elsewhere=judged.history.elsewhere,
        kept={c.hash: proposed[c.object_id] for c in wanted if c.object_id in proposed},
        needs_person={c.hash: person[c.object_id] for c in wanted if c.object_id in person},
        policy=judged.decisions.demand.policy,
        carried=kept,
        taken=taking_back(account, ports.state, state, ports.clock.now()),
    )
    done = done_changes(account, ports.state)
    # What an older plan has carried out is not pending any more: the same change again is news, under a new name.
    open_before = [p for name, p in before.numbered() if name not in done] if before is not None else []
    # Nor one of a clock that ran ahead.
    young = before is not None and timedelta() <= plan.made_at - before.made_at < timedelta(days=APPROVAL_DAYS)
    whole = before is not None and len(open_before) == len(before.changes) and not before.edited
    if before and young and whole and before.policy == plan.policy and _keys(open_before) == _keys(plan.changes):
        return before
    if plan.changes or before is not None:
        ports.state.ledger.store_plan(plan)
    return plan


def _keys(changes: Sequence[PlannedChange]) -> list[tuple[str, str, str, date | None, tuple[Client, ...]]]:
    return [(p.change.hash, p.consent, _stopped_by(p), p.not_before, p.clients) for p in changes]


def _stopped_by(planned: PlannedChange) -> str:
    """What is in the way of a change that is only proposed, so that its plan does not go on naming what is over.

    Without figures: they move with every night's numbers, and would give the same changes a new name each time.
    """
    return re.sub(r"\d+", "", planned.consent_because) if planned.consent is Consent.PROPOSAL else ""


def apply_open_plans(account: Account, ports: Ports) -> Applied:
    """Applies what is approved or automatic in the open plans; stops where one of them stops."""
    applied = _apply_open_plans(account, ports)
    if applied.done:
        open_reviews(account, ports.state, ports.clock.now())
        judge_again(account, ports.state)
    return replace(applied, unsettled=ports.state.ledger.entries([account.customer_id], only_open=True))


def judge_again(account: Account, state: State) -> None:
    """What stands in the state is what people look at next. The counters move with the next check, not with this."""
    if (now := current_snapshot(account, state)) is not None:
        judged = judge(account, state, now.state.as_of, now)
        conclude(account, state, judged, state.memory.counters(account.customer_id))


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
