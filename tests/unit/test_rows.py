"""Tables in terminals: what fits stays a table, figures stay whole, and sentences stand below their row."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console
from rich.text import Text

from adsync.model.change import fields
from adsync.model.decision import Verb
from adsync.model.log import Outcome
from adsync.render.rows import Rows
from adsync.render.terminal import applied_table, text, weeks_table
from tests.builders import a_change

SENTENCE = (
    "18 % go on to buy, 41 times the share of other visitors. It is recorded as secondary and not used for bidding."
)
SCORES = ("Event", "Visitors", "then purchase", "p", "Lift", "95 %", "Naive", "In 30 days", "Verdict")
CART = ("add_payment_info", "5,248", "1,199", "0.8 %", "6.45", "4.02-10.37", "108.2", "1,356", "not better")


def lines(table: Rows, width: int) -> list[str]:
    out = Console(file=StringIO(), width=width)
    out.print(table)
    assert isinstance(out.file, StringIO)
    return [line.rstrip() for line in out.file.getvalue().splitlines()]


def a_table(*columns: str, rows: list[tuple[str, ...]], below: str | None = None, title: str = "") -> Rows:
    table = Rows(*columns, below=below, title=title)
    for row in rows:
        table.add_row(*map(text, row))
    return table


def test_nine_columns_of_figures_fit_into_eighty() -> None:
    shown = lines(a_table(*SCORES, rows=[CART, CART]), 80)
    assert max(map(len, shown)) <= 80
    *headings, first, second = shown
    assert first.split() == second.split() == " ".join(CART).split()
    assert " ".join(" ".join(headings).split()).count("purchase") == 1


def test_a_long_name_is_folded_where_nothing_else_helps_and_figures_stay_whole() -> None:
    name = "scroll[percent_scrolled>=75]"
    shown = lines(a_table(*SCORES, rows=[(name, *CART[1:])]), 80)
    assert max(map(len, shown)) <= 80 and any("0.8 %" in line for line in shown)
    assert "".join(line.split()[0] for line in shown if not line.startswith(" ") and "Event" not in line) == name


def test_where_no_table_fits_each_row_is_a_block_of_whole_names() -> None:
    shown = lines(a_table(*SCORES, rows=[CART]), 40)
    assert "Event          add_payment_info" in shown and "In 30 days     1,356" in shown


@pytest.mark.parametrize("width", [80, 140])
def test_a_sentence_stands_below_its_row_over_the_whole_width(width: int) -> None:
    table = Rows("Change", "What", "Why", "Consent", below="Why", title="New")
    for n in (1, 2):
        consent = Text("waits for you\nEverything is reviewed.")
        table.add_row(text(f"shop-2026-03-02-1/{n}"), text("Use for bidding"), text(SENTENCE), consent)
    shown = lines(table, width)
    assert shown[:3] == [
        "New",
        "Change               What             Consent",
        "shop-2026-03-02-1/1  Use for bidding  waits for you",
    ]
    below = shown[3 : shown.index("")]
    assert all(line.startswith("    ") for line in below) and max(map(len, shown)) <= width
    assert " ".join(" ".join(below).split()) == f"{SENTENCE} Everything is reviewed."
    assert shown[shown.index("") + 1].startswith("shop-2026-03-02-1/2") and shown[-1] != ""


def test_what_fits_into_a_line_keeps_all_its_columns_there() -> None:
    shown = lines(a_table("Change", "Outcome", "Why", rows=[("a/1", "applied", "It fits.")], below="Why"), 80)
    assert shown == ["Change  Outcome  Why", "a/1     applied  It fits."]


def test_an_empty_table_has_its_headings() -> None:
    assert lines(a_table("Action", "Why", rows=[], below="Why"), 80) == ["Action  Why"]


@pytest.mark.parametrize("most", [14, 268, 4_000])
def test_the_bars_of_weeks_fit_beside_their_figures(most: int) -> None:
    out = Console(file=StringIO(), width=80)
    out.print(weeks_table([("2026-01-04", 10, 14), ("2026-05-24", most / 4, most)]))
    assert isinstance(out.file, StringIO)
    told = out.file.getvalue()
    assert "\N{HORIZONTAL ELLIPSIS}" not in told and "\N{FULL BLOCK}" in told


def test_what_was_so_already_is_said_once_and_details_stand_apart_from_what_was_done() -> None:
    valued = a_change(Verb.VALUE, before=fields(default_value=1.0), after=fields(default_value=20.0))
    rows = [
        ("shop-1/1", a_change(Verb.DEMOTE), Outcome.ALREADY, "It was so already."),
        ("shop-1/2", valued, Outcome.APPLIED, "Read back."),
    ]
    shown = lines(applied_table(rows), 400)
    assert sum("so already" in line for line in shown) == 1 and shown[1].endswith("was so already")
    (value,) = (line for line in shown if "Set its value" in line)
    assert value.index("1 > 20") > value.index("applied")
    assert shown[-1].strip() == "Read back."


def test_where_room_is_short_only_first_lines_are_shown_if_that_is_wished() -> None:
    table = Rows("Device", "Added to cart", "Purchase", first_lines=True)
    table.add_row(text("mobile"), Text("39 % (52)\n31 to 47 %"), Text("58 % (30)\n44 to 70 %"))
    assert lines(table, 30)[2:] == ["mobile  39 % (52)   58 % (30)", "        31 to 47 %  44 to 70 %"]
    assert " ".join(lines(table, 29)[2:]).split() == ["mobile", "39", "%", "(52)", "58", "%", "(30)"]


@pytest.mark.parametrize("width", [9, 200], ids=["in blocks", "as a table"])
def test_what_heads_a_column_is_text(width: int) -> None:
    shown = "".join(lines(a_table("Event", "[/b]\x1b", rows=[("x", "9")]), width))
    assert "[/b]" in shown and "\x1b" not in shown
