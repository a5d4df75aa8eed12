"""What an account's stored numbers say about its candidates: Google is not asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from adsync.changelog import known_on
from adsync.judging import judge
from adsync.model.account import Account
from adsync.model.ads import AccountState, ConversionAction
from adsync.model.log import Past
from adsync.model.pulled import Report
from adsync.model.tier import AccountScores, TierScore, Unasked
from adsync.ports import State
from adsync.pull import CAMPAIGN_WEEKS, read_campaign_weeks
from adsync.score.moving import different_attribution, moving_scores
from adsync.score.parts import with_parts
from adsync.score.tiers import account_scores, undecided


def stored_scores(account: Account, state: State, *, as_of: date | None = None) -> AccountScores:
    """The scores of one account as known on its newest night, or on an earlier one."""
    known = known_on(account, state, as_of)
    if known is None:
        note = (
            f"Nothing was known on {as_of}." if as_of else f"Nothing is known yet: adsync pull --account {account.name}"
        )
        return AccountScores(account=account.name, macro=account.macro.event_name, as_of=None, notes=(note,))
    state, snapshot, night = known.state, known.snapshot, known.night
    judged = judge(account, state, night, snapshot)
    found = account_scores(account, judged.history, judged.evidence)
    found = _with_parts(account, state, night, found)
    scores, unasked = _by_campaigns(account, state, snapshot.state, judged.past, night, undecided(found))
    return replace(found, scores=(*found.scores, *scores), unasked=(*found.unasked, *unasked))


def _with_parts(account: Account, state: State, night: date, found: AccountScores) -> AccountScores:
    """Grade B by device and channel, and why it is not all of that."""
    parts = state.numbers.funnel_parts(account.customer_id, night)
    copy = state.numbers.newest_copies(account.customer_id, night).get(Report.FUNNEL_PARTS)
    note = (
        f"Not all candidates are known by device and channel: {copy.fault}." if copy is not None and copy.fault else ""
    )
    return replace(
        found,
        scores=with_parts(found.scores, parts, account.policy.false_discovery_rate),
        notes=(*found.notes, *([note] if note else [])),
    )


def _by_campaigns(
    account: Account, state: State, settings: AccountState, past: Past, night: date, events: Sequence[str]
) -> tuple[tuple[TierScore, ...], tuple[Unasked, ...]]:
    """Grade C of these candidates."""
    macros = account.macro_actions(settings)
    earlier = _earlier_actions(account, state, night) if events else {}
    actions: dict[str, ConversionAction] = {}
    unasked: dict[str, str] = {}
    for candidate in (c for c in account.candidates if c.event_name in events):
        action = account.action_of(settings, candidate, past.counted_by)
        if action is None or not macros:
            unasked[candidate.event_name] = "No conversion action of Google Ads counts it."
        elif reason := different_attribution(macros, action) or _changed((*macros, action), earlier):
            unasked[candidate.event_name] = reason
        else:
            actions[candidate.event_name] = action
    weeks = read_campaign_weeks(account.customer_id, macros, actions, state.numbers, night) if actions else {}
    return moving_scores(weeks, unasked, account.macro.event_name, account.policy)


def _earlier_actions(account: Account, state: State, night: date) -> Mapping[date, Sequence[ConversionAction]]:
    """The actions as they were set every four weeks of the last year, as far back as there are copies."""
    days = [night - timedelta(weeks=back) for back in range(CAMPAIGN_WEEKS, 0, -4)]
    copies = ((day, state.numbers.snapshot(account.customer_id, day)) for day in days)
    return {day: copy.state.actions for day, copy in copies if copy is not None}


def _changed(actions: Sequence[ConversionAction], earlier: Mapping[date, Sequence[ConversionAction]]) -> str:
    """Why one of these counts otherwise than it did within the last year; "" where none is known to."""
    for day, copies in earlier.items():
        before = {action.id: _counting(action) for action in copies}
        for now in actions:
            if before.get(now.id, _counting(now)) != _counting(now):
                return f'"{now.name}" counts otherwise than on {day}: its settings were changed.'
    return ""


def _counting(action: ConversionAction) -> tuple[object, ...]:
    return (action.counting_type, action.attribution_model, action.click_window_days)
