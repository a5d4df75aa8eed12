"""Which helpers to bid on, and what each is worth."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What bidding may take a helper to be worth.

    share: its chance of the macro, drawn towards that of all helpers by 20 visitors. value: in the log's currency; None
    where the log does not say what a macro is worth.
    """

    event: str
    share: float
    value: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Helpers that together reach the volume that bidding needs.

    need, volume: visitors in 30 days, nobody counted twice. reached: whether it is enough. because: one sentence.
    """

    events: tuple[str, ...]
    need: float
    volume: float
    reached: bool
    because: str
