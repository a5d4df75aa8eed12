"""History and rollback: what the change log says of the past, and the plan that takes an entry back."""

from adsync.changelog.before import targets_before
from adsync.changelog.current import current_snapshot, left_by_adsync, with_changes, with_own_settings
from adsync.changelog.known import known_on
from adsync.changelog.past import past_of
from adsync.changelog.pending import (
    done_changes,
    in_stored_words,
    open_plans,
    pending_changes,
    settled_changes,
    with_stored_values,
)
from adsync.changelog.reviews import reviewed_changes
from adsync.changelog.rollback import net_rollback, rollback_changes

__all__ = [
    "current_snapshot",
    "done_changes",
    "in_stored_words",
    "known_on",
    "left_by_adsync",
    "net_rollback",
    "open_plans",
    "past_of",
    "pending_changes",
    "reviewed_changes",
    "rollback_changes",
    "settled_changes",
    "targets_before",
    "with_changes",
    "with_own_settings",
    "with_stored_values",
]
