"""What Google did with a question that its documentation leaves open."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reaction(StrEnum):
    """How Google took a question."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    NOT_ANSWERED = "not answered"  # it does not serve the call, or could not be reached
    NOT_ASKED = "not asked"  # the account has nothing to ask it with, or asking could change something


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One open question. point: its number in the list of open points; asks: the question, without names or ids."""

    point: int
    asks: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """A question and what Google did with it. code, said: Google's error and its words, as they came."""

    question: Question
    reaction: Reaction
    code: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """All questions put to one account. operations: what they cost. names: of the account's things, to be left out."""

    version: str
    answers: tuple[Probed, ...]
    operations: int
    names: tuple[str, ...]
