"""Regular expressions as RE2 has them: matched in linear time, without back-references and looking around.

Python's own engine goes back and tries again, so that a short pattern can keep it busy for years. Here the states that a
pattern can be in are followed all at once; Python's engine is asked only about single characters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from adsync.sandbox.character_classes import NoSuchClass, in_python

_ATOM = re.compile(
    r"""\\[dDwWsSbBAz] | \\x[0-9A-Fa-f]{2} | \\[^A-Za-z0-9] | \\[nrtfv]
    | \[\^?\]?(?:\[:[^\]]*:\]|\\.|[^\]\\])*\]
    | [^\\\[\]()|*+?{}] | [\]}] | \{(?!\d+(?:,\d*)?\})""",
    re.VERBOSE | re.DOTALL,
)
_REPEAT = re.compile(r"([*+?]|\{(\d+)(,(\d*))?\})\??")
_GROUP = re.compile(r"\((?:\?(?:P?<(?P<name>[A-Za-z_]\w*)>|(?P<flags>[imsU]*(?:-[imsU]+)?)(?P<ends>[:)])))?", re.ASCII)
_MOST_REPEATS = 1_000
_MOST_STATES = 20_000
_EMPTY = {"^": "start", "$": "end", r"\A": "start", r"\z": "end", r"\b": "word", r"\B": "inside"}


class NotRegular(Exception):
    """The text is not a regular expression that RE2 would take; says why."""


@dataclass(slots=True)
class _State:
    """What leads on from here: a character that `test` accepts, or nothing at all where `when` holds."""

    test: re.Pattern[str] | None = None
    when: str = ""
    then: list[int] = field(default_factory=list)


class Regular:
    """A compiled expression."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._states: list[_State] = []
        self._flags = ""
        self._names: dict[str, int] = {}
        start, end = self._either()
        if self._at < len(text):
            raise NotRegular(f"unexpected {text[self._at]}")
        self._start, self._end = start, end

    def matches(self, value: str) -> bool:
        """Does the whole value match?"""
        found = self._spread({self._start}, value, 0)
        for at, character in enumerate(value):
            step = {
                target
                for number in found
                if (test := self._states[number].test) is not None and test.fullmatch(character)
                for target in self._states[number].then
            }
            found = self._spread(step, value, at + 1)
            if not found:
                return False
        return self._end in found

    def _spread(self, states: set[int], value: str, at: int) -> set[int]:
        found, waiting = set(states), list(states)
        while waiting:
            state = self._states[waiting.pop()]
            if state.test is not None or not _holds(state.when, value, at):
                continue
            fresh = set(state.then) - found
            found |= fresh
            waiting.extend(fresh)
        return found

    # Reading the expression: each part is a pair of states, its way in and its way out --------------------------------

    def _new(self, test: re.Pattern[str] | None = None, when: str = "", then: list[int] | None = None) -> int:
        if len(self._states) >= _MOST_STATES:
            raise NotRegular("it is too large")
        self._states.append(_State(test, when, then or []))
        return len(self._states) - 1

    def _either(self, depth: int = 0) -> tuple[int, int]:
        if depth > 50:
            raise NotRegular("it is nested too deeply")
        outside = self._flags
        ways = [self._row(depth)]
        while self._accept("|"):
            ways.append(self._row(depth))
        self._flags = outside
        start, end = self._new(then=[way for way, _ in ways]), self._new()
        for _, out in ways:
            self._states[out].then.append(end)
        return start, end

    def _row(self, depth: int) -> tuple[int, int]:
        start = end = self._new()
        while self._at < len(self._text) and self._text[self._at] not in "|)":
            came_from = self._at
            part = self._part(depth)
            if match := _REPEAT.match(self._text, self._at):
                part = self._repeated(part, match, (came_from, depth))
                if _REPEAT.match(self._text, self._at):
                    raise NotRegular("a repetition follows another")
            self._states[end].then.append(part[0])
            end = part[1]
        return start, end

    def _part(self, depth: int) -> tuple[int, int]:
        if self._text[self._at] == "(":
            return self._group(depth)
        match = _ATOM.match(self._text, self._at)
        if match is None:
            raise NotRegular(f"unexpected {self._text[self._at :][:10]}")
        self._at = match.end()
        if match[0] in _EMPTY:
            end = self._new()
            return self._new(when=self._place(match[0]), then=[end]), end
        end = self._new()
        return self._new(test=self._single(match[0]), then=[end]), end

    def _group(self, depth: int) -> tuple[int, int]:
        match = _GROUP.match(self._text, self._at)
        assert match is not None
        self._at = match.end()
        # A repetition reads its part again: that is the same group.
        if match["name"] and self._names.setdefault(match["name"], match.start()) != match.start():
            raise NotRegular(f"two groups have the name {match['name']}")
        if self._text[self._at : self._at + 1] == "?":
            raise NotRegular("looking around and conditions are not supported")
        outside = self._flags
        if match["flags"]:
            on, _, off = match["flags"].partition("-")
            self._flags = "".join(sorted(set(self._flags + on) - set(off)))
        if match["ends"] == ")":
            alone = self._new()
            return alone, alone
        inside = self._either(depth + 1)
        self._flags = outside
        if not self._accept(")"):
            raise NotRegular("a bracket is not closed")
        return inside

    def _repeated(self, part: tuple[int, int], match: re.Match[str], source: tuple[int, int]) -> tuple[int, int]:
        least, most = _bounds(match)
        if least > _MOST_REPEATS or (most or 0) > _MOST_REPEATS or (most is not None and most < least):
            raise NotRegular(f"bad repetition {match[0]}")
        self._at = match.end()
        start = end = self._new()
        for count in range(max(least, 1) if most is None else most):
            copy = part if count == 0 else self._copy(source)
            last_and_open = most is None and count == max(least, 1) - 1
            way_in, way_out = self._new(then=[copy[0]]), self._new()
            self._states[copy[1]].then.append(way_out)
            if count >= least:
                self._states[way_in].then.append(way_out)
            if last_and_open:
                self._states[way_out].then.append(copy[0])
            self._states[end].then.append(way_in)
            end = way_out
        return start, end

    def _copy(self, source: tuple[int, int]) -> tuple[int, int]:
        """The same part once more, read again."""
        came_back, self._at = self._at, source[0]
        part = self._part(source[1])
        self._at = came_back
        return part

    def _accept(self, character: str) -> bool:
        if self._text[self._at : self._at + 1] != character:
            return False
        self._at += 1
        return True

    def _place(self, atom: str) -> str:
        return f"line {_EMPTY[atom]}" if "m" in self._flags and atom in "^$" else _EMPTY[atom]

    def _single(self, atom: str) -> re.Pattern[str]:
        # RE2's classes \d, \w and \s are ASCII.
        flags = re.ASCII if re.match(r"\\[dDwWsS]|\[", atom) else re.NOFLAG
        for letter, flag in (("i", re.IGNORECASE), ("s", re.DOTALL)):
            flags |= flag if letter in self._flags else re.NOFLAG
        try:
            return re.compile(in_python(atom) if atom.startswith("[") else atom, flags)
        except (re.error, NoSuchClass) as error:
            raise NotRegular(f"{atom}: {error}") from None


def _bounds(match: re.Match[str]) -> tuple[int, int | None]:
    if match[2] is None:
        return {"*": (0, None), "+": (1, None), "?": (0, 1)}[match[1]]
    if len(match[1]) > 12:
        raise NotRegular(f"bad repetition {match[0][:20]}")
    least = int(match[2])
    if match[3] is None:
        return least, least
    return least, int(match[4]) if match[4] else None


def _holds(when: str, value: str, at: int) -> bool:
    """Does the place between two characters fit?"""
    match when:
        case "start":
            return at == 0
        case "end":
            return at == len(value)
        case "line start":
            return at == 0 or value[at - 1] == "\n"
        case "line end":
            return at == len(value) or value[at] == "\n"
        case "word" | "inside":
            edge = _is_word(value[at - 1 : at]) != _is_word(value[at : at + 1])
            return edge is (when == "word")
        case _:
            return True


def _is_word(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character == "_")


@lru_cache(maxsize=64)
def compiled(text: str) -> Regular:
    """Raises NotRegular."""
    return Regular(text)


@lru_cache(maxsize=4096)
def matches(text: str, value: str) -> bool:
    """Does the whole value match the expression? Raises NotRegular."""
    return compiled(text).matches(value)
