"""Visitors of one kind."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Segment:
    """Visitors of one kind, such as device mobile; of every kind where both are empty."""

    dimension: str = ""
    value: str = ""

    @property
    def name(self) -> str:
        """As people say it."""
        return self.value if self.dimension else "all visitors"


EVERYBODY = Segment()
