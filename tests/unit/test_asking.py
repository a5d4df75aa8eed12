"""Which events people mean: as they write them, quoted or not, and what is offered for those that the log lacks."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adsync.errors import UsageError
from adsync.model.condition import Condition, conditions, events_or_conditions, names_in
from adsync.score.asking import candidate_in_log, event_in_log
from adsync.score.candidates import candidates_of, nearest

NAMES = {
    "Trial Started": 9,
    "Page Viewed": 8,
    "a/b": 7,
    "purchase": 6,
    "5 > 4": 5,
    "one, two": 4,
    "subscription_paid": 3,
}
LAWS = settings(max_examples=200)


def refused(text: str) -> str:
    with pytest.raises(UsageError) as told:
        ask_for(text)
    return str(told.value)


def ask_for(text: str) -> None:
    for candidate in events_or_conditions(text):
        candidate_in_log(candidate, NAMES)


@pytest.mark.parametrize(
    "text", ['Trial Started,"Page Viewed", a/b,5 > 4', '"Trial Started",Page Viewed,"a/b","5 > 4"']
)
def test_names_of_the_log_need_no_quotes_and_may_have_them(text: str) -> None:
    found = events_or_conditions(text)
    assert [c.event for c in found] == ["Trial Started", "Page Viewed", "a/b", "5 > 4"]
    assert all(c.is_an_event for c in found)
    ask_for(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Trail Started", "The log has no event Trail Started (--candidates). Did you mean Trial Started?"),
        ('"trial started"', "Did you mean Trial Started?"),
        ("Trial Started*2", "'Trial Started*2' is no condition: there is no such form."),
        ('"Trial Started"*0', "the times are 1 to 100"),
        ("purchase*2,Page Viewed[/a", "a quote or a bracket has no partner"),
        ("purchase,,a/b", "'' is no condition: nothing stands there"),
        ('""', "is no condition"),
        ("0s", "'0s' is no condition: the seconds are 1 to 86400."),
        ("90000s", "the seconds are 1 to 86400"),
        ('"60s"', "The log has no event 60s (--candidates)."),
    ],
)
def test_what_is_neither_an_event_of_the_log_nor_a_condition_is_refused_as_what_it_looks_like(
    text: str, says: str
) -> None:
    assert says in refused(text)


@pytest.mark.parametrize("macro", ["page_view[/thank-you]", "page_view*2", '"page_view"*2', "page_view[a=b]"])
def test_a_condition_as_the_main_conversion_is_refused_as_one(macro: str) -> None:
    with pytest.raises(UsageError, match=r"--macro takes an event, and .* is a condition") as told:
        event_in_log(macro, {"page_view": 9}, "--macro")
    assert "--macro 'page_view'" in str(told.value)
    event_in_log(macro, {"page_view": 9, macro: 1}, "--macro")


def test_names_are_told_apart_by_commas_outside_of_quotes() -> None:
    assert names_in('a, "one, two" ,b c,5" screen, "say ""yes"""') == ("a", "one, two", "b c", '5" screen', 'say "yes"')
    assert names_in("a,,b") == ("a", "", "b")


@LAWS
@given(names=st.lists(st.text(st.sampled_from(list('ab "é[]*,')), min_size=1).map(str.strip).filter(bool), min_size=1))
def test_names_in_quotes_are_read_as_they_are(names: list[str]) -> None:
    written = ",".join('"' + name.replace('"', '""') + '"' for name in names)
    assert names_in(written) == tuple(names)
    assert [c.event for c in events_or_conditions(written)] == names


@LAWS
@given(text=st.text(st.sampled_from(list('ab2s ,"[]*/=>')), max_size=12))
def test_conditions_mean_in_a_log_what_they_mean_in_a_config(text: str) -> None:
    try:
        strict = conditions(text)
    except UsageError:
        return
    assert events_or_conditions(text) == strict
    assert all(c.name == (c.event if c == Condition(event=c.event) else c.text) for c in strict if c.event)


@pytest.mark.parametrize(
    ("word", "among", "offered"),
    [
        ("subscription paid", ["subscription_paid_px", "Subscription Paid", "Receipt Mailed"], ("Subscription Paid",)),
        ("purchas", ["support_chat", "purchase"], ("purchase",)),
        ("checkout", ["begin_checkout", "check_in"], ("begin_checkout",)),
        ("addtocart", ["add_to_cart", "Add to Cart"], ("add_to_cart", "Add to Cart")),
        ("view", ["view_item", "page_view", "review_order"], ("view_item", "page_view")),
        ("bestellung", ["Artikel angesehen", "Bestellung abgeschlossen"], ("Bestellung abgeschlossen",)),
        ("Bestellungen", ["Bestellung abgeschlossen"], ("Bestellung abgeschlossen",)),
        ("order", ["page_view", "order_placed", "reorder_hint", "order"[::-1]], ("order_placed",)),
        ("offer", [*(f"module_{n:03}_click" for n in range(300)), "make_offer"], ("make_offer",)),
        ("cart", ["AddToCart", "cartoon_seen", "chart_seen"], ("AddToCart",)),
        ("purchase_completed_server", ["purchase", "page_view"], ("purchase",)),
        ("add", ["address_given", "add_to_cart"], ("add_to_cart",)),
        ("!!", ["?!", "a"], ()),
    ],
)
def test_only_names_that_are_nearly_it_are_offered(word: str, among: list[str], offered: tuple[str, ...]) -> None:
    assert nearest(word, among) == offered


def test_what_the_catalogue_knows_is_asked_about_however_rare_beside_a_sites_own_clicks() -> None:
    clicks = {f"module_{n:03}_click": 1_000 - n for n in range(300)}
    names, left_out = candidates_of({**clicks, "begin_checkout": 59, "form_start": 0, "purchase": 20}, "purchase", 50)
    assert names == (*(f"module_{n:03}_click" for n in range(49)), "begin_checkout")
    assert [name for name, _ in left_out] == [f"module_{n:03}_click" for n in range(49, 300)]
    few, none = candidates_of({"scroll": 3, "click_a": 9}, "purchase", 50)
    assert (few, none) == (("click_a", "scroll"), ())
