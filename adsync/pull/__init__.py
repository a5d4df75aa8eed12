"""Copies Google's numbers, settings and capabilities into the state database, as known today."""

from adsync.pull.campaign_weeks import WEEKS as CAMPAIGN_WEEKS
from adsync.pull.campaign_weeks import read_campaign_weeks
from adsync.pull.capabilities import questions_due
from adsync.pull.history import read_counts, read_history, read_scopes
from adsync.pull.night import Pulled, pull_account
from adsync.pull.outcome_counts import Source, conversions_are_late, read_counts_of_campaigns, unknown_days

__all__ = [
    "CAMPAIGN_WEEKS",
    "Pulled",
    "Source",
    "conversions_are_late",
    "pull_account",
    "questions_due",
    "read_campaign_weeks",
    "read_counts",
    "read_counts_of_campaigns",
    "read_history",
    "read_scopes",
    "unknown_days",
]
