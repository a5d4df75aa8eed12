"""The funnel step by step, where it loses most, and whether carts are few or few of them become orders."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from adsync.model.account import Account
from adsync.model.analytics import BASELINE_EVENT, Funnel
from adsync.model.dropoff import CART, Carts, DropOff, Step
from adsync.model.figures import percent

USUAL_ORDERS_PER_CART = 0.30
"""About 70 % of carts are left behind on average (Baymard Institute, mean of some fifty studies, 2023)."""

USUAL_CARTS_PER_VISITOR = 0.059
"""On average (Littledata, 2022, of visits; the best fifth of shops has 9.8 %)."""

FEW = 2 / 3
"""Of what is usual: what lies below is said to be few."""

ENOUGH_PEOPLE = 50
"""At a step, or with a cart, from which on it is told how many go on; of carts that would be usual, whether they are few."""


def drop_off(account: Account, funnels: Sequence[Funnel]) -> DropOff:
    """Visits, each step on the path in its usual order, and the macro. Empty where there are no funnels."""
    by_event = {f.event_name: f for f in funnels}
    baseline = by_event.get(BASELINE_EVENT)
    if baseline is None:
        return DropOff(steps=())
    on_path = sorted((c for c in account.candidates if c.on_path and c.event_name in by_event), key=lambda c: c.depth)
    named = [
        (BASELINE_EVENT, "Visitors", baseline.entered),
        *((c.event_name, c.title, by_event[c.event_name].entered) for c in on_path),
        (account.macro.event_name, account.macro.event_name.replace("_", " ").capitalize(), baseline.completed),
    ]
    cart = by_event.get(CART) if account.macro.event_name != CART else None
    return drop_off_of(named, Carts(filled=cart.entered, ordered=cart.completed) if cart else None)


def drop_off_of(named: Sequence[tuple[str, str, int]], carts: Carts | None = None) -> DropOff:
    """The same of events, titles and users, from the visit to the macro, and of carts where there are any to fill."""
    steps = []
    before = named[0][2] if named else 0
    for event_name, title, users in named:
        steps.append(Step(event_name=event_name, title=title, users=users, kept=users / before if before else 0.0))
        before = users
    return DropOff(steps=tuple(steps), advice=_advice(steps, carts))


def _advice(steps: Sequence[Step], carts: Carts | None) -> str:
    if len(steps) < 2 or steps[0].users < ENOUGH_PEOPLE:
        return ""
    on_carts = _on_carts(steps[0].users, carts) if carts else ""
    return " ".join(filter(None, (on_carts, _largest_loss(steps))))


def _largest_loss(steps: Sequence[Step]) -> str:
    told = [pair for pair in pairwise(steps) if pair[0].users >= ENOUGH_PEOPLE]
    before, worst = min(told, key=lambda pair: pair[1].kept)
    if worst.kept >= 1:
        return ""
    return f'The largest share is lost between "{before.title}" and "{worst.title}": {percent(worst.kept)} go on.'


def _on_carts(visitors: int, carts: Carts) -> str:
    """Whether the checkout is the trouble, or what comes before it."""
    per_visitor = carts.filled / visitors
    fill = f"{percent(per_visitor)} of visitors fill one (about {percent(USUAL_CARTS_PER_VISITOR)} is usual)"
    could_be_few = visitors * USUAL_CARTS_PER_VISITOR >= ENOUGH_PEOPLE
    traffic = ""
    if could_be_few and per_visitor < USUAL_CARTS_PER_VISITOR * FEW:
        traffic = f"Few carts: {fill}. Look at the traffic and the product page."
    if carts.filled < ENOUGH_PEOPLE:
        too_few = f"Too few carts in these days to judge the checkout by ({carts.filled} of {visitors:,} visitors)."
        return traffic or too_few
    per_cart, usual = carts.ordered / carts.filled, percent(USUAL_ORDERS_PER_CART)
    if per_cart < USUAL_ORDERS_PER_CART * FEW:
        return (
            f"Few carts become orders: {carts.ordered:,} of {carts.filled:,} ({percent(per_cart)}; about {usual} is usual). "
            "Look at cost, payment and errors in the checkout."
        )
    is_usual = per_cart >= USUAL_ORDERS_PER_CART or percent(per_cart) == usual
    stands = "The checkout holds" if is_usual else "The checkout keeps a little less than usual, but not much"
    holds = f"{stands}: {percent(per_cart)} of carts become orders (about {usual} is usual)."
    return f"{holds} {traffic or f'Nor are carts few: {fill}.'}"
