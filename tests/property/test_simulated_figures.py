"""What docs/statistics.md says of the rule and its presets is what simulated years of other accounts show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import hypot, sqrt
from pathlib import Path
from statistics import fmean

import pytest

from adsync.decide.replay import AT_ONCE
from adsync.model.presets import preset
from adsync.simulate.kinds import KINDS
from adsync.simulate.lives import live
from adsync.simulate.run import Task, simulate

pytestmark = pytest.mark.slow

OF_PRESETS = ("lumpy-25", "season", "season-2x", "season-overnight", "fading")
MEDIANS_OF_PRESETS = {
    "steady-45": "steady-45: median night of the first retirement",
    "growing": "growing: the same",
    "step": "step (on night 30): the same",
}


def figures(text: str, kind: str) -> list[tuple[float, float]]:
    """Share and standard error under each preset, as percent."""
    (line,) = re.findall(rf"^\| {kind}: wrongly retired, % (.*)$", text, flags=re.M)
    return [(float(share), float(error)) for share, error in re.findall(r"([\d.]+) ± ([\d.]+)", line)]


@pytest.mark.parametrize("kind", OF_PRESETS)
def test_the_figures_of_the_presets_hold_for_other_accounts(kind: str, root: Path) -> None:
    said = figures((root / "docs" / "statistics.md").read_text(encoding="utf-8"), kind)
    assert len(said) == 3
    for name, (share, error) in zip(("cautious", "default", "fast"), said, strict=True):
        (found,) = simulate(Task(policy=preset(name), kinds=(kind,), accounts=60, seed=11), processes=1)
        assert found.wrong is not None
        # Three standard errors of the two simulations together.
        assert abs(100 * found.wrong.point - share) <= 3 * hypot(error, 100 * found.wrong.error), name


def is_median(said: float, of: Sequence[int], *, measured_among: int) -> bool:
    """Whether half of these may lie on either side of what was measured among others, chance apart."""
    apart = 3 * 0.5 * sqrt(1 / len(of) + 1 / measured_among)
    below, above = fmean(n <= said for n in of), fmean(n >= said for n in of)
    return min(below, above) >= 0.5 - apart


@pytest.mark.parametrize("kind", MEDIANS_OF_PRESETS)
def test_the_first_retirements_under_the_presets_come_when_it_is_said(kind: str, root: Path) -> None:
    text = (root / "docs" / "statistics.md").read_text(encoding="utf-8")
    [row] = re.findall(rf"^\| {re.escape(MEDIANS_OF_PRESETS[kind])} \| (.*) \|$", text, flags=re.M)
    for name, said in zip(("cautious", "default", "fast"), row.split(" | "), strict=True):
        lives = [live(KINDS[kind], preset(name), AT_ONCE, helpers=1, seed=(17, n)) for n in range(60)]
        first = [life.retired[0] for life in lives if life.retired]
        assert len(first) == len(lives)
        assert is_median(float(said), first, measured_among=400), (name, sorted(first))


@pytest.mark.parametrize("kind", KINDS)
def test_the_figures_of_each_kind_hold_for_other_accounts(kind: str, root: Path) -> None:
    text = (root / "docs" / "statistics.md").read_text(encoding="utf-8")
    # Other tables have rows of the same name, without a share of wrong answers.
    [row] = re.findall(rf"^\| {kind} \| ([^|]+ \| (?:[\d.]+ ± |a close call).*)$", text, flags=re.M)
    title, wrong, *_, changes = row.rstrip(" |").split(" | ")
    (found,) = simulate(Task(kinds=(kind,), accounts=100, seed=13), processes=1)
    assert title == found.title
    if found.wrong is None:
        assert wrong == "a close call"
    else:
        [(share, error)] = re.findall(r"^([\d.]+) ± ([\d.]+) ", wrong)
        assert abs(100 * found.wrong.point - float(share)) <= 3 * hypot(float(error), 100 * found.wrong.error)
    assert abs(found.changes - float(changes)) <= max(3.5 * found.changes_error, 0.1)
