"""One account's night: pull, score, decide, plan, apply. Values go down the line; only return values come back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from adsync.apply import Applied
from adsync.applying import apply_open_plans, month_of, settle
from adsync.changelog import (
    done_changes,
    in_stored_words,
    pending_changes,
    reviewed_changes,
    with_stored_values,
)
from adsync.errors import StateError
from adsync.groups import carried_groups, taking_back
from adsync.judging import Judgement, conclude, judge
from adsync.model.account import Account
from adsync.model.decision import Decisions
from adsync.model.holds import HoldNews, KnownHold, hold_news, with_endings
from adsync.model.log import ChangeLogEntry, Outcome
from adsync.model.log_scores import log_trouble
from adsync.model.outcome_words import ReviewLine, review_line
from adsync.model.plan import APPROVAL_DAYS, NIGHT, Approval, Consent, Plan, PlannedChange
from adsync.model.pulled import Report
from adsync.model.sharing import Client, Sharing, told
from adsync.outcomes import conclude_reviews, open_reviews
from adsync.plan import beyond_limits, changes_for, make_plan
from adsync.ports import Ports, State
from adsync.pull import Pulled, pull_account
from adsync.review import unsaid, words_that_hold


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
