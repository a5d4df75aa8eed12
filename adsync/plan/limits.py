"""Which changes of a plan have to wait because there are too many of them."""

from __future__ import annotations

from adsync.model.limits import ChangeLimits, Month
from adsync.model.plan import Consent, Plan


def beyond_limits(plan: Plan, done: frozenset[str], limits: ChangeLimits, month: Month) -> str:
    """What will not be made in one run if everything is agreed to, and why; "" where all of it may be."""
    due = [(name, p) for name, p in plan.numbered() if p.not_before is None or p.not_before <= plan.made_on]
    names = [name for name, p in due if name not in done and p.consent is not Consent.PROPOSAL]
    left = max(limits.changes_per_month - month.made, 0)
    if plan.origin != "rollback" and left < min(len(names), limits.changes_per_run):
        return (
            f"{_waiting(names[left:])} until {month.next} at the earliest: {month.words}, and limits.changes_per_month of "
            f"{plan.account} is {limits.changes_per_month}."
        )
    if len(names) > limits.changes_per_run:
        return (
            f"{_waiting(names[limits.changes_per_run :])} for a later run: limits.changes_per_run of {plan.account} is "
            f"{limits.changes_per_run}."
        )
    return ""


def _waiting(names: list[str]) -> str:
    if len(names) == 1:
        return f"{names[0]} waits"
    return f"{names[0]} to {names[-1]} ({len(names)} changes) wait"
