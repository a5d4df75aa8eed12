"""Whatever a condition says, it is read back as it was written, alone and between commas."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from adsync.errors import UsageError
from adsync.model.condition import MOST_DAYS, MOST_SECONDS, MOST_TIMES, Condition, condition, conditions

LAWS = settings(max_examples=300)

# What has a meaning in the text form comes far more often than chance would have it.
_marks = st.text(st.sampled_from(list('",[]*/=<>?# s7d\t\n\x1f\u3000é')), max_size=8)
_foreign = st.one_of(_marks, st.text(max_size=8), st.sampled_from(["60s", "add_to_cart", "a b", " a", "/a", '"']))
_names = _foreign.filter(bool)
_pages = _foreign.map(lambda text: "/" + text.translate({ord("?"): None, ord("#"): None}))
_values = st.one_of(
    st.fixed_dictionaries({"equals": _foreign}),
    st.fixed_dictionaries({"at_least": st.floats(allow_nan=False, allow_infinity=False)}),
)
_times = st.one_of(
    st.fixed_dictionaries({"times": st.integers(1, MOST_TIMES)}),
    st.fixed_dictionaries({"times": st.integers(2, MOST_TIMES), "within_days": st.integers(1, MOST_DAYS)}),
)


@st.composite
def written_conditions(draw: st.DrawFn) -> Condition:
    if draw(st.integers(0, 9)) == 0:
        return Condition(seconds=draw(st.integers(1, MOST_SECONDS)))
    fields: dict[str, Any] = {"event": draw(_names), **draw(_times)}
    if draw(st.booleans()):
        fields["page"] = draw(_pages)
    if draw(st.booleans()):
        fields |= {"parameter": draw(_names), **draw(_values)}
    return Condition(**fields)


@LAWS
@given(given_one=written_conditions())
def test_a_condition_is_read_back_as_it_was_written(given_one: Condition) -> None:
    assert condition(given_one.text) == given_one


@LAWS
@given(several=st.lists(written_conditions(), min_size=1, max_size=4), between=st.sampled_from([",", ", ", " ,\n"]))
def test_commas_divide_conditions_and_nothing_else(several: list[Condition], between: str) -> None:
    assert conditions(between.join(c.text for c in several)) == tuple(several)


@LAWS
@given(text=st.one_of(_marks, st.text(max_size=30)))
def test_any_text_is_read_or_refused_with_the_forms_that_exist(text: str) -> None:
    try:
        found = conditions(text)
    except UsageError as error:
        refused = error
    else:
        assert conditions(",".join(c.text for c in found)) == found
        return
    assert "page_view*3" in str(refused)
