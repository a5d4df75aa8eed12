"""History and rollback: what the change log says of the past, and the plan that takes an entry back."""

from adsync.changelog.past import past_of
from adsync.changelog.rollback import rollback_changes

__all__ = ["past_of", "rollback_changes"]
