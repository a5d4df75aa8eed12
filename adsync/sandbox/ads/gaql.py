"""Reads a GAQL query: SELECT fields FROM resource WHERE conditions ORDER BY fields LIMIT n."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from adsync.sandbox.ads.errors import refuse

_TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\")"
    r"|(?P<number>-?\d+(?:\.\d+)?)(?![\w.])"
    r"|(?P<word>[A-Za-z_][\w.]*)"
    r"|(?P<symbol><=|>=|!=|=|<|>|\(|\)|,))"
)
_KEYWORDS = {
    "SELECT",
    "FROM",
    "WHERE",
    "AND",
    "ORDER",
    "BY",
    "LIMIT",
    "ASC",
    "DESC",
    "IN",
    "NOT",
    "BETWEEN",
    "PARAMETERS",
}
_COMPARISONS = {"=", "!=", "<", ">", "<=", ">="}


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison. operator: =, !=, <, >, <=, >=, IN, NOT IN or BETWEEN; values as text."""

    field: str
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A parsed query."""

    select: tuple[str, ...]
    resource: str
    where: tuple[Condition, ...] = ()
    order_by: tuple[tuple[str, bool], ...] = ()
    limit: int | None = None


@dataclass(slots=True)
class _Tokens:
    items: list[tuple[str, str]] = field(default_factory=list)
    at: int = 0

    def peek(self) -> str:
        kind, text = self.items[self.at] if self.at < len(self.items) else ("", "")
        return text.upper() if kind == "word" and text.upper() in _KEYWORDS else text

    def take(self, kind: str, error: str, wanted: str) -> str:
        if self.at >= len(self.items):
            raise refuse(
                "query_error", "UNEXPECTED_END_OF_QUERY", f"Error in query: unexpected end of query, expected {wanted}."
            )
        found_kind, text = self.items[self.at]
        if found_kind != kind:
            raise refuse("query_error", error, f"Error in query: unexpected input {text}, expected {wanted}.")
        self.at += 1
        return text

    def accept(self, keyword: str) -> bool:
        if self.peek() == keyword:
            self.at += 1
            return True
        return False

    def demand(self, keyword: str, error: str) -> None:
        if not self.accept(keyword):
            raise refuse("query_error", error, f"Error in query: expected {keyword} near '{self.peek()}'.")


def parse(text: str) -> Query:
    """The query. Raises AdsRefusal with Google's QueryError for what is malformed."""
    tokens = _Tokens(_split(text))
    tokens.demand("SELECT", "EXPECTED_SELECT")
    select = _names(tokens)
    tokens.demand("FROM", "EXPECTED_FROM")
    resource = tokens.take("word", "BAD_RESOURCE_TYPE_IN_FROM_CLAUSE", "a resource name")
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
    limit = None
    if tokens.accept("LIMIT"):
        number = tokens.take("number", "BAD_LIMIT_VALUE", "a number")
        if not number.isdigit() or int(number) < 1:
            raise refuse("query_error", "BAD_LIMIT_VALUE", f"Error in query: {number} is no limit.")
        limit = int(number)
    if tokens.peek():
        raise refuse("query_error", "UNEXPECTED_INPUT", f"Error in query: unexpected input {tokens.peek()}.")
    return Query(select=select, resource=resource, where=tuple(where), order_by=tuple(order), limit=limit)


def _split(text: str) -> list[tuple[str, str]]:
    items, at, text = [], 0, text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            name = "STRING_NOT_TERMINATED" if text[at:].lstrip()[:1] in "'\"" else "BAD_SYMBOL"
            raise refuse("query_error", name, f"Error in query: unexpected input {text[at : at + 20].strip()!r}.")
        kind = match.lastgroup or ""
        items.append((kind, match[kind]))
        at = match.end()
    return items


def _names(tokens: _Tokens) -> tuple[str, ...]:
    names = [tokens.take("word", "BAD_FIELD_NAME", "a field name")]
    while tokens.accept(","):
        names.append(tokens.take("word", "BAD_FIELD_NAME", "a field name"))
    return tuple(names)


def _ordering(tokens: _Tokens) -> tuple[str, bool]:
    name = tokens.take("word", "BAD_FIELD_NAME", "a field name")
    descending = tokens.accept("DESC")
    if not descending:
        tokens.accept("ASC")
    return (name, descending)


def _condition(tokens: _Tokens) -> Condition:
    name = tokens.take("word", "BAD_FIELD_NAME", "a field name")
    if tokens.accept("BETWEEN"):
        low = _value(tokens)
        tokens.demand("AND", "EXPECTED_VALUE_WITH_BETWEEN_OPERATOR")
        return Condition(name, "BETWEEN", (low, _value(tokens)))
    negated = tokens.accept("NOT")
    if tokens.accept("IN"):
        return Condition(name, "NOT IN" if negated else "IN", _list(tokens))
    operator = tokens.take("symbol", "BAD_OPERATOR", "an operator")
    if operator not in _COMPARISONS:
        raise refuse("query_error", "BAD_OPERATOR", f"Error in query: {operator} is no operator.")
    return Condition(name, operator, (_value(tokens),))


def _list(tokens: _Tokens) -> tuple[str, ...]:
    if tokens.take("symbol", "EXPECTED_LIST", "a list") != "(":
        raise refuse("query_error", "EXPECTED_LIST", "Error in query: expected a list in parentheses.")
    values = [_value(tokens)]
    while tokens.accept(","):
        values.append(_value(tokens))
    tokens.demand(")", "EXPECTED_LIST")
    return tuple(values)


def _value(tokens: _Tokens) -> str:
    if tokens.at < len(tokens.items) and tokens.items[tokens.at][0] == "string":
        text = tokens.take("string", "BAD_VALUE", "a value")[1:-1]
        return re.sub(r"\\(.)", r"\1", text)
    if tokens.at < len(tokens.items) and tokens.items[tokens.at][0] == "number":
        return tokens.take("number", "BAD_VALUE", "a value")
    return tokens.take("word", "BAD_VALUE", "a value")
