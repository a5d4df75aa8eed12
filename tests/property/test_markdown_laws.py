"""Foreign text stays text in Markdown: as many cells as columns, and in them the words and nothing else."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from adsync.render.markdown import inert, plan_markdown
from adsync.render.plan_page import COLUMNS, PlanPage, PlanRow
from adsync.render.text import clean

READER = MarkdownIt("gfm-like", {"html": True, "linkify": False})
NASTY = st.lists(
    st.sampled_from(
        [
            *"ab \\`*_{}[]()<>#+-.!|~@&$^=:/1\n\r\t\x1b\u202e",
            "[click](https://evil.example)",
            "![pixel](http://evil.example/x.png)",
            "<img src=x onerror=alert(1)>",
            "<!-- ",
            "<!channel>",
            "https://evil.example/?q=1",
            "www.evil.example",
            "someone@evil.example",
            "@everyone",
            "#123",
            "&lt;",
            "&#124;",
            "\\|",
            "```",
            "| a | b |",
            "\n\n---\n\n",
            "# Heading",
            "1. one",
            "[x]: http://evil.example",
        ]
    ),
    max_size=8,
).map("".join)
ANY = st.one_of(NASTY, st.text(max_size=30))
IN_TABLE = len(COLUMNS) - 1
"""What is no sentence."""
LAWS = settings(max_examples=100)


def words(text: str) -> str:
    """What a reader should see of foreign text: look-alikes stand for what programs look for in drawn text."""
    return " ".join(clean(text).split()).replace("@", "\N{FULLWIDTH COMMERCIAL AT}")


def seen(token: Token) -> str:
    """The words of a cell or paragraph; anything else than words in it fails."""
    children = token.children or []
    assert {child.type for child in children} <= {"text", "text_special"}, [c.type for c in children]
    return "".join(child.content for child in children).replace("\N{FULLWIDTH NUMBER SIGN}", "#")


def a_row(foreign: str) -> PlanRow:
    return PlanRow(
        change="shop-2026-06-01-1/1",
        what=foreign,
        moved=foreign,
        where=foreign,
        because=foreign,
        beside=(foreign, "x"),
        consent="waits for you",
        consent_because=foreign,
    )


@LAWS
@given(ANY)
def test_a_cell_holds_the_words_and_a_row_as_many_cells_as_there_are_columns(foreign: str) -> None:
    page = PlanPage(account="shop", above=("Held.",), rows=(a_row(foreign), a_row("plain")))
    tokens = READER.parse(plan_markdown([page]))
    cells = [seen(inside) for cell, inside in pairwise(tokens) if cell.type == "td_open"]
    assert len(cells) == 2 * IN_TABLE
    where = cells[2]
    assert where == words(foreign)
    assert "plain" in cells[IN_TABLE + 1], "the next row is its own"


@LAWS
@given(ANY.filter(words))
def test_below_the_table_each_sentence_is_an_item_of_its_own(foreign: str) -> None:
    page = PlanPage(account="shop", above=(), rows=(a_row(foreign), a_row("plain")))
    tokens = READER.parse(plan_markdown([page]))
    below = tokens[next(n for n, t in enumerate(tokens) if t.type == "table_close") :]
    items = [seen(t) for t in below if t.type == "inline"]
    name, plain = "shop-2026-06-01-1/1", "plain"
    assert items == [f"{name}: {words(foreign)}", words(foreign), "x", f"{name}: {plain}", plain, "x"]


@LAWS
@given(ANY)
def test_a_sentence_is_one_paragraph_of_words(foreign: str) -> None:
    tokens = READER.parse(inert(foreign) + "\n")
    assert [t.type for t in tokens] in (["paragraph_open", "inline", "paragraph_close"], [])
    if tokens:
        assert seen(tokens[1]) == words(foreign)


@LAWS
@given(ANY)
def test_nothing_that_programs_look_for_is_left(foreign: str) -> None:
    text = inert(foreign)
    assert "\n" not in text and "@" not in text and "<" not in text and "`" not in text and "|" not in text
    assert not re.search(r"[a-z]://|www\.", text, flags=re.I)
