"""What docs/statistics.md says of the scores of event logs is what other made-up sites of the same kinds show."""

from __future__ import annotations

import re
from math import hypot
from pathlib import Path

import pytest

from tests.event_worlds import REGIMES
from tests.score_figures import FIGURES, SEEDS, VISITORS, Figure, figures, of_world

pytestmark = pytest.mark.slow

OTHERS = range(501, 506)


def said(text: str, regime: str) -> dict[str, Figure]:
    """Means and standard errors as they are printed; lifts as they are and shares in percent."""
    (row,) = re.findall(rf"^\| {regime} \| (.*±.*) \|$", text, flags=re.M)
    cells = {name: cell.split(" ± ") for name, cell in zip(FIGURES, row.split(" | "), strict=True) if cell.strip()}
    return {name: Figure(float(mean), float(error)) for name, (mean, error) in cells.items()}


@pytest.mark.parametrize("regime", REGIMES)
def test_the_figures_hold_for_other_sites(regime: str, root: Path) -> None:
    table = said((root / "docs" / "statistics.md").read_text(encoding="utf-8"), regime)
    found = figures([of_world((regime, seed, VISITORS)) for seed in OTHERS])
    assert found.pop("silent").mean == 1.0
    assert set(found) == set(table)
    for name, one in found.items():
        scale, least, rounded = (1.0, 0.016, 0.005) if name.startswith("mean") else (100.0, 4.0, 0.05)
        # Of one world: what is measured says how much they vary, and where hardly any did, one candidate in ten worlds.
        spread = max((table[name].error + rounded) * SEEDS**0.5, least, scale * one.error)
        apart = 3.5 * hypot(spread / SEEDS**0.5, spread / len(OTHERS) ** 0.5)
        assert abs(scale * one.mean - table[name].mean) <= apart, name


@pytest.mark.parametrize("regime", [name for name in REGIMES if name != "campaigns unlogged"])
def test_no_more_than_one_in_twenty_unrelated_events_is_called_good(regime: str, root: Path) -> None:
    table = said((root / "docs" / "statistics.md").read_text(encoding="utf-8"), regime)
    assert table["good"].mean <= 5.0
