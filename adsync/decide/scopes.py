"""The demand rule for each scope of an account, and one decision of all their answers.

A helper is primary or secondary for the whole account. So it goes only where most of the spend can do without it, and
comes back where more than the rest cannot: docs/statistics.md, "Scopes".
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from adsync.decide import words
from adsync.decide.demand import evaluate, standing
from adsync.decide.episodes import Cleared
from adsync.decide.guards import Health, evidence, inspect
from adsync.decide.sight import Sight, see
from adsync.decide.spend import names_of_units, pooled, sustained_spend
from adsync.model.account import Account
from adsync.model.decision import (
    Counters,
    DemandDecision,
    Helper,
    Hold,
    LastChange,
    ScopeCounters,
    ScopeStanding,
    Standing,
)
from adsync.model.history import History
from adsync.model.policy import Policy
from adsync.model.pulled import Snapshot
from adsync.model.scope import Scope
from adsync.model.volume import CampaignVolume


def decide_scopes(
    account: Account,
    snapshot: Snapshot,
    history: History,
    helpers: Sequence[Helper],
    last_change: LastChange | None,
    counters: ScopeCounters,
    *,
    holds: Sequence[Hold] = (),
    cleared: Collection[Cleared] = (),
    stopped: Sequence[Hold] = (),
) -> tuple[DemandDecision, ScopeCounters]:
    """Retire, bring back, or keep, with sentences that say why; and the counters to keep for each scope.

    holds: beside those of the guards. cleared: holds that a person has ended. stopped: what stops single helpers.
    """
    state = snapshot.state
    sight = see(account, state, history)
    health = inspect(account, account.policy, snapshot, history, sight.watched, sight.last_day, cleared)
    health = replace(health, holds=(*health.holds, *holds))
    scopes = account.scopes(state)
    costs = [sum(v.cost_micros for v in _volumes(scope, history.campaigns)) for scope in scopes]
    parts = []
    for scope, spend in zip(scopes, _shares(costs), strict=True):
        before = counters.get(scope.key) or (counters.get("") if len(scopes) == 1 else None) or Counters()
        reached = [h for h in helpers if (a := state.action(h.action_id)) is not None and scope.reaches(a.goal)]
        parts.append(_part(account, history, sight, health, scope, reached, last_change, before, spend))
    parts.sort(key=lambda part: (-part.spend, part.scope.name))
    decision = _together(account, history, parts)
    reason = decision.reason + words.beside(health.notes, stopped)
    return replace(decision, reason=reason, helper_holds=tuple(stopped), notes=health.notes), {
        part.scope.key: part.counters for part in parts
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One scope tonight. policy: with its demand line. spend: its share of all scopes' cost, 0-1."""

    scope: Scope
    policy: Policy
    helpers: Sequence[Helper]
    decision: DemandDecision
    counters: Counters
    spend: float
    reason: str

    @property
    def now(self) -> Standing:
        return self.decision.standing

    @property
    def name(self) -> str:
        return self.scope.name

    def holds(self, action_id: str) -> bool:
        """Whether one of its helpers is this action."""
        return any(helper.action_id == action_id for helper in self.helpers)


def _part(
    account: Account,
    history: History,
    sight: Sight,
    health: Health,
    scope: Scope,
    helpers: Sequence[Helper],
    last_change: LastChange | None,
    before: Counters,
    spend: float,
) -> _Part:
    policy = account.policy.for_bidding(on_value=scope.on_value)
    macro = sight.watched.macro if scope.campaigns is None else history.by_scope[scope.key]
    watched = replace(sight.watched, macro=macro)
    series = evidence(policy, watched, health.seen, sight.last_day, sight.thermometer)
    decision, after = evaluate(policy, before, helpers, last_change, series, health.holds, history.as_of)
    # Between two checks nothing is weighed, and a person who looks still wants to know where the volume stands.
    decision = replace(decision, weighed=decision.weighed or standing(policy, series))
    reason = words.of_demand(
        account.macro.event_name,
        decision,
        policy,
        after,
        any_primary=any(h.primary for h in helpers),
        any_resting=any(h.trusted and not h.primary for h in helpers),
    )
    return _Part(
        scope=scope, policy=policy, helpers=helpers, decision=decision, counters=after, spend=spend, reason=reason
    )


def _together(account: Account, history: History, parts: Sequence[_Part]) -> DemandDecision:
    """One decision of those of all scopes, the costliest first."""
    decision = _restored(account.policy, parts) or _retired(account.policy, history, parts) or _kept(parts)
    return replace(
        decision,
        reason=decision.reason + words.by_click_date(history.complete_until) + words.not_whole(history.funnels_fault),
        line=words.line(account.policy, {part.scope.on_value for part in parts if part.scope.bidding}),
        scopes=tuple(_as_told(part) for part in parts),
    )


def _as_told(part: _Part) -> ScopeStanding:
    return ScopeStanding(
        key=part.scope.key,
        name=part.name,
        on_value=part.scope.on_value,
        spend=part.spend,
        verdict=part.decision.verdict,
        standing=part.now,
        reason=part.reason,
    )


def _restored(policy: Policy, parts: Sequence[_Part]) -> DemandDecision | None:
    """The helpers that come back, all at once; None where none does."""
    asking = [part for part in parts if part.decision.verdict == "restore"]
    wanted = dict.fromkeys(action_id for part in asking for action_id in part.decision.action_ids)
    back = tuple(a for a in wanted if _share(asking, parts, a) > 1 - policy.enough_of_spend)
    if not back:
        return None
    return replace(asking[0].decision, action_ids=back, reason=_told(asking, parts))


def _retired(policy: Policy, history: History, parts: Sequence[_Part]) -> DemandDecision | None:
    """The helper that goes, one at a time; None where none does."""
    asking = [part for part in parts if part.decision.verdict == "demote"]
    for first in asking:
        [action_id] = first.decision.action_ids
        if _share(asking, parts, action_id) < policy.enough_of_spend:
            continue
        agreed = [part for part in asking if part.holds(action_id)]
        bidding = [part for part in parts if part.holds(action_id)]
        decision = replace(first.decision, automatic=all(part.decision.automatic for part in agreed))
        person = _needs_person(decision, policy, history, bidding)
        others = [part.name for part in bidding if part not in agreed]
        missing = words.still_needed(others, 1 - _share(asking, parts, action_id)) if others and not person else ""
        reason = " ".join(filter(None, [_told(agreed, parts), missing]))
        return replace(decision, needs_person=person, reason=reason)
    return None


def _kept(parts: Sequence[_Part]) -> DemandDecision:
    """Nothing changes, or everything is held: holds are the account's, and said once."""
    first = parts[0].decision
    if all(part.decision.verdict == "hold" for part in parts):
        return replace(first, reason=parts[0].reason)
    policy = parts[0].policy
    said = [words.together([(part.name, part.reason) for part in parts]) if len(parts) > 1 else parts[0].reason]
    for verdict, explain in (("demote", words.needed_elsewhere), ("restore", words.needed_here_only)):
        alone = [part for part in parts if part.decision.verdict == verdict]
        if alone:
            wanted = {action_id for part in alone for action_id in part.decision.action_ids}
            share = max(_share(alone, parts, action_id) for action_id in wanted)
            said.append(explain([part.name for part in alone], share, policy))
    held = any(part.decision.verdict == "hold" for part in parts)
    return replace(first, verdict="hold" if held else "keep", action_ids=(), automatic=True, reason=" ".join(said))


def _told(asking: Sequence[_Part], parts: Sequence[_Part]) -> str:
    if len(parts) == 1:
        return parts[0].reason
    return words.together([(part.name, part.reason) for part in asking])


def _needs_person(decision: DemandDecision, policy: Policy, history: History, bidding: Sequence[_Part]) -> str:
    """Why a retirement is not carried out without a person; "" where it is."""
    if not decision.automatic:
        return words.waiting_for_person(policy.cycle_days)
    campaigns = [campaign for part in bidding for campaign in part.scope.bidding]
    now = decision.standing
    units = pooled(campaigns, history.campaigns)
    spend = sustained_spend(units, now.effective_days, now.dispersion, policy)
    if spend.share >= policy.enough_of_spend:
        return ""
    names = names_of_units(campaigns)
    return words.too_thin(spend.share, policy, [names[unit] for unit in spend.others])


def _share(asking: Sequence[_Part], parts: Sequence[_Part], action_id: str) -> float:
    """Of what the scopes that an action reaches cost, the share of those that ask for the change."""
    reached = [part for part in parts if part.holds(action_id)]
    shares = dict(zip((part.scope.key for part in reached), _shares([part.spend for part in reached]), strict=True))
    return sum(shares[part.scope.key] for part in asking if part.holds(action_id))


def _shares(costs: Sequence[float]) -> list[float]:
    """Of a whole; the same for all where nothing was spent."""
    whole = sum(costs)
    return [cost / whole if whole else 1 / len(costs) for cost in costs]


def _volumes(scope: Scope, volumes: Sequence[CampaignVolume]) -> Sequence[CampaignVolume]:
    bidding = {campaign.id for campaign in scope.bidding}
    return [volume for volume in volumes if volume.campaign_id in bidding]
