"""Fault plans: a list of which calls should suffer what, from a file or a control call."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from adsync.errors import UsageError
from adsync.files import read_yaml
from adsync.sandbox.call_names import is_known, near
from adsync.sandbox.fault_kinds import HTTP_OF_STATUS, NAMED, STATUS_OF_HTTP, When, trouble
from adsync.sandbox.faults import FaultRule

ALWAYS = "always"
LONGEST_SECONDS = 7 * 86_400
MOST_CALLS = 1_000_000
_KEYS = ("call", "exact", "kind", "when", "seconds", "after", "times")
_SOME_CALLS = ("SearchStream", "runReport", "token")
_EXAMPLE = "Such as:  faults: [{call: SearchStream, kind: UNAVAILABLE, when: middle, after: 2, times: 1}]"


class BadFaultPlan(UsageError):
    """A plan that cannot be followed: where in it, what was found, and what is allowed."""


def read_plan(path: Path) -> list[dict[str, Any]]:
    """The faults of a plan file, checked. Raises BadFaultPlan."""
    try:
        document = read_yaml(path)
    except OSError as error:
        raise BadFaultPlan(f"The fault plan {path} cannot be read.", error.strerror or str(error)) from None
    except (UnicodeDecodeError, ValueError) as error:
        raise BadFaultPlan(f"The fault plan {path} is not YAML.", f"{error}.", next_step=_EXAMPLE) from None
    if not isinstance(document, dict) or list(document) != ["faults"]:
        raise BadFaultPlan(f"The fault plan {path} does not begin with `faults:`.", next_step=_EXAMPLE)
    try:
        rules_of(document["faults"])
    except BadFaultPlan as error:
        raise BadFaultPlan(f"{path}: {error.what}", error.because, next_step=error.next_step) from None
    return list(document["faults"])


def rules_of(faults: object) -> list[FaultRule]:
    """The rules of a list of faults. Raises BadFaultPlan, naming the place, what was found and what is allowed."""
    if not isinstance(faults, list) or not faults:
        raise BadFaultPlan("faults: there are none.", "It is a list with at least one fault.", next_step=_EXAMPLE)
    return [_rule(f"faults[{number}]", fault) for number, fault in enumerate(faults)]


def _rule(where: str, fault: object) -> FaultRule:
    if not isinstance(fault, dict):
        raise _bad(where, fault, "a fault has at least `call` and `kind`")
    for key in fault:
        if key not in _KEYS:
            raise _bad(f"{where}.{key}", fault[key], f"there is no such key; there are {', '.join(_KEYS)}")
    exact = fault.get("exact", False)
    if not isinstance(exact, bool):
        raise _bad(f"{where}.exact", exact, "true (the whole name) or false (part of it)")
    return FaultRule(
        call=_call(where, fault, exact),
        trouble=_trouble(where, fault),
        times=_times(where, fault),
        after=_after(where, fault),
        exact=exact,
    )


def _call(where: str, fault: dict[str, Any], exact: bool) -> str:
    found = fault.get("call")
    if not isinstance(found, str) or not found.strip():
        raise _bad(f"{where}.call", found, f"part of a call's name, such as {', '.join(_SOME_CALLS)}")
    if not is_known(found, exact=exact):
        why = "no call is named so" if exact else "no call's name holds that"
        raise _bad(f"{where}.call", found, f"{why}; there are {', '.join(near(found) or _SOME_CALLS)}")
    return found


def _trouble(where: str, fault: dict[str, Any]) -> Any:
    kind, when, seconds = fault.get("kind"), fault.get("when"), fault.get("seconds")
    if when is not None and when not in list(When):
        raise _bad(f"{where}.when", when, f"it is one of {', '.join(When)}")
    if seconds is not None and not _is_duration(seconds):
        raise _bad(f"{where}.seconds", seconds, f"a number of seconds from 0 to {LONGEST_SECONDS:,}")
    try:
        return trouble(str(kind), when=When(when) if when is not None else None, seconds=seconds)
    except KeyError:
        allowed = (
            f"it is one of {', '.join(NAMED)}; or a gRPC status: {', '.join(HTTP_OF_STATUS)}; "
            f"or an HTTP status: {', '.join(map(str, STATUS_OF_HTTP))}"
        )
        raise _bad(f"{where}.kind", kind, allowed) from None
    except ValueError as error:
        key, _, why = str(error).partition(": ")
        raise _bad(f"{where}.{key}", fault.get(key), why) from None


def _is_duration(seconds: object) -> bool:
    return isinstance(seconds, int | float) and not isinstance(seconds, bool) and 0 <= seconds <= LONGEST_SECONDS


def _after(where: str, fault: dict[str, Any]) -> int:
    found = fault.get("after", 0)
    if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found <= MOST_CALLS:
        raise _bad(f"{where}.after", found, f"how many calls pass first: 0 to {MOST_CALLS:,}")
    return found


def _times(where: str, fault: dict[str, Any]) -> int | None:
    found = fault.get("times", 1)
    if found == ALWAYS:
        return None
    if isinstance(found, bool) or not isinstance(found, int) or not 1 <= found <= MOST_CALLS:
        raise _bad(f"{where}.times", found, f"how many calls suffer: 1 to {MOST_CALLS:,}, or {ALWAYS}")
    return found


def _bad(where: str, found: object, allowed: str) -> BadFaultPlan:
    return BadFaultPlan(f"{where}: found {found!r}.", f"{allowed[0].upper()}{allowed[1:]}.")
