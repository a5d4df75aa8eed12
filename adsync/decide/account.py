"""All decisions of one night for one account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from adsync.decide import helper_words, words
from adsync.decide.elsewhere import still_needed
from adsync.decide.mirrors import missing_mirrors
from adsync.decide.promotion import asked_share, first_helpers
from adsync.decide.refusals import allowed
from adsync.decide.scopes import decide_scopes
from adsync.decide.stops import changed_around, stopped_helpers
from adsync.decide.value import Valued, values_due
from adsync.decide.weakened import weakened
from adsync.model.account import Account, Candidate
from adsync.model.ads import AccountState, ConversionAction, kinds_of_bidding
from adsync.model.bidding import account_goals
from adsync.model.capability import Capability, ManagedField, refused_on
from adsync.model.decision import (
    Decision,
    Decisions,
    DemandDecision,
    Helper,
    Hold,
    ScopeCounters,
    Verb,
)
from adsync.model.evidence import Evidence, Verdict
from adsync.model.goal import as_flags, resting
from adsync.model.grade import DECIDING
from adsync.model.history import History
from adsync.model.holds import Cleared
from adsync.model.log import Past
from adsync.model.policy import Policy
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
    night = _Night.of(account, snapshot, history, evidence, past, cleared, then)
    demand, counters = night.demand(counters)
    promotion = night.promotion(demand)
    values = map(night.allowed, night.values(demand, promotion, shares))
    # Later ones win: what is promoted has its value first, and who is retired needs none.
    in_turn = (*promotion, *values, *map(night.allowed, night.demotions_and_returns(demand)))
    moves = {d.event_name: d for d in in_turn}
    each = tuple(night.either(moves.get(c.event_name), c, demand) for c in account.candidates)
    return Decisions(demand=_with_holds(demand, each), each=each), counters


def _with_holds(demand: DemandDecision, each: Sequence[Decision]) -> DemandDecision:
    """With what stops single helpers only as far as their own decisions go."""
    found = tuple(d.hold for d in each if d.hold is not None)
    reason = demand.reason + words.beside((), found)
    return replace(demand, reason=reason, helper_holds=(*demand.helper_holds, *found))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Night:
    """What one night's decisions read. stopped: what stops single helpers, as `stops` says. missing: by event the
    mirrors that do not come. resting: ids of helpers whose goal adsync has switched off; in the snapshot they are secondary, and
    the goal is on: that is the same to bidding. around: the account as it was left by the last change of who is bid on, and as
    it was read, goals as they are."""

    account: Account
    snapshot: Snapshot
    history: History
    evidence: Mapping[str, Evidence]
    past: Past
    cleared: frozenset[Cleared]
    around: tuple[AccountState | None, AccountState]
    stopped: Mapping[str, Hold]
    missing: Mapping[str, Hold]
    resting: frozenset[str]

    @classmethod
    def of(
        cls,
        account: Account,
        snapshot: Snapshot,
        history: History,
        evidence: Sequence[Evidence],
        past: Past,
        cleared: frozenset[Cleared],
        then: AccountState | None = None,
    ) -> _Night:
        rest = resting(snapshot.state, past.switched_off, past.counted_by)
        return cls(
            account=account,
            snapshot=replace(snapshot, state=as_flags(snapshot.state, rest)),
            history=history,
            evidence={e.event_name: e for e in evidence if e.grade in DECIDING},
            past=past,
            cleared=cleared,
            around=(then, snapshot.state),
            stopped=stopped_helpers(account, snapshot, past, history.as_of, cleared),
            missing=missing_mirrors(account, snapshot, past),
            resting=frozenset(a.id for a in rest),
        )

    @property
    def policy(self) -> Policy:
        """Its numbers; the demand line is each scope's own."""
        return self.account.policy

    @property
    def state(self) -> AccountState:
        return self.snapshot.state

    @property
    def today(self) -> date:
        return self.history.as_of

    @property
    def capabilities(self) -> tuple[Capability, ...]:
        return self.history.capabilities

    # The demand rule -------------------------------------------------------------------------------------------------

    def demand(self, counters: ScopeCounters) -> tuple[DemandDecision, ScopeCounters]:
        """Retire, bring back, or keep: with a sentence that says why."""
        helpers = self.helpers
        decision, after = decide_scopes(
            self.account,
            self.snapshot,
            self.history,
            helpers,
            self.past.last_change,
            counters,
            holds=changed_around(*self.around, self.past, helpers, self.cleared),
            cleared=self.cleared,
            stopped=(*self.stopped.values(), *self.missing.values()),
        )
        fallen = "".join(self._weakened(h.action_id, h.event_name) for h in helpers if h.primary)
        return replace(decision, reason=decision.reason + fallen), after

    @property
    def helpers(self) -> list[Helper]:
        """The candidates that adsync has made an action of, in the account's order."""
        return [h for c in self.account.candidates if (h := self._helper(c)) is not None]

    def _helper(self, candidate: Candidate) -> Helper | None:
        """The candidate's action as the demand rule sees it; None where adsync has made none."""
        action = self._action(candidate)
        if action is None or action.status != "ENABLED" or action.id not in self.past.managed:
            return None
        known = self.evidence.get(candidate.event_name)
        return Helper(
            action_id=action.id,
            event_name=candidate.event_name,
            primary=action.primary_for_goal,
            trusted=action.id in self.past.trusted,
            worth=known.share.point if known else 0.0,
        )

    def allowed(self, decision: Decision) -> Decision:
        """The decision as far as Google lets it be carried out."""
        return allowed(decision, self.state, self.capabilities, self.resting)

    # Each candidate --------------------------------------------------------------------------------------------------

    def _action(self, candidate: Candidate) -> ConversionAction | None:
        return self.account.action_of(self.state, candidate, self.past.counted_by)

    def either(self, move: Decision | None, candidate: Candidate, demand: DemandDecision) -> Decision:
        """What is to be done with a candidate; that it waits to be bid on keeps nothing else from being done."""
        if move is not None and move.verb:
            return move
        about = self.allowed(self.about(candidate, demand))
        return about if about.verb or move is None else move

    def about(self, candidate: Candidate, demand: DemandDecision) -> Decision:
        """Whether a candidate should be observed, and the next step towards it."""
        known, action = self.evidence.get(candidate.event_name), self._action(candidate)
        event = candidate.event_name
        if (hold := self.stopped.get(action.id if action is not None else event)) is not None:
            return Decision(event_name=event, action_id=hold.about, because=words.stopped(hold), evidence=known)
        if action is not None and action.status == "ENABLED":
            return self._about_enabled(candidate, action, known)
        if known is None or known.verdict is not Verdict.GOOD:
            marked = event in dict(self.past.waiting) and any(k.event_name == event for k in self.snapshot.key_events)
            return Decision(event_name=event, because=helper_words.not_observed(known, marked=marked), evidence=known)
        if not self._is_of_use(known):
            return Decision(event_name=event, because=helper_words.for_values_only(known, self.policy), evidence=known)
        if demand.holds:
            return Decision(event_name=event, because=words.HELD_ABOVE, evidence=known)
        if event not in self._chosen():
            because = f"It fits, but {self.policy.observe_at_most} are observed already (observe_at_most)."
            return Decision(event_name=event, because=because, evidence=known)
        return self._next_step(candidate, action, known)

    def _next_step(self, candidate: Candidate, action: ConversionAction | None, known: Evidence) -> Decision:
        event, because, graded = candidate.event_name, helper_words.observing(known), helper_words.graded(known)
        ours = action if action is not None and action.id in self.past.managed else None
        if candidate.route == "tag" and ours is None:
            return Decision(event_name=event, verb=Verb.CREATE, because=because, numbers=graded, evidence=known)
        # The mirror of an event that is no key event any more records nothing; a tag does not ask GA4.
        if (ours is None or ours.is_ga4_mirror) and not any(k.event_name == event for k in self.snapshot.key_events):
            return Decision(event_name=event, verb=Verb.KEY_EVENT, because=because, numbers=graded, evidence=known)
        if action is None:
            because = words.stopped(self.missing.get(event)) or helper_words.WAITING_FOR_MIRROR
            return Decision(event_name=event, because=because, evidence=known)
        return Decision(
            event_name=event, verb=Verb.ENABLE, action_id=action.id, because=because, numbers=graded, evidence=known
        )

    def _about_enabled(self, candidate: Candidate, action: ConversionAction, known: Evidence | None) -> Decision:
        event = candidate.event_name
        if action.id not in self.past.managed:
            because = (
                f'"{action.name}" exists and was not made by adsync: it is left alone. What could be done: adsync adopt'
            )
            return Decision(event_name=event, action_id=action.id, because=because, evidence=known)
        if action.is_web_tag and action.counting_type != "ONE_PER_CLICK":
            because = "Counted for every event; a helper is counted once per click, or one shopper looks like several."
            return Decision(event_name=event, verb=Verb.UPDATE, action_id=action.id, because=because, evidence=known)
        said = self._weakened(action.id, event, is_bid_on=action.primary_for_goal)
        if action.primary_for_goal:
            because = f"Used for bidding.{said}"
        else:
            because = f"Observed.{self._left_to_others(action)}{self._too_small_a_share(action, known)}{said}"
        return Decision(event_name=event, action_id=action.id, because=because, evidence=known)

    def _left_to_others(self, action: ConversionAction) -> str:
        """That adsync will not bring it back through its goal; "" where it could."""
        if action.id not in self.resting or action.goal in account_goals(self.state):
            return ""
        return helper_words.left_to_others(action.goal)

    def _weakened(self, action_id: str, event_name: str, *, is_bid_on: bool = True) -> str:
        """What to say of a helper that announces clearly less than when it was promoted or first observed; "" of others."""
        promoted = next((p for p in self.past.promoted if p.action_id == action_id), None)
        recording = dict(self.past.recording).get(action_id)
        past = self.history.log_shares.get(event_name, ())
        found = weakened(self.evidence.get(event_name), promoted, recording, past, is_bid_on=is_bid_on)
        return helper_words.weakened(self.account.macro.event_name, found) if found is not None else ""

    def _too_small_a_share(self, action: ConversionAction, known: Evidence | None) -> str:
        """Why a good helper will not be bid on; "" where it may be."""
        if known is None or known.verdict is not Verdict.GOOD:
            return ""
        asked = asked_share(self.account, self.state, action)
        if known.share.point >= asked:
            return ""
        return helper_words.too_small_a_share(self.account.macro.event_name, known, asked)

    def _is_of_use(self, good: Evidence) -> bool:
        """Whether anybody could bid on it: with a small share, who bids for value."""
        return good.share.high >= self.policy.minimum_share or any(kinds_of_bidding(self.state.campaigns))

    def _chosen(self) -> frozenset[str]:
        """The good candidates to observe, those that announce the most additional sales first."""
        good = [e for e in self.evidence.values() if e.verdict is Verdict.GOOD and self._is_of_use(e)]
        ranked = sorted(good, key=lambda e: (-e.monthly * max(e.difference.low, 0.0), e.event_name))
        return frozenset(e.event_name for e in ranked[: self.policy.observe_at_most])

    # Who is bid on ---------------------------------------------------------------------------------------------------

    def demotions_and_returns(self, demand: DemandDecision) -> list[Decision]:
        """What the demand rule asks for, as decisions about single events."""
        verb = {"demote": Verb.DEMOTE, "restore": Verb.RESTORE}.get(demand.verdict)
        if verb is None:
            return []
        events = {h.action_id: h.event_name for h in self.helpers}
        now = demand.standing
        numbers = (
            (f"macros in {self.policy.demand_weeks} weeks", round(now.counted, 1)),
            ("needed", now.needed),
            (f"macros in {self.policy.return_weeks} weeks", round(now.recent, 1)),
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
                evidence=self.evidence.get(events[action_id]),
                needs_person=demand.needs_person or words.stopped(self.stopped.get(action_id)),
                only_proposed=self._needed_elsewhere(action_id) if verb is Verb.DEMOTE else "",
            )
            for action_id in demand.action_ids
        ]

    def _needed_elsewhere(self, action_id: str) -> str:
        return still_needed(self.account, self.state, self.history, action_id)

    def values(
        self, demand: DemandDecision, promotion: Sequence[Decision], shares: Mapping[str, DrawnShare]
    ) -> list[Decision]:
        """What helpers are worth to bidding, and to whom it is not said; nothing while anything is in doubt."""
        if demand.holds:
            return []
        promoted = {d.action_id for d in promotion if d.verb}
        seen = Valued(
            helpers=[
                h for h in self.helpers if (h.primary or h.action_id in promoted) and h.action_id not in self.stopped
            ],
            shares=shares,
            evidence=self.evidence,
            written=dict(self.past.valued),
        )
        return values_due(self.account, self.state, self.history, seen)

    def promotion(self, demand: DemandDecision) -> list[Decision]:
        """The first helpers to bid on, and without a verb those that are observed first; none while one is or was."""
        helpers = self.helpers
        if any(h.primary or h.trusted for h in helpers):
            return []
        known = [
            (self.evidence[h.event_name], h)
            for h in helpers
            if h.event_name in self.evidence and h.action_id not in self.stopped
        ]
        free = [(e, h) for e, h in known if ManagedField.PRIMARY not in refused_on(self.capabilities, h.action_id)]
        found = first_helpers(self.account, self.state, self.history, demand, free, self.past)
        if len(free) < len(known) and not found:
            # Whom Google lets nobody promote comes after all others, and is named.
            found = first_helpers(self.account, self.state, self.history, demand, known, self.past)
        return [self.allowed(decision) for decision in found]
