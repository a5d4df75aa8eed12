"""Counters as each version of adsync has stored them: a sample of every one loads for ever."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from adsync.errors import StateError
from adsync.model.decision import Counters, ScopeCounters, next_check
from adsync.state.memory import VERSION, counters_from, counters_to

STORED = Path(__file__).parent.parent / "stored"
SAMPLES: dict[int, ScopeCounters] = {
    1: {"": Counters(checked_on=date(2026, 11, 16), above=2, before_above=1)},
    2: {
        "conversions": Counters(
            checked_on=date(2026, 11, 21), above=3, before_above=2, standing="demote", policy="0123456789abcdef"
        ),
        "portfolio 9": Counters(checked_on=date(2026, 11, 19), below=1),
    },
}


@pytest.mark.parametrize("version", range(1, VERSION + 1))
def test_a_sample_of_each_version_loads(version: int) -> None:
    assert counters_from((STORED / f"counters-{version}.json").read_text()) == SAMPLES[version]


def test_the_newest_sample_is_what_is_written() -> None:
    assert counters_to(SAMPLES[VERSION]) == (STORED / f"counters-{VERSION}.json").read_text().strip()


def test_counters_of_a_newer_adsync_are_not_guessed_at() -> None:
    with pytest.raises(StateError, match=f"version {VERSION + 1}; this adsync knows those up to {VERSION}"):
        counters_from(f'{{"version": {VERSION + 1}, "scopes": {{}}}}')


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"version": 2}', '{"version": 1, "above": "many"}'])
def test_what_is_no_record_is_an_error_in_clear_words(text: str) -> None:
    with pytest.raises(StateError, match="cannot be read"):
        counters_from(text)


def test_the_scope_that_is_due_first_decides_when_evidence_is_weighed() -> None:
    assert next_check(SAMPLES[2], 7) == date(2026, 11, 26)
    assert next_check({}, 7) == date.min
