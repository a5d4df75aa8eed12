"""All decisions of one night for one account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from adsync.decide import words
from adsync.decide.candidates import either, weaker
from adsync.decide.elsewhere import still_needed
from adsync.decide.night import Night
from adsync.decide.promotion import first_helpers
from adsync.decide.scopes import decide_scopes
from adsync.decide.stops import changed_around
from adsync.decide.value import Valued, values_due
from adsync.model.account import Account
from adsync.model.ads import AccountState
from adsync.model.capability import ManagedField, refused_on
from adsync.model.decision import Decision, Decisions, DemandDecision, ScopeCounters, Verb
from adsync.model.evidence import Evidence
from adsync.model.history import History
from adsync.model.holds import Cleared
from adsync.model.log import Past
from adsync.model.pulled import Snapshot
from adsync.model.value import DrawnShare

NO_SHARES: Mapping[str, DrawnShare] = {}


def decide_account(
    account: Account,
    snapshot: Snapshot,
    history: History,
    evidence: Sequence[Evidence],
    past: Past,
    counters: ScopeCounters,
    cleared: frozenset[Cleared] = frozenset(),
    then: AccountState | None = None,
    shares: Mapping[str, DrawnShare] = NO_SHARES,
) -> tuple[Decisions, ScopeCounters]:
    """What should become of each event tonight, with reasons and numbers, and the counters to keep.

    cleared: holds that a person has ended. then: the account on the night of the last change of who is bid on.
    shares: of the good candidates, what values are made of.
    """
    night = Night.of(account, snapshot, history, evidence, past, cleared, then)
    demand, counters = _demand(night, counters)
    promotion = _promotion(night, demand)
    values = map(night.allowed, _values(night, demand, promotion, shares))
    # Later ones win: what is promoted has its value first, and who is retired needs none.
    in_turn = (*promotion, *values, *map(night.allowed, _demotions_and_returns(night, demand)))
    moves = {d.event_name: d for d in in_turn}
    each = tuple(either(night, moves.get(c.event_name), c, demand) for c in account.candidates)
    return Decisions(demand=_with_holds(demand, each), each=each), counters


def _with_holds(demand: DemandDecision, each: Sequence[Decision]) -> DemandDecision:
    """With what stops single helpers only as far as their own decisions go."""
    found = tuple(d.hold for d in each if d.hold is not None)
    reason = demand.reason + words.beside((), found)
    return replace(demand, reason=reason, helper_holds=(*demand.helper_holds, *found))


def _demand(night: Night, counters: ScopeCounters) -> tuple[DemandDecision, ScopeCounters]:
    """Retire, bring back, or keep: with a sentence that says why."""
    helpers = night.helpers
    decision, after = decide_scopes(
        night.account,
        night.snapshot,
        night.history,
        helpers,
        night.past.last_change,
        counters,
        holds=changed_around(*night.around, night.past, helpers, night.cleared),
        cleared=night.cleared,
        stopped=(*night.stopped.values(), *night.missing.values()),
    )
    fallen = "".join(weaker(night, h.action_id, h.event_name) for h in helpers if h.primary)
    return replace(decision, reason=decision.reason + fallen), after


def _promotion(night: Night, demand: DemandDecision) -> list[Decision]:
    """The first helpers to bid on, and without a verb those that are observed first; none while one is or was."""
    helpers = night.helpers
    if any(h.primary or h.trusted for h in helpers):
        return []
    known = [
        (night.evidence[h.event_name], h)
        for h in helpers
        if h.event_name in night.evidence and h.action_id not in night.stopped
    ]
    free = [(e, h) for e, h in known if ManagedField.PRIMARY not in refused_on(night.capabilities, h.action_id)]
    found = first_helpers(night.account, night.state, night.history, demand, free, night.past)
    if len(free) < len(known) and not found:
        # Whom Google lets nobody promote comes after all others, and is named.
        found = first_helpers(night.account, night.state, night.history, demand, known, night.past)
    return [night.allowed(decision) for decision in found]


def _demotions_and_returns(night: Night, demand: DemandDecision) -> list[Decision]:
    """What the demand rule asks for, as decisions about single events."""
    verb = {"demote": Verb.DEMOTE, "restore": Verb.RESTORE}.get(demand.verdict)
    if verb is None:
        return []
    events = {h.action_id: h.event_name for h in night.helpers}
    now = demand.standing
    numbers = (
        (f"macros in {night.policy.demand_weeks} weeks", round(now.counted, 1)),
        ("needed", now.needed),
        (f"macros in {night.policy.return_weeks} weeks", round(now.recent, 1)),
        ("chance of demand", round(now.above_chance, 4)),
        ("chance of too few", round(now.below_chance, 4)),
        ("usable days", now.effective_days),
        ("dispersion", round(now.dispersion, 3)),
    )
    return [
        Decision(
            event_name=events[action_id],
            verb=verb,
            action_id=action_id,
            because=demand.reason,
            numbers=numbers,
            evidence=night.evidence.get(events[action_id]),
            needs_person=demand.needs_person or words.stopped(night.stopped.get(action_id)),
            only_proposed=_needed_elsewhere(night, action_id) if verb is Verb.DEMOTE else "",
        )
        for action_id in demand.action_ids
    ]


def _needed_elsewhere(night: Night, action_id: str) -> str:
    return still_needed(night.account, night.state, night.history, action_id)


def _values(
    night: Night, demand: DemandDecision, promotion: Sequence[Decision], shares: Mapping[str, DrawnShare]
) -> list[Decision]:
    """What helpers are worth to bidding, and to whom it is not said; nothing while anything is in doubt."""
    if demand.holds:
        return []
    promoted = {d.action_id for d in promotion if d.verb}
    seen = Valued(
        helpers=[
            h for h in night.helpers if (h.primary or h.action_id in promoted) and h.action_id not in night.stopped
        ],
        shares=shares,
        evidence=night.evidence,
        written=dict(night.past.valued),
    )
    return values_due(night.account, night.state, night.history, seen)
