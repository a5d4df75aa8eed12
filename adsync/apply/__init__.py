"""Carries out what is approved: precondition, intent, one call, read back, close."""

from adsync.apply.allowance import AccountAllowance, Countdown
from adsync.apply.results import Applied, ChangeResult
from adsync.apply.run import apply_plan
from adsync.apply.settle import settle_open_entries

__all__ = ["AccountAllowance", "Applied", "ChangeResult", "Countdown", "apply_plan", "settle_open_entries"]
