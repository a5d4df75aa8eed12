"""Applies a plan: what is approved or automatic, or only as a trial."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from adsync.apply.allowance import AccountAllowance
from adsync.apply.gate import Gate
from adsync.apply.intact import not_as_planned
from adsync.apply.results import Applied
from adsync.apply.runner import Runner
from adsync.apply.trial import Trial
from adsync.model.account import Account
from adsync.model.business_date import business_date
from adsync.model.log import Past
from adsync.model.plan import Approval, Plan
from adsync.ports import AdsReader, Analytics, Clock, Ledger, Writer


def apply_plan(
    plan: Plan,
    account: Account,
    words: Callable[[], Mapping[str, Approval]],
    past: Past,
    *,
    done: frozenset[str],
    ads: AdsReader,
    analytics: Analytics,
    writer: Writer,
    ledger: Ledger,
    clock: Clock,
    timeout_seconds: float,
    allowance: AccountAllowance,
    zone: str = "UTC",
    dry: bool = False,
) -> Applied:
    """Applies what may be applied, in the plan's order. words: what people have said by now on its changes, asked before each of
    them. done: names of changes that were carried out before. zone: the
    account's time zone. dry: Google only validates what would be sent, and nothing is written down.

    Stops at the first error that would meet the next change as well, and at the first ambiguous answer.
    """
    if refused := not_as_planned(plan, done):
        return Applied(stopped_by=refused)
    timeout = timedelta(seconds=timeout_seconds)
    gate = Gate.of(plan, ledger, business_date(clock.now(), zone), zone, account.policy.stage_gap_days)
    runner = Trial if dry else Runner
    return runner(
        plan, account, words, past, done, ads, analytics, writer, ledger, clock, timeout, allowance, gate
    ).run()
