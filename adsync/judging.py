"""What the stored numbers say of an account, and what is kept of that for whoever looks next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from adsync.changelog import current_snapshot, past_of, with_own_settings
from adsync.decide.account import decide_account
from adsync.decide.drift import drifted, with_findings
from adsync.model.account import Account
from adsync.model.decision import Conclusion, Decisions, ScopeCounters, believable
from adsync.model.evidence import Evidence
from adsync.model.history import History
from adsync.model.log import ChangeLogEntry, Past
from adsync.model.pulled import Snapshot
from adsync.ports import State
from adsync.pull import read_history
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


def judge_again(account: Account, state: State) -> None:
    """What stands in the state is what people look at next. The counters move with the next check, not with this."""
    if (now := current_snapshot(account, state)) is not None:
        judged = judge(account, state, now.state.as_of, now)
        conclude(account, state, judged, state.memory.counters(account.customer_id))
