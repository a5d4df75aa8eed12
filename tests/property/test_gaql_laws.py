"""Laws of GAQL: what is written down is what is read, and nothing but Google's errors comes of other text."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from adsync.sandbox.ads.conditions import kept
from adsync.sandbox.ads.errors import AdsRefusal
from adsync.sandbox.ads.fields import fields_named
from adsync.sandbox.ads.gaql import Condition, Query, parse
from adsync.sandbox.ads.legality import legal
from adsync.sandbox.ads.protocol import protocol
from adsync.sandbox.ads.spans import span
from adsync.sandbox.ads.tokens import Token

LAWS = settings(max_examples=200)
TODAY = date(2026, 2, 14)

# Writing a query down -------------------------------------------------------------------------------------------------

_KEYWORDS = (
    "select from where and order by limit asc desc in not between like contains is during regexp_match parameters"
)
_part = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True).filter(lambda text: text not in _KEYWORDS.split())
_names = st.lists(_part, min_size=1, max_size=3).map(".".join)
_strings = st.text(st.characters(exclude_categories=["Cs"]), max_size=12).map(lambda text: Token("string", text))
_numbers = st.from_regex(r"-?[0-9]{1,9}(\.[0-9]{1,4})?", fullmatch=True).map(lambda text: Token("number", text))
_words = st.from_regex(r"[A-Z][A-Z0-9_]{0,8}", fullmatch=True).map(lambda text: Token("word", text))
_one = st.one_of(_strings, _numbers, _words.filter(lambda token: token.text.lower() not in _KEYWORDS.split()))


def _lists(of: st.SearchStrategy[Token]) -> st.SearchStrategy[tuple[Token, ...]]:
    return st.lists(of, min_size=1, max_size=4).map(tuple)


_values = {
    **dict.fromkeys(
        ("=", "!=", "<", ">", "<=", ">=", "LIKE", "NOT LIKE", "REGEXP_MATCH", "NOT REGEXP_MATCH", "DURING"),
        st.tuples(_one),
    ),
    **dict.fromkeys(
        ("IN", "NOT IN", "CONTAINS ANY", "CONTAINS ALL", "CONTAINS NONE"), st.one_of(_lists(_strings), _lists(_numbers))
    ),
    **dict.fromkeys(("IS NULL", "IS NOT NULL"), st.just(())),
    "BETWEEN": st.one_of(st.tuples(_strings, _strings), st.tuples(_numbers, _numbers)),
}
_conditions = st.sampled_from(sorted(_values)).flatmap(
    lambda operator: st.builds(Condition, _names, st.just(operator), _values[operator])
)
_queries = st.builds(
    Query,
    select=st.lists(_names, min_size=1, max_size=4).map(tuple),
    resource=_part,
    where=st.lists(_conditions, max_size=3).map(tuple),
    order_by=st.lists(st.tuples(_names, st.booleans()), max_size=3).map(tuple),
    limit=st.one_of(st.none(), st.integers(1, 10**12)),
    parameters=st.lists(
        st.tuples(st.sampled_from(["include_drafts", "omit_unselected_resource_names"]), st.booleans()), max_size=2
    ).map(tuple),
)


def written(token: Token, quote: str) -> str:
    if token.kind != "string":
        return token.text
    escaped = token.text.replace("\\", "\\\\").replace(quote, f"\\{quote}")
    for character, escape in (("\n", "\\n"), ("\r", "\\r")):
        escaped = escaped.replace(character, escape)
    return f"{quote}{escaped}{quote}"


def formatted(query: Query, space: str, quote: str, *, loud: bool) -> str:
    """The query as text, in one of the many ways to write it."""

    def condition(c: Condition) -> str:
        values = [written(value, quote) for value in c.values]
        if c.operator == "BETWEEN":
            return f"{c.field} BETWEEN {values[0]} AND {values[1]}"
        many = c.operator.startswith("CONTAINS") or c.operator.endswith("IN")
        listed = f"({', '.join(values)})" if many else "".join(values)
        return f"{c.field} {word(c.operator)} {listed}"

    def word(keyword: str) -> str:
        return keyword if loud else keyword.lower()

    clauses = [f"{word('SELECT')} {', '.join(query.select)}", f"{word('FROM')} {query.resource}"]
    if query.where:
        clauses.append(f"{word('WHERE')} " + f" {word('AND')} ".join(map(condition, query.where)))
    if query.order_by:
        orderings = [f"{name} {word('DESC' if down else 'ASC')}" for name, down in query.order_by]
        clauses.append(f"{word('ORDER BY')} {', '.join(orderings)}")
    if query.limit is not None:
        clauses.append(f"{word('LIMIT')} {query.limit}")
    if query.parameters:
        clauses.append(f"{word('PARAMETERS')} " + ", ".join(f"{k} = {str(v).lower()}" for k, v in query.parameters))
    return space.join(clauses)


@settings(LAWS, max_examples=70)
@given(_queries, st.sampled_from([" ", "\n", "\t \r\n"]), st.sampled_from("'\""), st.booleans())
def test_a_query_that_is_written_down_is_read_again_as_it_was(query: Query, space: str, quote: str, loud: bool) -> None:
    assert parse(formatted(query, space, quote, loud=loud)) == query


_KEYWORD_PIECES = st.sampled_from([*_KEYWORDS.upper().split(), "is null", "order by", "TODAY", "ANY", "ENABLED"])
_SYMBOL_PIECES = st.sampled_from(
    ["=", "!=", "<", ">=", "(", ")", ",", ";", "7", "-1.5", "'a'", '"b"', "'x", "\\", "'2026-01-01'", "é"]
)
_NAME_PIECES = st.sampled_from(
    ["campaign", "customer", "campaign.id", "segments.date", "metrics.clicks", "'2026-01-01'"]
)
_pieces = st.one_of(_KEYWORD_PIECES, _SYMBOL_PIECES, _NAME_PIECES)


def refused(text: str) -> AdsRefusal | None:
    """Google's error for the text, if it has one."""
    try:
        query = legal(text, protocol(), is_manager=False)
        span(query, TODAY)
        fields = fields_named(protocol(), query.referenced)
        kept([{}], query, fields, TODAY)
    except AdsRefusal as refusal:
        return refusal
    return None


@LAWS
@given(st.one_of(st.text(max_size=60), st.lists(_pieces, max_size=14).map(" ".join)))
def test_no_text_does_worse_than_being_refused(text: str) -> None:
    refusal = refused(text)
    assert refusal is None or (refusal.faults[0].category == "query_error" and refusal.faults[0].message)


@LAWS
@given(
    st.sampled_from(
        ["campaign.id", "campaign.name", "campaign.status", "segments.date", "campaign.labels", "customer.manager"]
    ),
    st.lists(_pieces, min_size=1, max_size=6).map(" ".join),
)
def test_no_condition_does_worse_than_being_refused(name: str, rest: str) -> None:
    refusal = refused(f"SELECT campaign.id FROM campaign WHERE {name} {rest}")
    assert refusal is None or refusal.faults[0].category == "query_error"
