"""Decisions and the account as it is, in; ordered, guarded changes, out."""

from adsync.plan.diff import changes_for
from adsync.plan.make import make_plan

__all__ = ["changes_for", "make_plan"]
