"""Carries out what is approved: precondition, intent, one call, read back, close."""

from adsync.apply.run import Applied, ChangeResult, apply_plan, dry_run
from adsync.apply.settle import settle_open_entries

__all__ = ["Applied", "ChangeResult", "apply_plan", "dry_run", "settle_open_entries"]
