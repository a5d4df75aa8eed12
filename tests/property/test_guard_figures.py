"""What docs/statistics.md says of how often a guard speaks up in clean years is what other clean years show."""

from __future__ import annotations

import re
from math import sqrt
from pathlib import Path

import pytest

from tests.guard_figures import ACCOUNTS, CLEAN, CODES, figures

pytestmark = pytest.mark.slow

OTHERS = 25


def said(text: str) -> dict[tuple[str, str], tuple[float, float]]:
    """Percent of years and of nights, by guard and kind."""
    rows = re.findall(r"^\| `(\w+)` \|((?: \d+ / [\d.]+ \|)+)$", text, flags=re.M)
    cells = {code: re.findall(r"(\d+) / ([\d.]+)", row) for code, row in rows}
    return {
        (code, kind): (float(years), float(nights))
        for code, row in cells.items()
        for kind, (years, nights) in zip(CLEAN, row, strict=True)
    }


@pytest.mark.parametrize("kind", CLEAN)
def test_guards_speak_up_in_clean_years_as_often_as_is_said(kind: str, root: Path) -> None:
    table = said((root / "docs" / "statistics.md").read_text(encoding="utf-8"))
    assert {code for code, _ in table} == set(CODES)
    for code, found in figures(kind, OTHERS, seed=11).items():
        years, nights = table[code, kind]
        share = (years / 100 * ACCOUNTS + found.years * OTHERS + 1) / (ACCOUNTS + OTHERS + 2)
        error = sqrt(share * (1 - share) * (1 / ACCOUNTS + 1 / OTHERS))
        assert abs(found.years - years / 100) <= 3.5 * error, code
        # A hold lasts for weeks, so that nights of one account go together.
        assert abs(100 * found.nights - nights) <= 1 + 0.6 * nights, code
