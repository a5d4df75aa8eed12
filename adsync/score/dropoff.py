"""The funnel step by step, and where it loses most."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from adsync.model.account import Account
from adsync.model.analytics import BASELINE_EVENT, Funnel
from adsync.model.dropoff import DropOff, Step
from adsync.model.figures import percent

USUAL_ORDERS_PER_CART = 0.30
"""About 70 % of carts are left behind on average (Baymard Institute, mean of some fifty studies, 2023)."""

ENOUGH_CARTS = 50
"""People at a step from which on it is told how many go on."""

MANY_CARTS_PER_VISITOR = 0.10
"""Where as many fill a cart, there are not few: the best fifth of shops (Littledata, 2022: 9.8 % of visits, 5.9 % on average)."""

CART = "add_to_cart"


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
    return drop_off_of(named)


def drop_off_of(named: Sequence[tuple[str, str, int]]) -> DropOff:
    """The same of events, titles and users, from the visit to the macro."""
    steps = []
    before = named[0][2] if named else 0
    for event_name, title, users in named:
        steps.append(Step(event_name=event_name, title=title, users=users, kept=users / before if before else 0.0))
        before = users
    return DropOff(steps=tuple(steps), advice=_advice(steps))


def _advice(steps: Sequence[Step]) -> str:
    users = {step.event_name: step.users for step in steps}
    if len(steps) < 2 or steps[0].users < ENOUGH_CARTS:
        return ""
    told = [pair for pair in pairwise(steps) if pair[0].users >= ENOUGH_CARTS]
    before, worst = min(told, key=lambda pair: pair[1].kept)
    if worst.kept >= 1:
        return ""
    lost = f'Most are lost between "{before.title}" and "{worst.title}": {percent(worst.kept)} go on.'
    carts, orders = users.get(CART, 0), steps[-1].users
    if carts < ENOUGH_CARTS:
        return f"{lost} Few carts ({carts}): look at the traffic and the product page." if CART in users else lost
    per_cart = orders / carts
    if per_cart < USUAL_ORDERS_PER_CART * 2 / 3:
        return (
            f"Many carts, few orders: {orders} orders of {carts} carts ({percent(per_cart)}; about "
            f"{percent(USUAL_ORDERS_PER_CART)} is usual). Look at cost, payment and errors in the checkout. {lost}"
        )
    is_usual = per_cart >= USUAL_ORDERS_PER_CART or percent(per_cart) == percent(USUAL_ORDERS_PER_CART)
    stands = "The checkout holds" if is_usual else "The checkout keeps a little less than usual, but not much"
    holds = f"{stands}: {percent(per_cart)} of carts become orders (about {percent(USUAL_ORDERS_PER_CART)} is usual)."
    filled = carts / steps[0].users
    if filled >= MANY_CARTS_PER_VISITOR:
        return f"{holds} Nor are carts few: {percent(filled)} of visitors fill one. {lost}"
    return (
        f"{holds} Few carts: {percent(filled)} of visitors fill one. Look at the traffic and the product page. {lost}"
    )
