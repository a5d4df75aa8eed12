"""What events are called beside their figures: each by one name, and no two by the same."""

from __future__ import annotations

import pytest

from adsync.model.figures import LONGEST_NAME
from adsync.model.funnel import VISITORS
from adsync.score.titles import titles_of


@pytest.mark.parametrize(
    ("event", "title"),
    [
        ("add_to_cart", "Added to cart"),
        ("order_placed", "Order placed"),
        ("Zur Kasse", "Zur Kasse"),
        ("Bestellt [/b]", "Bestellt [/b]"),
        ("paid ", '"paid "'),
        ("a" * 3_000, "A" + "a" * (LONGEST_NAME - 2) + "…"),
    ],
)
def test_an_event_is_called_as_the_catalogue_does_or_by_its_own_name(event: str, title: str) -> None:
    assert titles_of([event]) == {VISITORS: "Visitors", event: title}


@pytest.mark.parametrize(
    "alike",
    [
        ("order_placed", "order placed"),
        ("Order_Placed", "order placed"),
        ("add_to_cart", "Added to cart"),
    ],
)
def test_no_two_are_called_the_same(alike: tuple[str, str]) -> None:
    titles = titles_of(alike)
    assert tuple(titles[event] for event in alike) == alike
