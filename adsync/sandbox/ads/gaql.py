"""Reads a GAQL query: SELECT fields FROM resource WHERE conditions ORDER BY fields LIMIT n PARAMETERS settings.

The grammar is Google's published one. It is small and has no precedence, and every mistake has an error of its own that
programs look at, so that it is read by hand: one function a clause, which knows what it expected.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from adsync.sandbox.ads.errors import refuse
from adsync.sandbox.ads.tokens import Token, Tokens, split

_COMPARISONS = frozenset({"=", "!=", "<", ">", "<=", ">="})
_FIELD_NAME = re.compile(r"[a-z][a-zA-Z0-9_]*(\.[a-z][a-zA-Z0-9_]*)*", re.ASCII)
_RESOURCE_NAME = re.compile(r"[a-z][a-zA-Z0-9_]*", re.ASCII)
_PARAMETERS = frozenset({"include_drafts", "omit_unselected_resource_names"})
MOST_VALUES = 20_000
"""How many values a list may hold."""

Value = Token
"""A literal of a condition: string, number or bare word."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison. operator: as written in the grammar, such as "NOT IN"; IS NULL has no values, BETWEEN two."""

    field: str
    operator: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A parsed query. resource: "" where the grammar has no FROM. order_by: field and whether it descends."""

    select: tuple[str, ...]
    resource: str
    where: tuple[Condition, ...] = ()
    order_by: tuple[tuple[str, bool], ...] = ()
    limit: int | None = None
    parameters: tuple[tuple[str, bool], ...] = ()

    @property
    def referenced(self) -> tuple[str, ...]:
        """Every field that is named, those of SELECT first."""
        return (*self.select, *(c.field for c in self.where), *(name for name, _ in self.order_by))


def parse(text: str, *, has_from: bool = True) -> Query:
    """The query; has_from: whether this service's grammar has a FROM clause.

    Raises AdsRefusal with Google's QueryError for what is malformed.
    """
    tokens = Tokens(split(text))
    tokens.demand("SELECT", "EXPECTED_SELECT")
    select = [_name(tokens)]
    while tokens.accept(","):
        select.append(_name(tokens))
    resource = _resource(tokens, has_from=has_from)
    where: list[Condition] = []
    if tokens.accept("WHERE"):
        where.append(_condition(tokens))
        while tokens.accept("AND"):
            where.append(_condition(tokens))
    order: list[tuple[str, bool]] = []
    if tokens.accept("ORDER"):
        tokens.demand("BY", "EXPECTED_BY")
        order.append(_ordering(tokens))
        while tokens.accept(","):
            order.append(_ordering(tokens))
    query = Query(
        select=tuple(select),
        resource=resource,
        where=tuple(where),
        order_by=tuple(order),
        limit=_limit(tokens),
        parameters=_parameters(tokens),
    )
    if tokens.next is not None:
        raise refuse("query_error", "UNEXPECTED_INPUT", f"Error in query: unexpected input {tokens.next.text}.")
    return query


def _resource(tokens: Tokens, *, has_from: bool) -> str:
    if not has_from:
        if tokens.accept("FROM"):
            raise refuse("query_error", "UNEXPECTED_FROM_CLAUSE", "FROM clause cannot be specified in this query.")
        return ""
    tokens.demand("FROM", "EXPECTED_FROM")
    name = tokens.take("BAD_RESOURCE_TYPE_IN_FROM_CLAUSE", "a resource name")
    if name.kind != "word" or not _RESOURCE_NAME.fullmatch(name.text):
        raise refuse(
            "query_error",
            "BAD_RESOURCE_TYPE_IN_FROM_CLAUSE",
            f"'{name.text}' is not a valid resource name.",
            trigger=name.text,
        )
    return name.text


def _name(tokens: Tokens) -> str:
    token = tokens.take("BAD_FIELD_NAME", "a field name")
    if token.kind != "word" or not _FIELD_NAME.fullmatch(token.text):
        raise refuse("query_error", "BAD_FIELD_NAME", f"Error in query: '{token.text}' is not a field name.")
    return token.text


def _ordering(tokens: Tokens) -> tuple[str, bool]:
    name = _name(tokens)
    descending = tokens.accept("DESC")
    if not descending:
        tokens.accept("ASC")
    return (name, descending)


def _limit(tokens: Tokens) -> int | None:
    if not tokens.accept("LIMIT"):
        return None
    token = tokens.take("BAD_LIMIT_VALUE", "a number")
    if token.kind != "number" or "." in token.text or len(token.text) > 20 or int(token.text) >= 1 << 63:
        raise refuse("query_error", "BAD_LIMIT_VALUE", f"Error in query: '{token.text}' is not a limit.")
    if int(token.text) < 1:
        raise refuse("query_error", "LIMIT_VALUE_TOO_LOW", f"The limit {token.text} is too low; it must be at least 1.")
    return int(token.text)


def _parameters(tokens: Tokens) -> tuple[tuple[str, bool], ...]:
    if not tokens.accept("PARAMETERS"):
        return ()
    found = [_parameter(tokens)]
    while tokens.accept(","):
        found.append(_parameter(tokens))
    return tuple(found)


def _parameter(tokens: Tokens) -> tuple[str, bool]:
    name = tokens.take("BAD_PARAMETER_NAME", "a parameter name").text
    if name.lower() not in _PARAMETERS:
        raise refuse("query_error", "BAD_PARAMETER_NAME", f"The parameter '{name}' is unknown or not supported.")
    tokens.demand("=", "UNEXPECTED_INPUT")
    value = tokens.take("BAD_PARAMETER_VALUE", "true or false")
    if value.kind == "number" or value.text.lower() not in ("true", "false"):
        raise refuse("query_error", "BAD_PARAMETER_VALUE", f"The parameter '{name}' cannot be '{value.text}'.")
    return name.lower(), value.text.lower() == "true"


# Conditions ----------------------------------------------------------------------------------------------------------


def _condition(tokens: Tokens) -> Condition:
    name = _name(tokens)
    if tokens.accept("IS", "NOT", "NULL"):
        return Condition(name, "IS NOT NULL", ())
    if tokens.accept("IS", "NULL"):
        return Condition(name, "IS NULL", ())
    if tokens.accept("BETWEEN"):
        return Condition(name, "BETWEEN", _between(tokens))
    for words in (("IN",), ("NOT", "IN"), *(("CONTAINS", which) for which in ("ANY", "ALL", "NONE"))):
        if tokens.accept(*words):
            return Condition(name, " ".join(words), _list(tokens))
    for words in (("LIKE",), ("NOT", "LIKE"), ("REGEXP_MATCH",), ("NOT", "REGEXP_MATCH"), ("DURING",)):
        if tokens.accept(*words):
            return Condition(name, " ".join(words), (_single(tokens),))
    operator = tokens.peek()
    if operator not in _COMPARISONS:
        if tokens.next is None:
            tokens.take("BAD_OPERATOR", "an operator")
        raise refuse("query_error", "BAD_OPERATOR", f"Error in query: '{operator}' is not an operator.")
    tokens.at += 1
    return Condition(name, operator, (_single(tokens),))


def _between(tokens: Tokens) -> tuple[Value, Value]:
    low = tokens.take("EXPECTED_VALUE_WITH_BETWEEN_OPERATOR", "a value")
    tokens.demand("AND", "EXPECTED_AND")
    high = tokens.take("EXPECTED_VALUE_WITH_BETWEEN_OPERATOR", "a value")
    if low.kind != high.kind:
        raise refuse(
            "query_error",
            "PROHIBITED_VALUE_COMBINATION_WITH_BETWEEN_OPERATOR",
            f"The values '{low.text}' and '{high.text}' of BETWEEN are not of the same type.",
        )
    return low, high


def _single(tokens: Tokens) -> Value:
    if tokens.peek() == "(":
        raise refuse("query_error", "EXPECTED_SINGLE_VALUE", "Error in query: expected a single value, not a list.")
    return tokens.take("BAD_VALUE", "a value")


def _list(tokens: Tokens) -> tuple[Value, ...]:
    if tokens.next is not None and tokens.peek() != "(":
        raise refuse("query_error", "EXPECTED_LIST", "Error in query: expected a list of values in parentheses.")
    tokens.demand("(", "UNEXPECTED_END_OF_QUERY")
    if tokens.accept(")"):
        raise refuse("query_error", "PROHIBITED_EMPTY_LIST_IN_CONDITION", "A condition has an empty list.")
    values = [_single(tokens)]
    while tokens.accept(","):
        values.append(_single(tokens))
    tokens.demand(")", "UNEXPECTED_INPUT" if tokens.next else "UNEXPECTED_END_OF_QUERY")
    if len({value.kind for value in values}) > 1:
        raise refuse(
            "query_error", "PROHIBITED_VALUE_COMBINATION_IN_LIST", "A list contains values of different types."
        )
    if len(values) > MOST_VALUES:
        raise refuse(
            "query_error", "FILTER_HAS_TOO_MANY_VALUES", f"A filter has more than {MOST_VALUES} values: {len(values)}."
        )
    return tuple(values)
