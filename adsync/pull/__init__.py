"""Copies Google's numbers, settings and capabilities into the state database, as known today."""

from adsync.pull.history import read_counts, read_history, read_scopes
from adsync.pull.night import Pulled, pull_account

__all__ = ["Pulled", "pull_account", "read_counts", "read_history", "read_scopes"]
