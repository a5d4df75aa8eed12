"""The funnel step by step, where it loses most, and whether carts are few or few of them become orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from adsync.catalog import CATALOGUE, MAIN_GOALS
from adsync.model.account import Account
from adsync.model.analytics import BASELINE_EVENT, Funnel
from adsync.model.dropoff import CART, Carts, DropOff, Step
from adsync.model.figures import capital, percent
from adsync.score.intervals import wilson

USUAL_ORDERS_PER_CART = 0.30
"""About 70 % of carts are left behind on average (Baymard Institute, mean of some fifty studies, 2023)."""

USUAL_CARTS_PER_VISITOR = 0.059
"""On average (Littledata, 2022, of visits; the best fifth of shops has 9.8 %)."""

ORDER = "PURCHASE"
"""Google Ads' category of what carts become."""

FEW = 2 / 3
"""Of what is usual: what lies below is said to be few."""

AS_USUAL = 0.9
"""Of what is usual: what is closer to it is no news, for what is usual is itself only known so well."""

ENOUGH_BUYERS = 20
"""Who did the macro, from which on it is told that most of them filled no cart before."""

MANY_OF_THEM = 0.5
"""Share of those who did the macro who must have taken all steps for it to be told where the largest share is lost."""

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
        (account.macro.event_name, capital(account.macro.event_name.replace("_", " ")), baseline.completed),
    ]
    cart = by_event.get(CART) if account.macro.event_name != CART else None
    carts = Carts(filled=cart.entered, ordered=cart.completed) if cart else None
    return replace(drop_off_of(named, carts, baseline.completed), window=baseline.window)


def drop_off_of(named: Sequence[tuple[str, str, int]], carts: Carts | None = None, buyers: int = 0) -> DropOff:
    """The same of events, titles and users, from the visit to the macro, and of carts where there are any to fill.

    buyers: who did the macro, whatever they did before.
    """
    steps = []
    before = named[0][2] if named else 0
    for event_name, title, users in named:
        steps.append(Step(event_name=event_name, title=title, users=users, kept=users / before if before else 0.0))
        before = users
    return DropOff(steps=tuple(steps), advice=_advice(steps, carts, buyers))


def _advice(steps: Sequence[Step], carts: Carts | None, buyers: int) -> str:
    if len(steps) < 2 or steps[0].users < ENOUGH_PEOPLE:
        return ""
    on_carts = _on_carts(steps[0].users, carts, buyers) if carts and _is_order(steps[-1].event_name) else ""
    return " ".join(filter(None, (on_carts, _largest_loss(steps, buyers))))


def _is_order(macro: str) -> bool:
    """Whether carts become orders by it: a purchase, or a name of the site's own, which may be one."""
    known = {e.event_name: e.category for e in (*CATALOGUE, *MAIN_GOALS)}
    return known.get(macro, ORDER) == ORDER


def _largest_loss(steps: Sequence[Step], buyers: int) -> str:
    if len(steps) == 2:  # of one share it goes without saying
        return ""
    if buyers >= ENOUGH_BUYERS and steps[-1].users < MANY_OF_THEM * buyers:
        return (
            f'Of {buyers:,} visitors who came to "{steps[-1].title}" {steps[-1].users:,} took all of these steps in this order: '
            "most come by another way, and where they are lost is not seen here."
        )
    told = [pair for pair in pairwise(steps) if pair[0].users >= ENOUGH_PEOPLE]
    before, worst = min(told, key=lambda pair: pair[1].kept)
    if worst.kept >= 1:
        return ""
    return f'The largest share is lost between "{before.title}" and "{worst.title}": {percent(worst.kept)} go on.'


def _on_carts(visitors: int, carts: Carts, buyers: int) -> str:
    """Whether the checkout is the trouble, or what comes before it; or why nothing can be said of either."""
    without = buyers - carts.ordered
    if buyers >= ENOUGH_BUYERS and without > carts.ordered:
        return (
            f"Of {buyers:,} visitors who bought, {without:,} had filled no cart before: the log lacks events of carts "
            f"({CART} is not sent everywhere), or there is a way around them. So nothing is said of the checkout."
        )
    per_visitor = carts.filled / visitors
    fill = f"{percent(per_visitor)} of visitors fill one (about {percent(USUAL_CARTS_PER_VISITOR)} is usual)"
    could_be_few = visitors * USUAL_CARTS_PER_VISITOR >= ENOUGH_PEOPLE
    traffic = ""
    if could_be_few and per_visitor < USUAL_CARTS_PER_VISITOR * FEW:
        traffic = f"Few carts: {fill}. Look at the traffic and the product page."
    if carts.filled < ENOUGH_PEOPLE:
        too_few = f"Too few carts in these days to judge the checkout by ({carts.filled} of {visitors:,} visitors)."
        return traffic or too_few
    per_cart = carts.ordered / carts.filled
    checkout = _on_checkout(per_cart, carts)
    if per_cart < USUAL_ORDERS_PER_CART * FEW:
        return checkout
    return f"{checkout} {traffic or f'Nor are carts few: {fill}.'}"


def _on_checkout(per_cart: float, carts: Carts) -> str:
    usual = percent(USUAL_ORDERS_PER_CART)
    if per_cart < USUAL_ORDERS_PER_CART * FEW:
        return (
            f"Few carts become orders: {carts.ordered:,} of {carts.filled:,} ({percent(per_cart)}; about {usual} is usual). "
            "Look at cost, payment and errors in the checkout."
        )
    become = f"{percent(per_cart)} of carts become orders (about {usual} is usual)"
    if per_cart >= USUAL_ORDERS_PER_CART * AS_USUAL:
        return f"The checkout holds: {become}."
    if wilson(carts.ordered, carts.filled).high >= USUAL_ORDERS_PER_CART:
        return f"{become}; {carts.filled:,} carts are too few to tell that apart."
    return f"The checkout keeps a little less than usual, but not much: {become}."
