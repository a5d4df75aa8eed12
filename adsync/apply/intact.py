"""Whether a stored plan still is what was planned."""

from __future__ import annotations

from adsync.errors import Refused
from adsync.model.plan import Plan


def not_as_planned(plan: Plan, done: frozenset[str]) -> Refused | None:
    """Why a plan may not be applied of which a change that is still to be made was edited; None when it may."""
    edited = [name for name in plan.edited if name not in done]
    if not edited:
        return None
    again = "adsync rollback" if plan.origin == "rollback" else "adsync plan"
    return Refused(
        f"Plan {plan.id} was not applied.",
        f"What is stored of {' and '.join(edited)} is not what was planned: it was changed in the state database afterwards.",
        next_step=f"Make a fresh one: {again}",
    )
