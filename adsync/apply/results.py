"""What became of planned changes."""

from __future__ import annotations

from dataclasses import dataclass

from adsync.apply.moved import FieldMoved
from adsync.errors import AdsyncError, NotAllDone
from adsync.model.change import Change
from adsync.model.log import ChangeLogEntry, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeResult:
    """What became of one planned change.

    outcome: None where nothing was sent; note says why, or what Google said. allowed: it was approved or automatic.
    moved: how the object is otherwise than the change expects and wants, where that is why.
    """

    name: str
    change: Change
    outcome: Outcome | None = None
    note: str = ""
    allowed: bool = True
    moved: tuple[FieldMoved, ...] = ()

    @property
    def is_fine(self) -> bool:
        """Done, or left for a later run because there are too many."""
        return self.outcome is not None and (self.outcome.is_done or self.outcome is Outcome.SKIPPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What became of a plan. stopped_by: the error after which the rest was left for the next run.

    unsettled: the account's entries of which nobody knows yet whether Google has made them.
    """

    results: tuple[ChangeResult, ...] = ()
    stopped_by: AdsyncError | None = None
    unsettled: tuple[ChangeLogEntry, ...] = ()

    @property
    def exit_code(self) -> int:
        """0, or 5 when some changes were left or are unsettled, or that of the error that stopped everything."""
        if self.stopped_by is not None and not self.done:
            return self.stopped_by.exit_code
        return NotAllDone.exit_code if self.stopped_by is not None or self.troubled or self.unsettled else 0

    @property
    def done(self) -> tuple[ChangeResult, ...]:
        return tuple(r for r in self.results if r.outcome is not None and r.outcome.is_done)

    @property
    def troubled(self) -> tuple[ChangeResult, ...]:
        """Changes that were allowed and are not done: refused by Google, unanswered, moved or blocked meanwhile."""
        return tuple(r for r in self.results if r.allowed and not r.is_fine)
