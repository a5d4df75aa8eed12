"""The first helpers to bid on, where the macro is too rare to learn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from adsync.decide import helper_words
from adsync.model.account import Account
from adsync.model.ads import VALUE_BIDDING, AccountState, ConversionAction
from adsync.model.decision import (
    AT_LEAST,
    AT_MOST,
    SHARE_THAT_BUYS,
    Decision,
    DemandDecision,
    Helper,
    Numbers,
    ScopeStanding,
    Verb,
)
from adsync.model.evidence import Evidence, Verdict
from adsync.model.history import History
from adsync.model.log import Past
from adsync.model.scope import Scope
from adsync.model.selection import Selection
from adsync.model.volume import DailySeries
from adsync.model.window import Window

HEADROOM = 1.3
"""A helper should bring this much more than the demand, or the first weak month starves bidding again."""


def first_helpers(
    account: Account,
    state: AccountState,
    history: History,
    demand: DemandDecision,
    known: Sequence[tuple[Evidence, Helper]],
    past: Past,
) -> tuple[Decision, ...]:
    """Those that the event log chose, or else the deepest that alone brings enough; none while none is needed or good enough.

    known: the helpers that could be bid on, with what is known of each.
    """
    starving = [scope for scope in demand.scopes if scope.standing.starved]
    too_few = sum(scope.spend for scope in starving) <= 1 - account.policy.enough_of_spend
    if demand.verdict != "keep" or too_few:
        return ()
    # The one that costs most of those that starve: what it needs decides.
    worst = starving[0]
    scope = next(scope for scope in account.scopes(state) if scope.key == worst.key)
    seen = _Recorded(account, state, history, scope, dict(past.recording))
    fit = [(evidence, helper) for evidence, helper in known if _is_fit(account, state, evidence, helper)]
    offers = [
        _Offer(evidence, helper, clicks)
        for evidence, helper in fit
        if (clicks := seen.monthly(helper.action_id)) is not None
    ]
    need = HEADROOM * worst.standing.demand
    selection = _selection(history)
    if selection is not None:
        chosen = [(e, h) for e, h in fit if e.grade == "A" and e.event_name in selection.events]
        if waiting := [(e, h) for e, h in chosen if seen.is_young(h.action_id)]:
            return tuple(_waits(account, e, h, selection) for e, h in waiting)
        ready = [offer for offer in offers if any(offer.helper is h for _, h in chosen)]
        if ready and (sum(offer.clicks for offer in ready) >= need or not any(o.clicks >= need for o in offers)):
            return tuple(_promotes(account, offer, need, worst, selection) for offer in ready)
    if not offers:
        return tuple(_waits(account, e, h, None) for e, h in fit if seen.is_young(h.action_id))
    enough = [offer for offer in offers if offer.clicks >= need]
    best = (
        max(enough, key=lambda offer: (offer.evidence.share.point, offer.evidence.event_name))
        if enough
        else max(offers, key=lambda offer: (offer.clicks, offer.evidence.event_name))
    )
    return (_promotes(account, best, need, worst),)


def asked_share(account: Account, state: AccountState, action: ConversionAction) -> float:
    """The lowest share that must go on to the macro before an action is bid on: none where all that would bid on it do so
    for value. A campaign that counts conversions takes a helper for as much as a sale."""
    campaigns = [c for scope in account.scopes(state) if scope.reaches(action.goal) for c in scope.bidding]
    only_values = bool(campaigns) and all(c.strategy in VALUE_BIDDING for c in campaigns)
    return 0.0 if only_values else account.policy.minimum_share


@dataclass(frozen=True, slots=True)
class _Offer:
    """A helper that could be bid on, and how many conversions a month it brings the scope."""

    evidence: Evidence
    helper: Helper
    clicks: float


def _is_fit(account: Account, state: AccountState, evidence: Evidence, helper: Helper) -> bool:
    action = state.action(helper.action_id)
    return (
        action is not None
        and evidence.verdict is Verdict.GOOD
        and evidence.share.point >= asked_share(account, state, action)
    )


def _selection(history: History) -> Selection | None:
    """What the log chose to bid on, while it is young."""
    log = history.log_scores
    return log.selection if log is not None and log.is_believed(history.as_of) else None


def _promotes(
    account: Account, offer: _Offer, need: float, worst: ScopeStanding, selection: Selection | None = None
) -> Decision:
    best, macro = offer.evidence, account.macro.event_name
    because = helper_words.promoting(
        macro, best, offer.clicks, need, worst.standing, account.policy, most=selection is None
    )
    chosen: Numbers = ()
    if selection is not None:
        because = f"{because} {helper_words.chosen_by_log(selection)}"
        chosen = (
            ("chosen by the event log", ", ".join(selection.events)),
            ("visitors in 30 days", round(selection.volume, 1)),
        )
    return Decision(
        event_name=best.event_name,
        verb=Verb.PROMOTE,
        action_id=offer.helper.action_id,
        because=because,
        numbers=(
            ("conversions a month", round(offer.clicks, 1)),
            ("wanted", round(need, 1)),
            (SHARE_THAT_BUYS, round(best.share.point, 4)),
            (AT_LEAST, round(best.share.low, 4)),
            (AT_MOST, round(best.share.high, 4)),
            ("lift", round(best.lift.point, 2)),
            *chosen,
            *helper_words.graded(best),
        ),
        evidence=best,
    )


def _waits(account: Account, evidence: Evidence, helper: Helper, selection: Selection | None) -> Decision:
    because = helper_words.observed_first(selection, account.policy)
    return Decision(event_name=evidence.event_name, action_id=helper.action_id, because=because, evidence=evidence)


@dataclass(frozen=True, slots=True)
class _Recorded:
    """What actions have recorded of ads of one scope."""

    account: Account
    state: AccountState
    history: History
    scope: Scope
    recording: Mapping[str, date]

    def is_young(self, action_id: str) -> bool:
        """Whether it will have been observed for long enough in some time, and has not yet."""
        days, wanted = self._days(action_id), self.account.policy.observe_days_before_promotion
        if days == 0:
            since = self.recording.get(action_id)
            return since is not None and (self.history.as_of - since).days < wanted
        return days is not None and days < wanted

    def monthly(self, action_id: str) -> float | None:
        """What the action recorded in 30 days, from ads of the scope.

        None until it has been observed for long enough, and where it would not be bid on there.
        """
        days = self.account.policy.observe_days_before_promotion
        observed = self._days(action_id)
        if observed is None or observed < days:
            return None
        series = self.history.conversions[action_id]
        count, known = series.total(Window.ending(self._last(series), days=days))
        return self._share(action_id) * 30.0 * count / known if known else None

    def _days(self, action_id: str) -> int | None:
        """Since it first recorded anything; 0 where it has not, None where it would not be bid on here."""
        action, series = self.state.action(action_id), self.history.conversions.get(action_id)
        if action is None or series is None or not self.scope.reaches(action.goal):
            return None
        first_seen = next((n for n, value in enumerate(series.values) if value), None)
        return 0 if first_seen is None else (self._last(series) - series.first).days - first_seen + 1

    def _last(self, series: DailySeries) -> date:
        """The newest day that counts: imported conversions are complete after three; by click date, when it is known at all."""
        last = self.history.as_of - timedelta(days=3)
        if self.history.complete_until is None:
            return last
        known_days = [n for n, value in enumerate(series.values) if value is not None]
        return min(last, series.first + timedelta(days=known_days[-1])) if known_days else last

    def _share(self, action_id: str) -> float:
        """Which share of what the action recorded of late comes from the campaigns of the scope."""
        if self.scope.campaigns is None:
            return 1.0
        recorded = [day for day in self.history.recent if day.action_id == action_id]
        whole = sum(day.all_conversions for day in recorded)
        inside = sum(day.all_conversions for day in recorded if day.campaign_id in self.scope.campaigns)
        return inside / whole if whole else 0.0
