"""What is known of one number that a user may set: its unit, its range, where it comes from and what it is for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, Literal

Source = Literal["doc", "sim", "judgement"]
"""Google's documentation, simulated years (`adsync simulate`), or neither."""

_KEY = "parameter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A number of a frozen dataclass. low, high: both allowed; None for a switch. about: one line, without a full stop."""

    name: str
    default: float | bool | None
    low: float | None
    high: float | None
    unit: str
    source: Source
    about: str

    @property
    def kind(self) -> type[float]:
        """bool, int or float: an int where only whole numbers make sense."""
        return float if self.default is None else type(self.default)

    @property
    def allowed(self) -> str:
        """ "0.5 to 0.999"; "true or false" for a switch."""
        return "true or false" if self.low is None else f"{self.low:g} to {self.high:g}"


def number(
    default: float | None, low: float, high: float, unit: str, source: Source, about: str, /
) -> Any:  # what dataclasses.field gives, which type checkers take for the default
    """A field of a dataclass with all that is known of it."""
    return field(default=default, metadata={_KEY: (low, high, unit, source, about)})


def switch(default: bool, source: Source, about: str, /) -> Any:
    """The same for something that is on or off."""
    return field(default=default, metadata={_KEY: (None, None, "switch", source, about)})


def parameters(owner: type[Any]) -> Iterator[Parameter]:
    """The numbers and switches of a dataclass, in its order; fields that are neither are left out."""
    for each in fields(owner):
        if _KEY in each.metadata:
            assert each.default is not MISSING
            low, high, unit, source, about = each.metadata[_KEY]
            yield Parameter(
                name=each.name, default=each.default, low=low, high=high, unit=unit, source=source, about=about
            )
