"""Foreign text stays text: nothing that reaches a terminal moves a cursor or turns a line around."""

from __future__ import annotations

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from adsync.render.text import clean

ANY_TEXT = st.text(st.characters(exclude_categories=()))
NASTY_TEXT = st.text(st.sampled_from("ab \t\n\r\x00\x07\x1b\x9b\u200e\u202e\u2066\u2069\u2028\ufeff\ud800\ue000…"))
LAWS = settings(max_examples=200)


@LAWS
@given(st.one_of(ANY_TEXT, NASTY_TEXT))
def test_no_control_or_direction_character_remains(text: str) -> None:
    for character in clean(text):
        assert unicodedata.category(character)[0] not in "C" or unicodedata.category(character) == "Cn"
        assert unicodedata.category(character) not in ("Zl", "Zp")
        assert unicodedata.bidirectional(character) not in (
            "LRE",
            "RLE",
            "LRO",
            "RLO",
            "PDF",
            "LRI",
            "RLI",
            "FSI",
            "PDI",
        )


@LAWS
@given(st.one_of(ANY_TEXT, NASTY_TEXT))
def test_what_is_clean_stays_as_it_is(text: str) -> None:
    once = clean(text)
    assert clean(once) == once


@LAWS
@given(st.text(st.characters(categories=["L", "N", "P", "S", "Mn"])))
def test_ordinary_text_is_not_touched(text: str) -> None:
    assert clean(text) == text


@LAWS
@given(st.one_of(ANY_TEXT, NASTY_TEXT), st.integers(1, 20))
def test_text_is_never_longer_than_asked_for(text: str, longest: int) -> None:
    short = clean(text, longest)
    assert len(short) <= longest
    whole = clean(text)
    assert short == whole or (short.endswith("…") and whole.startswith(short[:-1]))


@LAWS
@given(NASTY_TEXT)
def test_cleaned_text_can_be_written_out(text: str) -> None:
    assert clean(text).encode("utf-8")[:0] == b""
