"""Simulated years as a table."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from adsync.model.simulated import Share, SimulatedKind

_WRONG = {
    "stay": "retired",
    "retire": "returned",
    "return": "did not return",
    "either": "",
}


def simulation_table(kinds: Sequence[SimulatedKind]) -> Table:
    """A line for each kind: what it is, how often the rule was wrong, and what it did."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("kind", no_wrap=True)
    table.add_column("account")
    for heading in ("wrong", "retired", "on night", "returned", "after nights", "changes a year"):
        table.add_column(heading, justify="right", no_wrap=True)
    for kind in kinds:
        table.add_row(
            kind.name,
            kind.title,
            "close call" if kind.wrong is None else f"{_share(kind.wrong)} {_WRONG[kind.should]}",
            _share(kind.retired),
            _nights(kind.first_retirement),
            _share(kind.returned),
            _nights(kind.back_after),
            f"{kind.changes:.2f} ± {kind.changes_error:.2f}",
        )
    return table


def _share(share: Share) -> str:
    return f"{100 * share.point:.1f} ± {100 * share.error:.1f} %"


def _nights(median: float | None) -> str:
    return "" if median is None else f"{median:.0f}"
