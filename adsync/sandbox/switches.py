"""What nobody outside Google knows for sure: both behaviours can be played, and a program should cope with both."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """One open point. choices: the first is the default; `about` says what each means."""

    name: str
    choices: tuple[str, ...]
    about: str


SWITCHES: dict[str, Switch] = {}


class UnknownSwitch(Exception):
    """There is no such switch, or it has no such position."""


@dataclass(slots=True)
class Switches:
    """Where the switches of one sandbox stand; those that are not named stand at their default."""

    chosen: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.chosen.get(name, SWITCHES[name].choices[0])

    def set(self, name: str, choice: str) -> None:
        """Raises UnknownSwitch, naming what there is."""
        if name not in SWITCHES:
            raise UnknownSwitch(f"There is no switch {name!r}; there are: {', '.join(sorted(SWITCHES))}.")
        if choice not in SWITCHES[name].choices:
            raise UnknownSwitch(f"{name} can be {' or '.join(SWITCHES[name].choices)}, not {choice!r}.")
        self.chosen[name] = choice
