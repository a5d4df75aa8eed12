"""The demand rule for each scope of an account, and one decision of all their answers.

A helper is primary or secondary for the whole account. So it goes only where most of the spend can do without it, and
comes back where more than the rest cannot: docs/statistics.md, "Scopes".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from adsync.decide import scope_words, words
from adsync.decide.demand import evaluate, standing
from adsync.decide.drift import DRIFT
from adsync.decide.guards import Health, evidence, inspect
from adsync.decide.set_aside import set_aside
from adsync.decide.sight import Sight, see
from adsync.decide.spend import names_of_units, pooled, sustained_spend
from adsync.decide.stakes import Stakes
from adsync.model.account import Account
from adsync.model.ads import kinds_of_bidding
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
from adsync.model.holds import Cleared
from adsync.model.policy import Policy
from adsync.model.pulled import Snapshot
from adsync.model.scope import Scope
from adsync.model.volume import CampaignVolume
from adsync.model.window import Window


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
    stakes = Stakes.of(state, account.scopes(state), history.campaigns)
    scopes = stakes.scopes
    parts = []
    for scope in scopes:
        before = counters.get(scope.key) or (counters.get("") if len(scopes) == 1 else None) or Counters()
        reached = [h for h in helpers if (a := state.action(h.action_id)) is not None and scope.reaches(a.goal)]
        parts.append(
            _part(account, history, sight, health, scope, reached, last_change, before, stakes.spend(scope.key))
        )
    parts.sort(key=lambda part: (-part.spend, part.scope.name))
    decision = _together(account, history, parts, stakes, stopped)
    reason = decision.reason + words.beside(health.notes, stopped)
    decision = replace(
        decision,
        reason=reason,
        helper_holds=tuple(stopped),
        notes=health.notes,
        set_aside=set_aside(account.policy, account.macro.event_name, sight.watched.macro, health.seen, sight.last_day),
    )
    # A scope whose campaigns are paused for a night goes on where it was.
    weeks = account.policy.demand_weeks
    absent = {key: each for key, each in counters.items() if key and each.is_recent(history.as_of, weeks)}
    return decision, absent | {part.scope.key: part.counters for part in parts}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One scope tonight. policy: with its demand line. spend: its share of all scopes' cost, 0-1.

    sold: its macros in the weeks over which campaigns are counted, whatever is no evidence among them.
    """

    scope: Scope
    policy: Policy
    helpers: Sequence[Helper]
    decision: DemandDecision
    counters: Counters
    spend: float
    sold: float
    reason: str

    @property
    def now(self) -> Standing:
        return self.decision.standing

    @property
    def name(self) -> str:
        return self.scope.name

    @property
    def helpers_rest(self) -> bool:
        """Whether a helper that is not bid on could come back."""
        return _any_rests(self.helpers)

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
        any_resting=_any_rests(helpers),
    )
    counted_until = history.complete_until or history.as_of - timedelta(days=1)
    return _Part(
        scope=scope,
        policy=policy,
        helpers=helpers,
        decision=decision,
        counters=after,
        spend=spend,
        sold=macro.total(Window.ending(counted_until, days=7 * policy.demand_weeks))[0],
        reason=reason,
    )


def _together(
    account: Account, history: History, parts: Sequence[_Part], stakes: Stakes, stopped: Sequence[Hold]
) -> DemandDecision:
    """One decision of those of all scopes, the costliest first."""
    policy = account.policy
    decision = _restored(policy, parts, stakes) or _retired(policy, history, parts, stakes, stopped)
    decision = decision or _kept(parts, stakes)
    return replace(
        decision,
        reason=decision.reason + words.by_click_date(history.complete_until) + words.not_whole(history.funnels_fault),
        line=words.line(
            policy,
            {part.scope.on_value for part in parts if part.scope.bidding},
            mixed=any(len(kinds_of_bidding(part.scope.bidding)) > 1 for part in parts),
        ),
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
        helpers_rest=part.helpers_rest,
    )


def _any_rests(helpers: Iterable[Helper]) -> bool:
    return any(helper.trusted and not helper.primary for helper in helpers)


def _restored(policy: Policy, parts: Sequence[_Part], stakes: Stakes) -> DemandDecision | None:
    """The helpers that come back, all at once; None where none does."""
    asking = [part for part in parts if part.decision.verdict == "restore"]
    wanted = dict.fromkeys(action_id for part in asking for action_id in part.decision.action_ids)
    back = tuple(a for a in wanted if _share(asking, a, stakes) > 1 - policy.enough_of_spend)
    if not back:
        return None
    return replace(asking[0].decision, action_ids=back, reason=_told(asking, parts))


def _retired(
    policy: Policy, history: History, parts: Sequence[_Part], stakes: Stakes, stopped: Sequence[Hold]
) -> DemandDecision | None:
    """The helper that goes, one at a time; None where none does."""
    asking = [part for part in parts if part.decision.verdict == "demote"]
    for first in asking:
        [action_id] = first.decision.action_ids
        share = _share(asking, action_id, stakes)
        if share < policy.enough_of_spend:
            continue
        agreed = [part for part in asking if part.holds(action_id)]
        bidding = [part for part in parts if part.holds(action_id)]
        decision = replace(first.decision, automatic=all(part.decision.automatic for part in agreed))
        person = _needs_person(decision, policy, history, bidding, stopped)
        others = stakes.others(action_id, {part.scope.key for part in agreed})
        missing = scope_words.still_needed(others, 1 - share) if others and not person else ""
        return replace(decision, needs_person=person, reason=" ".join(filter(None, [_told(agreed, parts), missing])))
    return None


def _kept(parts: Sequence[_Part], stakes: Stakes) -> DemandDecision:
    """Nothing changes, or everything is held: holds are the account's, and said once."""
    first = parts[0].decision
    if all(part.decision.verdict == "hold" for part in parts):
        return replace(first, reason=parts[0].reason)
    policy = parts[0].policy
    said = [scope_words.together([(part.name, part.reason) for part in parts]) if len(parts) > 1 else parts[0].reason]
    for verdict, explain in (("demote", scope_words.needed_elsewhere), ("restore", scope_words.needed_here_only)):
        alone = [part for part in parts if part.decision.verdict == verdict]
        if alone:
            wanted = {action_id for part in alone for action_id in part.decision.action_ids}
            share = max(_share(alone, action_id, stakes) for action_id in wanted)
            said.append(explain([part.name for part in alone], share, policy))
    held = any(part.decision.verdict == "hold" for part in parts)
    return replace(first, verdict="hold" if held else "keep", action_ids=(), automatic=True, reason=" ".join(said))


def _told(asking: Sequence[_Part], parts: Sequence[_Part]) -> str:
    if len(parts) == 1:
        return parts[0].reason
    return scope_words.together([(part.name, part.reason) for part in asking])


def _needs_person(
    decision: DemandDecision, policy: Policy, history: History, bidding: Sequence[_Part], stopped: Sequence[Hold]
) -> str:
    """Why a retirement is not carried out without a person; "" where it is."""
    if not decision.automatic:
        return words.waiting_for_person(policy.cycle_days)
    if any(hold.code == DRIFT and hold.about not in decision.action_ids for hold in stopped):
        return scope_words.BY_HAND
    campaigns = [campaign for part in bidding for campaign in (*part.scope.bidding, *part.scope.resting)]
    now = decision.standing
    spend = sustained_spend(
        pooled(campaigns, _as_evidence(history.campaigns, bidding)), now.effective_days, now.dispersion, policy
    )
    if spend.share >= policy.enough_of_spend:
        return ""
    names = names_of_units(campaigns)
    return scope_words.too_thin(spend.share, policy, [names[unit] for unit in spend.others])


def _as_evidence(volumes: Iterable[CampaignVolume], parts: Sequence[_Part]) -> Iterator[CampaignVolume]:
    """What campaigns sold, less the share of it that is no evidence in their scope: a declared sale, a week that stands out."""
    for volume in volumes:
        for part in parts:
            if part.scope.campaigns is None or volume.campaign_id in part.scope.campaigns:
                kept = min(part.now.counted / part.sold, 1.0) if part.sold else 1.0
                yield replace(volume, conversions=volume.conversions * kept)
                break


def _share(asking: Sequence[_Part], action_id: str, stakes: Stakes) -> float:
    return stakes.share(action_id, {part.scope.key for part in asking if part.holds(action_id)})
