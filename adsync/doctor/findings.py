"""What a check found, and the remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from adsync.errors import AdsyncError, GoogleUnavailable


class Grade(StrEnum):
    """How a check ended. Only a problem keeps the night from doing its work."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check. where: an account's name, or "" for the installation. remedy: what to do; "" when all is well."""

    where: str
    check: str
    grade: Grade
    saw: str
    remedy: str = ""


def checked(where: str, check: str, look: Callable[[], Finding]) -> Iterator[Finding]:
    """What a look finds; a look that fails is a problem, not the end of the other checks."""
    try:
        yield look()
    except AdsyncError as error:
        yield failed(where, check, error)


def failed(where: str, check: str, error: AdsyncError) -> Finding:
    """The problem that an error is, and what to do about it."""
    saw = " ".join(part for part in (error.what, error.because) if part)
    if isinstance(error, GoogleUnavailable) and not error.request_id:
        remedy = "Check this machine's network, proxy and DNS, then run it again."
    else:
        remedy = "Run it again; if it stays, look up the request id with Google's support."
    return problem(where, check, saw, error.next_step or remedy)


def ok(where: str, check: str, saw: str) -> Finding:
    return Finding(where=where, check=check, grade=Grade.OK, saw=saw)


def warning(where: str, check: str, saw: str, remedy: str) -> Finding:
    return Finding(where=where, check=check, grade=Grade.WARNING, saw=saw, remedy=remedy)


def problem(where: str, check: str, saw: str, remedy: str) -> Finding:
    return Finding(where=where, check=check, grade=Grade.PROBLEM, saw=saw, remedy=remedy)
