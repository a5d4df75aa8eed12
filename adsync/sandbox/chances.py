"""How likely a visitor is to get to the end of a scenario's path."""

from __future__ import annotations

from adsync.sandbox.scenarios.words import Path, Scenario
from adsync.sandbox.world import Floats

Chance = float | Floats


def chance_of_macro(chances: list[Chance], shortcuts: dict[int, list[Chance]], reached: int = -1) -> Chance:
    """The chance of the macro for who has taken the step with index ``reached``; -1: for who has just arrived.

    shortcuts: the chances of those that begin at each step.
    """
    # From the end: never to get there from a step by the path, or by a shortcut that begins beyond it.
    never: Chance = 0.0
    for index in range(len(chances) - 1, reached, -1):
        missed: Chance = 1.0
        for chance in shortcuts.get(index, []):
            missed = missed * (1 - chance)
        never = 1 - chances[index] + chances[index] * missed * never
    for index in range(reached + 1):
        for chance in shortcuts.get(index, []):
            never = never * (1 - chance)
    return 1 - never


def average_chance(path: Path) -> float:
    """The chance of the macro for a visitor of average quality, but for what raises it."""
    shortcuts: dict[int, list[Chance]] = {}
    for shortcut in path.shortcuts:
        shortcuts.setdefault(path.index(shortcut.after), []).append(shortcut.chance)
    return float(chance_of_macro([step.chance for step in path.steps], shortcuts))


def raised_by_asides(scenario: Scenario) -> float:
    """By how much the asides that raise a step's chance raise the number of macros, near enough for planning."""
    factor = 1.0
    for aside in scenario.asides:
        factor *= 1 + aside.rate * (aside.raises - 1)
    return factor
