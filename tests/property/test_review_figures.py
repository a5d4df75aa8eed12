"""What docs/statistics.md says of how often outcome reviews say what is what other accounts show."""

from __future__ import annotations

import re
from collections import Counter
from math import sqrt
from pathlib import Path

import pytest

from tests.review_figures import ACCOUNTS, CASES, CHOSEN, KIND_NAMES, LIVES, SAID, of_retirements, shares

pytestmark = pytest.mark.slow

OTHERS = 250


def said(root: Path) -> dict[str, list[list[float]]]:
    """By row: for each kind the shares of the three verdicts."""
    text = (root / "docs" / "statistics.md").read_text(encoding="utf-8")
    chapter = text.partition("## Outcome reviews\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([\w, %-]+?) \|((?: [\d.]+ / [\d.]+ / [\d.]+ \|)+)", chapter, flags=re.M)
    return {
        name: [[float(share) / 100 for share in cell.split(" / ")] for cell in cells.strip(" |").split(" | ")]
        for name, cells in rows
    }


def compare(row: list[float], accounts: int, found: Counter[str]) -> None:
    for share, verdict in zip(row, SAID, strict=True):
        others = found.total()
        both = (share * accounts + found[verdict] + 1) / (accounts + others + 2)
        error = sqrt(both * (1 - both) * (1 / accounts + 1 / others))
        assert abs(found[verdict] / others - share) <= 3.7 * error, verdict


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_reviews_say_what_is_said_of_them(kind: str, root: Path) -> None:
    table = said(root)
    assert set(table) == {*CASES, *CHOSEN}
    for name, found in shares(kind, OTHERS, seed=11).items():
        compare(table[name][KIND_NAMES.index(kind)], ACCOUNTS, found)


@pytest.mark.parametrize("kind", CHOSEN)
def test_after_retirements_by_the_rule_as_well(kind: str, root: Path) -> None:
    compare(said(root)[kind][0], LIVES, of_retirements(kind, 120, first=LIVES))
