"""Carries out what is approved: precondition, intent, one call, read back, close."""

from adsync.apply.allowance import AccountAllowance, Countdown
from adsync.apply.run import Applied, ChangeResult, apply_plan, dry_run
from adsync.apply.settle import settle_open_entries

__all__ = ["AccountAllowance", "Applied", "ChangeResult", "Countdown", "apply_plan", "dry_run", "settle_open_entries"]
