"""Reads JSON, and says of what is none what Google's front end says: what it expected, and where."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

_QUOTED = 20
"""Characters that are quoted on either side of a mistake."""

_EXPECTED = {
    "Expecting property name enclosed in double quotes": "Expected an object key or }.",
    "Expecting ':' delimiter": "Expected : between key:value pair.",
    "Unterminated string starting at": "Closing quote expected in string.",
    "Extra data": "Parsing terminated before end of input.",
    "Invalid \\escape": "Invalid escape sequence.",
    "Invalid \\uXXXX escape": "Invalid escape sequence.",
}
_BEGINS_A_TOKEN = re.compile(r"[\w$\"'{}\[\]:,-]")


class BadJson(Exception):
    """A text that is not JSON: what was expected and, where that can be told, the place with a caret below it."""


def read_json(body: bytes) -> Any:
    """What a text in JSON holds; an empty one is an empty object. Raises BadJson.

    Google's parser takes some more than JSON, such as keys without quotes; this one does not.
    """
    try:
        found = json.loads(
            body.decode() or "{}", parse_constant=_no_number, parse_int=_whole, parse_float=_double, strict=False
        )
        if b"\\ud" in body.lower():  # no message can hold it, and Google's libraries trip over it in ways of their own
            json.dumps(found, ensure_ascii=False).encode()
        return found
    except UnicodeEncodeError:  # half of a pair of escapes
        raise BadJson("Invalid unicode code point.") from None
    except UnicodeDecodeError:
        raise BadJson("Encountered non UTF-8 code points.") from None
    except json.JSONDecodeError as error:
        raise BadJson(_explained(error)) from None
    except RecursionError:
        raise BadJson("Message too deep. Max recursion depth reached.") from None


def _whole(text: str) -> int | float:
    return int(text) if len(text) < 300 else _double(text)


def _double(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise BadJson("Number exceeds the range of double.")
    return number


def camel_case(name: str) -> str:
    """A field's name, or several of them, as JSON spells them: `primary_for_goal` as `primaryForGoal`."""
    return re.sub("_([a-z])", lambda m: m[1].upper(), name)


def _no_number(name: str) -> NoReturn:
    """NaN and Infinity, which Python takes for numbers."""
    raise BadJson(f"Unexpected token.\n{name}\n^")


def _explained(error: json.JSONDecodeError) -> str:
    text, at = error.doc, error.pos
    if error.msg == "Expecting value":
        expected = "Unexpected token." if _BEGINS_A_TOKEN.match(text, at) else "Expected a value."
    elif error.msg == "Expecting ',' delimiter":
        expected = (
            "Expected , or ] after array value." if _in_array(text[:at]) else "Expected , or } after key:value pair."
        )
    else:
        expected = _EXPECTED.get(error.msg, "Unexpected token.")
    if not text[at:].strip():
        return f"Unexpected end of string. {expected}\n\n^"
    before = text[max(at - _QUOTED, 0) : at]
    return f"{expected}\n{before}{text[at : at + _QUOTED]}\n{' ' * len(before)}^"


def _in_array(text: str) -> bool:
    """Whether the innermost of what is open at the end is an array."""
    opened = []
    for sign in re.findall(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', text, re.DOTALL):
        if sign in "[{":
            opened.append(sign)
        elif sign in "]}":
            opened.pop()
    return opened[-1:] == ["["]
