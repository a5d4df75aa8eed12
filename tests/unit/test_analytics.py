"""What GA4 says about its own answers."""

from __future__ import annotations

import pytest

from adsync.model.analytics import Quality


def test_an_answer_with_nothing_against_it_is_whole() -> None:
    assert Quality(time_zone="Europe/Berlin").is_whole
    assert Quality().fault == ""


@pytest.mark.parametrize(
    ("quality", "words"),
    [
        (Quality(sampled_share=0.4), "sampled: 40 %"),
        (Quality(thresholded=True), "thresholded"),
        (Quality(folded=True), "folded"),
    ],
)
def test_what_is_sampled_thresholded_or_folded_is_not_whole_and_says_why(quality: Quality, words: str) -> None:
    assert not quality.is_whole
    assert words in quality.fault
