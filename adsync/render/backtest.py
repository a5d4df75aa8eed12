"""A replayed history in the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from adsync.model.backtest import Backtest, Change, RuleFigures, Standstill
from adsync.model.figures import plural
from adsync.render.rows import Rows
from adsync.render.terminal import text


def backtest_lines(found: Backtest) -> Iterator[RenderableType]:
    """What was replayed, what the rule would have done, how others compare, and what none of it says."""
    yield from (text(line) for line in facts(found))
    yield ""
    yield _changes(found)
    yield ""
    yield _rules(found)
    yield ""
    yield _sensitivity(found)
    yield ""
    yield text(found.caveat, "dim")


def facts(found: Backtest) -> list[str]:
    """What was replayed, and what was assumed."""
    helpers = "1 helper is" if found.helpers == 1 else f"{found.helpers} helpers are"
    lines = [
        f"{found.source}: {len(found.days)} days, {found.days}. {len(found.replayed)} nights replayed, {found.replayed}.",
        f"Demand line {found.demand:g} a month, return line {found.return_line:.4g}; {helpers} bid on at first.",
    ]
    return [*lines, *([f"Approximate. {found.approximate}"] if found.approximate else []), *found.notes]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the timeline. primary: how many helpers are bid on after it, where that changes."""

    night: date
    what: str
    primary: str
    because: str
    is_hold: bool = False


def timeline(found: Backtest) -> list[Entry]:
    """Changes, what would have waited for a person, and holds, in order."""
    entries = [_entry(change, "retired" if change.verb == "demote" else "back") for change in found.changes]
    entries += [_entry(change, "would wait for a person") for change in found.proposals]
    for held in found.held:
        entries.append(Entry(held.first, _held(held, found.replayed.last), "", held.because, is_hold=True))
    return sorted(entries, key=lambda entry: entry.night)


def _held(held: Standstill, last_night: date) -> str:
    if held.last == last_night:
        return "still held"
    return "held this night" if held.first == held.last else f"held until {held.last}"


def _entry(change: Change, said: str) -> Entry:
    return Entry(change.date, f"{', '.join(change.helpers)} {said}", f"{change.helpers_primary}", change.because)


def compared(found: Backtest) -> list[tuple[str, list[str]]]:
    """Figures of the rules: what is compared, and a cell for each rule."""
    few, plenty, macros = f"{found.return_line:.4g}", f"{found.demand * 4 / 3:.0f}", plural(found.macro)
    rows: dict[str, Callable[[RuleFigures], str]] = {
        "Retirements": lambda rule: f"{len(rule.retirements)}",
        "Returns": lambda rule: f"{len(rule.returns)}",
        "Changes a year": lambda rule: f"{rule.changes_a_year:.1f}",
        "First retirement": lambda rule: day(rule.retirements[0] if rule.retirements else None),
        "Nights without any helper": lambda rule: f"{rule.nights_without}",
        "Retirements after which 60 days had the demand": sustain,
        f"Nights without helpers and under {few} {macros} in 30 days": lambda rule: f"{rule.starved_days}",
        f"Nights with helpers and over {plenty} {macros} in 30 days": lambda rule: f"{rule.spare_days}",
    }
    return [(label, [cell(rule) for rule in found.rules]) for label, cell in rows.items()]


def sustain(rule: RuleFigures) -> str:
    """How many retirements were right, of those that can be judged."""
    open_yet = len(rule.retirements) - rule.judged
    said = f"{rule.sustained} of {rule.judged}" if rule.judged else "-"
    return f"{said} ({open_yet} not over)" if open_yet else said


def day(found: date | None) -> str:
    return "never" if found is None else found.isoformat()


def _changes(found: Backtest) -> RenderableType:
    table = Rows("Night", "What", "Bid on", "Why", below="Why")
    for entry in timeline(found):
        because = text(entry.because, "dim" if entry.is_hold else "")
        table.add_row(text(f"{entry.night}"), text(entry.what), text(entry.primary), because)
    if found.changes:
        return table
    return Group(Text.assemble(text("No change. ", "bold"), text(found.stands), "\n"), table if found.held else "")


def _rules(found: Backtest) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("Beside simpler rules")
    for rule in found.rules:
        table.add_column(text(rule.name), justify="right")
    for label, cells in compared(found):
        table.add_row(text(label), *(text(cell) for cell in cells))
    return table


def _sensitivity(found: Backtest) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("With another demand line")
    for heading in ("Return line", "Changes", "First retirement"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in found.sensitivity:
        mark = " (this one)" if row.demand == found.demand else ""
        table.add_row(
            f"{row.demand:g} a month{mark}", f"{row.return_line:.3g}", f"{row.changes}", day(row.first_retirement)
        )
    return table
