"""Conditions as people write them, and what is said of those that cannot be."""

from __future__ import annotations

import pytest

from adsync.errors import UsageError
from adsync.model.condition import FORMS, QUOTING, Condition, condition, conditions


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("add_to_cart", Condition(event="add_to_cart")),
        ("page_view*3", Condition(event="page_view", times=3)),
        ("view_item*2/7d", Condition(event="view_item", times=2, within_days=7)),
        ("scroll[percent_scrolled>=75]", Condition(event="scroll", parameter="percent_scrolled", at_least=75)),
        ("click[link_domain=example.com]", Condition(event="click", parameter="link_domain", equals="example.com")),
        ("page_view[/pricing]", Condition(event="page_view", page="/pricing")),
        ("60s", Condition(seconds=60)),
        (
            "scroll[/blog/][percent_scrolled>=75]*2",
            Condition(event="scroll", page="/blog/", parameter="percent_scrolled", at_least=75, times=2),
        ),
        ('"60s"', Condition(event="60s")),
        ('"say ""yes"""[answer=""]', Condition(event='say "yes"', parameter="answer", equals="")),
        ('"two words"[/a]', Condition(event="two words", page="/a")),
        ("click[link_text=Yes, please]", Condition(event="click", parameter="link_text", equals="Yes, please")),
        (
            "click[link_url=https://a.example/?b=1]",
            Condition(event="click", parameter="link_url", equals="https://a.example/?b=1"),
        ),
        ("Añadir-al-carrito", Condition(event="Añadir-al-carrito")),
    ],
)
def test_what_is_written_is_what_is_meant(text: str, meant: Condition) -> None:
    assert condition(text) == meant
    assert meant.text == text


def test_spaces_and_the_order_of_brackets_do_not_matter() -> None:
    assert condition(" scroll[percent_scrolled >= 75.0][/blog] ").text == "scroll[/blog][percent_scrolled>=75]"


def test_several_stand_between_commas() -> None:
    found = conditions('add_to_cart, page_view[/a,b]*3,click[link_text="a, ""b"""],60s')
    assert [c.text for c in found] == ["add_to_cart", "page_view[/a,b]*3", 'click[link_text="a, ""b"""]', "60s"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "'' is no condition: nothing stands there."),
        ("a,,b", "nothing stands there"),
        ("two words", "'two words' is no condition: there is no such form."),
        ("a*", "there is no such form"),
        ("a*0", "the times are 1 to 100"),
        ("a*101", "the times are 1 to 100"),
        ("a/7d", "there is no such form"),
        ("a*1/7d", "days go with two times or more"),
        ("a*2/0d", "the days are 1 to 365"),
        ("0s", "the seconds are 1 to 86400"),
        ("90000s", "the seconds are 1 to 86400"),
        ('""', "an event or a time on the site is missing"),
        ("a[]", "[] is neither a page, which begins with /, nor a parameter with = or >="),
        ("a[b]", "[b] is neither a page"),
        ("a[b>5]", "[b>5] is neither a page"),
        ("a[b>=five]", "[b>=five] is neither a page"),
        ("a[b>=1e999]", "the number is too large"),
        ('a["b"]', "a page begins with /"),
        ("a[/b?c=1]", "a page is the path alone, without ? and #"),
        ("a[/b][/c]", "it names two pages or two parameters"),
        ("a[b=1][c>=2]", "it names two pages or two parameters"),
        ("a,b[c", "'a,b[c' cannot be read from '[c' on: a quote or a bracket has no partner."),
        ('a,"b', "cannot be read from '\"b' on"),
        ("a]", "cannot be read from ']' on"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason_and_the_forms(text: str, says: str) -> None:
    with pytest.raises(UsageError) as refused:
        conditions(text)
    assert says in str(refused.value)
    assert (refused.value.because, refused.value.next_step) == (FORMS, QUOTING)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"event": "a", "seconds": 60},
        {"seconds": -1},
        {"seconds": 60, "page": "/a"},
        {"event": "a", "parameter": "b"},
        {"event": "a", "equals": "b"},
        {"event": "a", "parameter": "b", "equals": "c", "at_least": 1.0},
        {"event": "a", "parameter": "b", "at_least": float("nan")},
        {"event": "a", "page": "pricing"},
        {"event": "a", "times": -1},
        {"event": "a", "within_days": 7},
    ],
)
def test_what_can_never_be_fulfilled_is_no_condition(fields: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        Condition(**fields)  # type: ignore[arg-type]


def test_only_an_event_alone_is_what_google_counts() -> None:
    assert condition("add_to_cart").is_an_event
    for text in ("page_view*3", "page_view[/a]", "scroll[percent_scrolled>=75]", "60s"):
        assert not condition(text).is_an_event, text


def test_no_text_takes_long_to_refuse() -> None:
    """Nested repetition that goes back and forth would take longer than the age of the world."""
    for text in ('"' + '""' * 5000, "a[" + '""' * 5000, "a" * 20_000 + "[", "a[b=" + " " * 5000 + "]"):
        with pytest.raises(UsageError):
            conditions(text)
