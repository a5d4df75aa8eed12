"""What Google would let adsync change on a conversion action that it has made from a GA4 key event."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class ManagedField(StrEnum):
    """What adsync may want to write on such an action, each asked by itself. VALUE: the value and that it always counts."""

    STATUS = "status"
    PRIMARY = "primary_for_goal"
    COUNTING = "counting_type"
    VALUE = "default_value"


_NOT_TO_BE_WRITTEN = frozenset(
    {
        "ConversionActionError.UPDATE_NOT_SUPPORTED",
        "FieldError.IMMUTABLE_FIELD",
        "MutateError.MUTATE_NOT_ALLOWED",
        "MutateError.RESOURCE_READ_ONLY",
        "RequestError.IMMUTABLE_FIELD",
        "RequestError.INVALID_ENUM_VALUE",
    }
)
"""Google's errors that say that a field is none of ours to write. Any other is about the value, the account or the moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """Google's newest answer to whether one field of one action may be written.

    as_of: the night on which it was asked, and asked_at the moment. code: Google's error; "" where it would accept the change.
    """

    action_id: str
    field: ManagedField
    as_of: date
    asked_at: datetime
    code: str = ""

    @property
    def is_refused(self) -> bool:
        """False as well where Google said no for another reason: then it is tried."""
        return self.code in _NOT_TO_BE_WRITTEN


def refused_on(capabilities: Iterable[Capability], action_id: str) -> dict[ManagedField, Capability]:
    """The fields of an action that Google refuses to have written."""
    return {c.field: c for c in capabilities if c.action_id == action_id and c.is_refused}
