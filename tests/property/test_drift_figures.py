"""What docs/statistics.md says of drift is what other logs of the same kinds show."""

from __future__ import annotations

import re
from math import sqrt
from pathlib import Path

import pytest

from tests.drift_figures import KINDS, LOGS, WEEKS, alarms, found

pytestmark = pytest.mark.slow

OTHERS = 150


def said(root: Path, row: str) -> list[float]:
    """Shares of a row."""
    text = (root / "docs" / "statistics.md").read_text(encoding="utf-8")
    (cells,) = re.findall(rf"^\| {re.escape(row)} \| (.*) \|$", text, flags=re.M)
    return [float(cell.removesuffix(" %")) / 100 for cell in cells.split(" | ")]


def is_near(share: float, told: float) -> bool:
    """Within 3.5 standard errors of both; of what never happened, as if it had happened once."""
    least = max(told, share, 1 / OTHERS)
    return abs(share - told) <= 3.5 * sqrt(least * (1 - min(least, 0.99)) * (1 / OTHERS + 1 / LOGS))


@pytest.mark.parametrize("kind", KINDS)
def test_alarms_without_a_change_are_as_rare_as_is_said(kind: str, root: Path) -> None:
    for weeks, told in zip(WEEKS, said(root, kind), strict=False):
        assert is_near(alarms(kind, weeks, OTHERS, seed=31) / OTHERS, told), weeks


@pytest.mark.parametrize(("factor", "doers"), [(0.5, 150), (0.5, 600), (0.6, 150), (0.6, 600)])
def test_falls_are_found_as_often_as_is_said(factor: float, doers: int, root: Path) -> None:
    for weeks, told in zip(WEEKS, said(root, f"{factor:g} times, {doers} visitors a week"), strict=True):
        assert is_near(found(factor, doers, weeks, OTHERS, seed=32) / OTHERS, told), weeks
