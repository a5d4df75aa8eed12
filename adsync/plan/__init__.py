"""Decisions and the account as it is, in; ordered, guarded changes, out."""

from adsync.plan.diff import changes_for
from adsync.plan.limits import beyond_limits
from adsync.plan.make import make_plan

__all__ = ["beyond_limits", "changes_for", "make_plan"]
