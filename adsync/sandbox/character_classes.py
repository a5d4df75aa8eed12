"""The classes of characters that RE2 has inside brackets, such as [[:alpha:]_], as Python writes them."""

from __future__ import annotations

import re

_POSIX = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7f",
    "blank": r"\t ",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "upper": "A-Z",
    "space": r"\t\n\v\f\r ",
    "punct": r"!-/:-@\[-`{-~",
    "word": r"\w",
    "xdigit": "0-9A-Fa-f",
}
# A class within a class, a character that is meant as such, and those that Python reserves there for operations on sets.
_INSIDE = re.compile(r"\[:(?P<negated>\^?)(?P<posix>[^\]]*?):\]|\\.|[\[&~|]", re.DOTALL)


class NoSuchClass(Exception):
    """RE2 has no class of this name."""


def in_python(brackets: str) -> str:
    """A bracket expression of RE2's. Raises NoSuchClass."""
    return "[" + _INSIDE.sub(_as_python, brackets[1:])


def _as_python(found: re.Match[str]) -> str:
    """What Python calls something inside a class. Raises NoSuchClass."""
    if found["posix"] is None:
        return found[0] if found[0][0] == "\\" else f"\\{found[0]}"
    content = _POSIX.get(found["posix"])
    if content is None:
        raise NoSuchClass(f"there is no class {found[0]}")
    if not found["negated"]:
        return content
    inside = re.compile(f"[{content}]", re.ASCII)
    others = (chr(code) for code in range(128) if not inside.match(chr(code)))
    return "".join(re.escape(each) for each in others) + "\x80-\U0010ffff"
