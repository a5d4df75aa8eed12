"""Checks everything that a night needs, and says the exact remedy for each finding."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from adsync.doctor.account import account_findings
from adsync.doctor.findings import Finding, Grade
from adsync.doctor.installation import installation_findings
from adsync.model.account import Account
from adsync.wiring import Wiring

__all__ = ["Finding", "Grade", "examine"]


def examine(wiring: Wiring, accounts: tuple[Account, ...]) -> tuple[Finding, ...]:
    """All findings: the installation first, then account by account. Asks Google, changes nothing."""
    findings = [*installation_findings(wiring)]
    with ThreadPoolExecutor(wiring.settings.limits.threads) as pool:
        for found in pool.map(lambda account: list(account_findings(wiring, account)), accounts):
            findings += found
    return tuple(findings)
