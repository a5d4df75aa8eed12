"""Foreign text is made harmless before a terminal shows it."""

from __future__ import annotations

import pytest

from adsync.render.text import clean


@pytest.mark.parametrize(
    "harmless", ["add_to_cart", "Käufe – 15 %", "購入", "[bold]no markup[/bold]", "=SUM(A1)", "👍", "e\u0301"]
)
def test_ordinary_text_stays_as_it_is(harmless: str) -> None:
    assert clean(harmless) == harmless


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("\x1b[2J\x1b[1;1Hgone", "[2J[1;1Hgone"),
        ("bell\x07 and backspace\x08", "bell and backspace"),
        ("\x9b31mred", "31mred"),
        ("safe\u202egnp.exe", "safegnp.exe"),
        ("a\u200bb\u2066c\ufeff", "abc"),
        ("soft\u00adhyphen", "softhyphen"),
        ("two\u2028lines\u2029more", "twolinesmore"),
        ("surrogate\ud800", "surrogate"),
        ("private\ue000", "private"),
        ("\x00nul", "nul"),
    ],
)
def test_what_could_move_a_cursor_or_turn_a_line_is_left_out(foreign: str, shown: str) -> None:
    assert clean(foreign) == shown


def test_line_breaks_and_tabs_become_spaces() -> None:
    assert clean("one\ntwo\r\nthree\tfour") == "one two  three four"


def test_long_text_is_cut_with_a_mark() -> None:
    assert clean("abcdef", longest=6) == "abcdef"
    assert clean("abcdefg", longest=6) == "abcde…"


def test_what_is_left_out_does_not_count_towards_the_length() -> None:
    assert clean("abc\x00\x00\x00def", longest=6) == "abcdef"
