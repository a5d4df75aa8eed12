"""Figures are written alike everywhere."""

from __future__ import annotations

import pytest

from adsync.model.figures import number_of, percent, percents_apart, plural, points, times


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.953, "95 %"),
        (1.0, "100 %"),
        (0.0, "0 %"),
        (0.004, "0.4 %"),
        (0.0094, "0.9 %"),
        (0.0096, "1 %"),
        (4.0, "400 %"),
    ],
)
def test_a_share_reads_as_a_percentage(share: float, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("share", "text"), [(-0.12, "-12 points"), (0.011, "+1 point"), (-0.0096, "-1 point"), (0.004, "+0.4 points")]
)
def test_a_difference_of_shares_reads_as_points(share: float, text: str) -> None:
    assert points(share) == text


def test_shares_that_are_compared_do_not_read_alike() -> None:
    assert percents_apart(0.13, 0.2) == ("13 %", "20 %")
    assert percents_apart(0.198, 0.2) == ("19.8 %", "20.0 %")
    assert percents_apart(0.19996, 0.2) == ("19.996 %", "20.000 %")
    assert percents_apart(0.2, 0.2) == ("20 %", "20 %")


@pytest.mark.parametrize(
    ("ratio", "text"), [(1.44, "1.4 times"), (9.94, "9.9 times"), (9.96, "10 times"), (127.3, "127 times")]
)
def test_a_ratio_reads_as_times(ratio: float, text: str) -> None:
    assert times(ratio) == text


def test_several_of_an_event_have_a_name() -> None:
    assert plural("purchase") == "purchases"
    assert plural("generate_lead") == "leads"
    assert plural("level_end") == "level_end events"


def test_one_is_not_several() -> None:
    assert [number_of(n, "visitor") for n in (0, 1, 2, 9159)] == [
        "0 visitors",
        "1 visitor",
        "2 visitors",
        "9,159 visitors",
    ]
