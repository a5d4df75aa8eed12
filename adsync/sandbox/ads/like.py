"""The patterns of LIKE: % is any text, _ any character, and a character in brackets stands for itself."""

from __future__ import annotations

import re
from functools import lru_cache

_PART = re.compile(r"\[[\[\]%_]\]|[^\[\]]", re.DOTALL)


@lru_cache(maxsize=256)
def pattern(text: str) -> tuple[str, ...] | None:
    """The pattern's parts: "%", "_" or "=" and a character; None when a bracket is neither opened nor closed well."""
    parts, at = [], 0
    while at < len(text):
        match = _PART.match(text, at)
        if match is None:
            return None
        part = match[0]
        parts.append(part if part in ("%", "_") else f"={part[1] if len(part) == 3 else part}".casefold())
        at = match.end()
    return tuple(parts)


@lru_cache(maxsize=4096)
def matches(text: str, value: str) -> bool:
    """Is the whole value like the pattern? Capitals do not matter. Takes time of their lengths' product at most."""
    parts = pattern(text)
    assert parts is not None
    reached = _after_percents({0}, parts)
    for character in value:
        wanted = f"={character}".casefold()
        reached = _after_percents(
            {
                at if parts[at] == "%" else at + 1
                for at in reached
                if at < len(parts) and (parts[at] in ("%", "_") or parts[at] == wanted)
            },
            parts,
        )
    return len(parts) in reached


def _after_percents(positions: set[int], parts: tuple[str, ...]) -> set[int]:
    """A % may also be nothing."""
    found = set(positions)
    for at in positions:
        while at < len(parts) and parts[at] == "%":
            at += 1
            found.add(at)
    return found
