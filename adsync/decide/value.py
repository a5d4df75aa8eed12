"""The values that helpers are given where bidding is after value: docs/statistics.md, "Values"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from adsync.decide.guards import usable_until
from adsync.decide.helper_words import no_value, valuing
from adsync.model.account import Account
from adsync.model.ads import AccountState, ConversionAction
from adsync.model.decision import SHARE_THAT_BUYS, Decision, Helper, Verb
from adsync.model.evidence import Evidence
from adsync.model.history import History
from adsync.model.value import MOVED, DrawnShare, fair_weight, inflation, rounded
from adsync.model.window import Window

WEEKS = 26
FEWEST_MACROS = 10
"""With fewer of them in half a year, one large order decides what a macro is worth."""

EXTREME = 0.95
"""Of the macros, the cheapest days first: days on which one was worth more than on the one that reaches this share count
as that one. Where they are few, 99 % would leave a single huge order as it is."""

REST_DAYS = 30
"""A value is written anew only so many days after it was last written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Valued:
    """The helpers that are bid on, or are to be, and what is known of each.

    shares: of those that are good. written: when each action's value was last written by adsync.
    """

    helpers: Sequence[Helper]
    shares: Mapping[str, DrawnShare]
    evidence: Mapping[str, Evidence]
    written: Mapping[str, date]


def values_due(account: Account, state: AccountState, history: History, seen: Valued) -> list[Decision]:
    """What has to be written so that bidding takes no helper for a macro.

    Only where campaigns bid for value: others count, and look at no value. A helper that is still to be promoted gets a
    decision even where its value cannot be said: then it waits.
    """
    reached = [h for h in seen.helpers if _is_valued(account, state, h)]
    known = [h for h in reached if h.event_name in seen.shares]
    if not reached:
        return []
    macro_value = worth_of_macro(account, state, history)
    if macro_value is None:
        because = no_value(account.macro.event_name, FEWEST_MACROS, WEEKS)
        waiting = [h for h in reached if not h.primary and not _has_value(state, h)]
        return [Decision(event_name=h.event_name, action_id=h.action_id, because=because) for h in waiting]
    coverages = [seen.evidence[h.event_name].coverage for h in known]
    weight = fair_weight(coverages)
    found = []
    for helper in known:
        share, action = seen.shares[helper.event_name], state.action(helper.action_id)
        assert action is not None
        given = weight * macro_value
        value = rounded(given * share.point, most=macro_value)
        if not _is_due(action, value, (given * share.low, given * share.high), seen.written, history.as_of):
            continue
        found.append(
            Decision(
                event_name=helper.event_name,
                verb=Verb.VALUE,
                action_id=helper.action_id,
                value=value,
                because=valuing(
                    account.macro.event_name,
                    helper.event_name,
                    value,
                    share,
                    macro_value,
                    weight,
                    inflation(coverages, weight),
                    state.customer.currency,
                ),
                numbers=(
                    (SHARE_THAT_BUYS, round(share.point, 4)),
                    (f"one {account.macro.event_name} is worth", round(macro_value, 2)),
                    ("share of it that is given", round(weight, 3)),
                    ("reported value, times what was sold", round(inflation(coverages, weight), 2)),
                ),
                evidence=seen.evidence[helper.event_name],
            )
        )
    return found


def _has_value(state: AccountState, helper: Helper) -> bool:
    action = state.action(helper.action_id)
    return action is not None and action.has_fixed_value


def worth_of_macro(account: Account, state: AccountState, history: History) -> float | None:
    """The mean value of a macro over half a year, in account currency; None where too few are known, or none has a value."""
    actions = account.macro_actions(state)
    window = Window.ending(usable_until(actions, history.as_of), days=7 * WEEKS)
    sales = [sale for action in actions for sale in _sales(action, history, window)]
    count = sum(number for number, _ in sales)
    if count < FEWEST_MACROS:
        return None
    most = _quantile(sales, EXTREME * count)
    mean = sum(number * min(each, most) for number, each in sales) / count
    return mean if mean > 0 else None


def _sales(action: ConversionAction, history: History, window: Window) -> list[tuple[float, float]]:
    """Conversions of each day, and what one was worth."""
    counts, values = history.conversions.get(action.id), history.values.get(action.id)
    if counts is None or (values is None and not action.always_use_default_value):
        return []
    if values is None or action.always_use_default_value:
        return [(count, action.default_value) for count in counts.during(window) if count]
    days = zip(counts.during(window), values.during(window), strict=True)
    return [(count, value / count) for count, value in days if count and value is not None]


def _quantile(sales: Sequence[tuple[float, float]], reached: float) -> float:
    """What one was worth on the day on which that many conversions are reached, the cheapest first."""
    total = 0.0
    for number, each in sorted(sales, key=lambda sale: sale[1]):
        total += number
        if total >= reached:
            return each
    return max(each for _, each in sales)


def _is_valued(account: Account, state: AccountState, helper: Helper) -> bool:
    """Whether somebody bids on its value, or will."""
    action = state.action(helper.action_id)
    return action is not None and any(s.on_value and s.reaches(action.goal) for s in account.scopes(state))


def _is_due(
    action: ConversionAction,
    value: float,
    plausible: tuple[float, float],
    written: Mapping[str, date],
    today: date,
) -> bool:
    if value <= 0:
        return False
    if not action.has_fixed_value:
        return True
    old, (low, high) = action.default_value, plausible
    last = written.get(action.id)
    rested = last is None or today - last >= timedelta(days=REST_DAYS)
    return rested and abs(value / old - 1) > MOVED and not low <= old <= high
