"""An action that adsync asked for before and took for not made: found under its name, it is adsync's own."""

from __future__ import annotations

from collections.abc import Iterable

from adsync.errors import AdsyncError, GoogleRefused
from adsync.model.change import Change
from adsync.model.log import ChangeLogEntry

ADOPTED = "Google had made it when adsync asked before, and it could not be read then: taken on under its name."


def is_taken(error: AdsyncError) -> bool:
    """Whether Google refused a name that another action has."""
    return isinstance(error, GoogleRefused) and error.code.endswith(".DUPLICATE_NAME")


def is_marked(error: AdsyncError) -> bool:
    """Whether GA4 refused to mark a key event because it is one."""
    return isinstance(error, GoogleRefused) and error.code == "ALREADY_EXISTS"


def asked_before(change: Change, entries: Iterable[ChangeLogEntry]) -> bool:
    """Whether exactly this creation was asked for, never answered, and not there when it was read back.

    Of what nobody asked for, a namesake is somebody else's.
    """
    return any(e.was_not_there and e.change.hash == change.hash for e in entries)
