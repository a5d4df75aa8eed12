"""adsync doctor --probe: what does Google do where its documentation leaves it open?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from adsync.errors import AdsyncError
from adsync.model.account import Account
from adsync.model.probe import Probe
from adsync.wiring import Wiring


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeOutcome:
    """What one account was asked, or why it could not be."""

    account: Account
    probe: Probe | None = None
    error: AdsyncError | None = None


def probe(wiring: Wiring, accounts: tuple[Account, ...]) -> tuple[ProbeOutcome, ...]:
    """Puts Google's open questions to each account, one after the other. Changes nothing, the state database included."""
    outcomes = []
    for account in accounts:
        yesterday = wiring.clock.now().date() - timedelta(days=1)
        try:
            outcomes.append(ProbeOutcome(account=account, probe=wiring.open_questions(account).ask(yesterday)))
        except AdsyncError as error:
            outcomes.append(ProbeOutcome(account=account, error=error))
    return tuple(outcomes)
