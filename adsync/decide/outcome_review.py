"""What a review finds on its day: main conversions per cost after a change, against before it and against other campaigns.

`concluded` takes values and returns values: no clock, no I/O. What is dated after the windows changes nothing.
Why per cost, and what the figures come from: docs/statistics.md, "Outcome reviews".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from adsync.decide.lumpiness import lumpiness
from adsync.decide.rate_ratio import Rates, ratio, ratio_of_ratios
from adsync.model.evidence import Interval
from adsync.model.figures import percent
from adsync.model.outcome_review import (
    CampaignCounts,
    Concluded,
    Counted,
    Doubt,
    Doubted,
    OutcomeReview,
    ReviewVerdict,
)
from adsync.model.policy import Policy
from adsync.model.window import Window

FALL = 0.70
"""A fall to this or less must be ruled out by the interval before anything is said to have held."""

NOTABLE = 0.10
"""A smaller change of the rate is neither better nor worse, however sure it is: markets move as much by themselves."""

SPEND = 1.5
"""Within this factor what is spent is like before; more money buys dearer conversions, and less money cheaper ones."""

RESTED = 0.25
"""Share of the spend whose campaigns rested; from here on others are compared than were bid on before."""

WEEKS_LEFT = 3
"""So many whole usable weeks must be left in each window."""


def concluded(
    review: OutcomeReview,
    counts: Sequence[CampaignCounts],
    aside: Mapping[date, Doubt],
    doubts: Sequence[Doubted],
    policy: Policy,
    today: date,
) -> Concluded:
    """What a review found.

    counts: by day and campaign; a day without a row had none. aside: days that are no evidence, and why. doubts: what else
    speaks against the comparison.
    """
    before, after = _usable(review.before, aside), _usable(review.after, aside)
    touched, others = _of(counts, review.campaigns), _of(counts, review.compared_with)
    spent_before, spent_after = _sum(touched, before), _sum(touched, after)
    found = Concluded(on=today, verdict=ReviewVerdict.INCONCLUSIVE, before=spent_before, after=spent_after)
    reasons = [*_too_few_weeks(review, before, after, aside), *doubts]
    if not spent_before.cost or not spent_after.cost:
        nothing = Doubted(doubt=Doubt.PAUSED, saw="In one of the two windows its campaigns cost nothing.")
        return replace(found, doubts=(*reasons, *(() if reasons else (nothing,))))
    phi = lumpiness(_each(touched, before), _each(touched, after), policy)
    rates = _rates(spent_after, spent_before, phi)
    found = replace(
        found,
        per_cost=ratio(rates["cost"]),
        per_click=ratio(rates["clicks"]) if "clicks" in rates else None,
        per_day=ratio(rates["days"]),
        dispersion=phi,
    )
    beside = _sum(others, before), _sum(others, after)
    if all(each.cost for each in beside):
        theirs = _rates(beside[1], beside[0], lumpiness(_each(others, before), _each(others, after), policy))
        against = ratio_of_ratios(rates["cost"], theirs["cost"])
        found = replace(found, others_before=beside[0], others_after=beside[1], per_cost=against)
    reasons += _paused(touched, before, after)
    return replace(found, doubts=tuple(reasons)) if reasons else _judged(review, found)


def _judged(review: OutcomeReview, found: Concluded) -> Concluded:
    """The verdict, where nothing speaks against the comparison but that there may be too little to compare."""
    before, after, per_cost = found.before, found.after, found.per_cost
    assert before is not None and after is not None and per_cost is not None
    verdict = _verdict(per_cost)
    in_sight = before.macros * after.cost / before.cost
    spend = (after.cost / after.days) / (before.cost / before.days)
    # Less money buys the cheaper conversions, more money the dearer ones: only what goes against that says anything.
    flattered = spend < 1 / SPEND and verdict in (ReviewVerdict.IMPROVED, ReviewVerdict.HELD)
    burdened = spend > SPEND and verdict is ReviewVerdict.REGRESSED
    if before.macros < review.at_least or in_sight < review.at_least / 2:
        doubt, saw = (
            Doubt.TOO_LITTLE,
            (
                f"{before.macros:.0f} main conversions before the change, and {in_sight:.0f} to be expected after it, are "
                f"too few: {review.at_least:.0f} and {review.at_least / 2:.0f} are asked."
            ),
        )
    elif flattered or burdened:
        doubt, saw = (
            Doubt.SPEND,
            (
                f"{spend:.1f} times as much is spent a day as before the change: what a conversion costs moves with that alone."
            ),
        )
    elif verdict is ReviewVerdict.INCONCLUSIVE:
        doubt, saw = Doubt.TOO_LITTLE, "The numbers are too few to tell no change from a fall by 30 %."
    else:
        return replace(found, verdict=verdict)
    return replace(found, doubts=(Doubted(doubt=doubt, saw=saw),))


def _verdict(per_cost: Interval) -> ReviewVerdict:
    if per_cost.high < 1 and per_cost.point <= 1 - NOTABLE:
        return ReviewVerdict.REGRESSED
    if per_cost.low > 1 and per_cost.point >= 1 + NOTABLE:
        return ReviewVerdict.IMPROVED
    return ReviewVerdict.HELD if per_cost.low > FALL else ReviewVerdict.INCONCLUSIVE


def _usable(window: Window, aside: Collection[date]) -> list[Window]:
    """The whole weeks of which no day is set aside, oldest first."""
    weeks = [Window.ending(window.last - timedelta(days=7 * n), days=7) for n in reversed(range(len(window) // 7))]
    return [week for week in weeks if not any(day in aside for day in week)]


def _too_few_weeks(
    review: OutcomeReview, before: Sequence[Window], after: Sequence[Window], aside: Mapping[date, Doubt]
) -> list[Doubted]:
    found = []
    for left, window, which in ((len(before), review.before, "before"), (len(after), review.after, "after")):
        if left < WEEKS_LEFT:
            why = Counter(aside[day] for day in window if day in aside).most_common(1)[0][0]
            saw = f"{left} of the {len(window) // 7} weeks {which} the change can be compared: {_ASIDE[why]}"
            found.append(Doubted(doubt=why, saw=saw))
    return found


_ASIDE = {
    Doubt.SEASON: "a declared season lies in the others.",
    Doubt.TAG: "in the others the numbers of the main conversion were in doubt.",
    Doubt.PAUSED: "in the others the ads brought far fewer clicks than usual.",
    Doubt.UNKNOWN_DAYS: "of the others not all days were copied.",
}


def _of(counts: Iterable[CampaignCounts], campaigns: Collection[str]) -> list[CampaignCounts]:
    ids = frozenset(campaigns)
    return [each for each in counts if each.campaign_id in ids]


def _sum(counts: Sequence[CampaignCounts], weeks: Sequence[Window]) -> Counted:
    days = _days(weeks)
    inside = [each for each in counts if each.date in days]
    return Counted(
        macros=sum(each.macros for each in inside),
        clicks=sum(each.clicks for each in inside),
        cost=sum(each.cost for each in inside),
        days=len(days),
    )


def _days(weeks: Iterable[Window]) -> frozenset[date]:
    return frozenset(day for week in weeks for day in week)


def _each(counts: Sequence[CampaignCounts], weeks: Sequence[Window]) -> list[float]:
    """Macros of each of these weeks."""
    return [_sum(counts, [week]).macros for week in weeks]


def _rates(after: Counted, before: Counted, phi: float) -> dict[str, Rates]:
    """Main conversions per cost and per day, and per click where there were any."""
    of = {"cost": (after.cost, before.cost), "days": (after.days, before.days), "clicks": (after.clicks, before.clicks)}
    return {
        name: Rates(after=after.macros, after_of=new, before=before.macros, before_of=old, dispersion=phi)
        for name, (new, old) in of.items()
        if new and old
    }


def _paused(touched: Sequence[CampaignCounts], before: Sequence[Window], after: Sequence[Window]) -> list[Doubted]:
    """Campaigns that cost nothing on many of the days after the change, weighed by what they cost before it."""
    days_before, days_after = _days(before), _days(after)
    usual: dict[str, float] = {}
    ran: Counter[str] = Counter()
    for each in touched:
        if each.date in days_before:
            usual[each.campaign_id] = usual.get(each.campaign_id, 0.0) + each.cost
        elif each.date in days_after and each.cost:
            ran[each.campaign_id] += 1
    rested = sum(cost * (1 - ran[name] / len(days_after)) for name, cost in usual.items()) / sum(usual.values())
    if rested < RESTED:
        return []
    saw = f"Campaigns rested in the weeks after the change that stood for {percent(rested)} of the cost before it."
    return [Doubted(doubt=Doubt.PAUSED, saw=saw)]
