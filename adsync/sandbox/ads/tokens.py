"""Splits a GAQL query into words, numbers, strings and symbols."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from adsync.sandbox.ads.errors import refuse

_PLAIN = re.compile(
    r"(?P<number>-?\d+(?:\.\d+)?)(?![\w.])|(?P<word>[A-Za-z_][\w.]*)|(?P<symbol><=|>=|!=|[=<>(),])", re.ASCII
)
_SPACE, _SPACES = re.compile(r"\s*", re.ASCII), re.compile(r"\s+", re.ASCII)
_ESCAPES = {"\\": "\\", "'": "'", '"': '"', "n": "\n", "r": "\r", "t": "\t"}


_KEYWORDS = frozenset(
    {
        *("SELECT", "FROM", "WHERE", "AND", "ORDER", "BY", "ASC", "DESC", "LIMIT", "PARAMETERS"),
        *("NOT", "IN", "BETWEEN", "LIKE", "REGEXP_MATCH", "DURING", "CONTAINS", "ANY", "ALL", "NONE", "IS", "NULL"),
    }
)
# Words that a value may be although the grammar uses them elsewhere.
_ALSO_VALUES = frozenset({"ANY", "ALL", "NONE", "NULL"})


@dataclass(frozen=True, slots=True)
class Token:
    """kind: word, number, string or symbol; a string's text has its escapes resolved."""

    kind: str
    text: str


def split(text: str) -> list[Token]:
    """The query's tokens. Raises AdsRefusal for what is none."""
    tokens, at = [], _skip(text, 0)
    while at < len(text):
        if text[at] in "'\"":
            token, at = _string(text, at)
        else:
            match = _PLAIN.match(text, at)
            if match is None:
                raise _unreadable(text, at)
            token, at = Token(match.lastgroup or "", match[0]), match.end()
        tokens.append(token)
        at = _skip(text, at)
    return tokens


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    assert match is not None
    return match.end()


def _string(text: str, start: int) -> tuple[Token, int]:
    quote, at = text[start], start + 1
    characters: list[str] = []
    while at < len(text):
        character = text[at]
        if character == quote:
            return Token("string", "".join(characters)), at + 1
        if character in "\r\n":
            raise refuse(
                "query_error", "PROHIBITED_NEWLINE_IN_STRING", "Error in query: a string contains a newline character."
            )
        if character == "\\":
            at += 1
            if at < len(text) and text[at] not in _ESCAPES:
                raise refuse(
                    "query_error", "BAD_ESCAPE_SEQUENCE", f"Error in query: invalid escape sequence '\\{text[at]}'."
                )
            character = _ESCAPES[text[at]] if at < len(text) else ""
        characters.append(character)
        at += 1
    raise refuse("query_error", "STRING_NOT_TERMINATED", f"Error in query: unterminated string {text[start:][:40]}.")


def _unreadable(text: str, at: int) -> Exception:
    found = _SPACES.split(text[at : at + 20])[0]
    if not text[at].isascii():
        return refuse("query_error", "BAD_SYMBOL", f"Error in query: unexpected symbol {text[at]}.")
    if text[at].isdigit() or text[at] == "-":
        return refuse("query_error", "BAD_NUMBER", f"Error in query: '{found}' is not a number.")
    return refuse("query_error", "UNEXPECTED_INPUT", f"Error in query: unexpected input {found}.")


@dataclass(slots=True)
class Tokens:
    """The tokens of a query, taken one after another."""

    items: list[Token] = field(default_factory=list)
    at: int = 0

    @property
    def next(self) -> Token | None:
        return self.items[self.at] if self.at < len(self.items) else None

    def peek(self) -> str:
        """The next keyword or symbol in capitals, any other token as it is; "" at the end."""
        token = self.next
        if token is None or token.kind == "string":
            return ""
        return token.text.upper() if token.text.upper() in _KEYWORDS else token.text

    def take(self, error: str, wanted: str) -> Token:
        token = self.next
        if token is None:
            raise refuse(
                "query_error", "UNEXPECTED_END_OF_QUERY", f"Error in query: unexpected end of query, expected {wanted}."
            )
        if token.kind == "symbol" or (token.kind == "word" and token.text.upper() in _KEYWORDS - _ALSO_VALUES):
            raise refuse("query_error", error, f"Error in query: unexpected input {token.text}, expected {wanted}.")
        self.at += 1
        return token

    def accept(self, *keywords: str) -> bool:
        """Takes these keywords where all of them follow."""
        start = self.at
        for keyword in keywords:
            if self.peek() != keyword:
                self.at = start
                return False
            self.at += 1
        return True

    def demand(self, keyword: str, error: str) -> None:
        if not self.accept(keyword):
            found = f"unexpected input {self.next.text}" if self.next else "unexpected end of query"
            raise refuse("query_error", error, f"Error in query: {found}, expected {keyword}.")
