"""Copies Google's numbers, settings and capabilities into the state database, as known today."""

from adsync.pull.campaign_weeks import WEEKS as CAMPAIGN_WEEKS
from adsync.pull.campaign_weeks import read_campaign_weeks
from adsync.pull.history import read_counts, read_history, read_scopes
from adsync.pull.night import Pulled, pull_account

__all__ = [
    "CAMPAIGN_WEEKS",
    "Pulled",
    "pull_account",
    "read_campaign_weeks",
    "read_counts",
    "read_history",
    "read_scopes",
]
