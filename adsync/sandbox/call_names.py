"""What calls are named, by `sandbox status` and in fault plans."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache

OAUTH_CALL = "oauth token"
"""A request for a token: OAuth has a path for it, and no method."""


def ads_call(method: str) -> str:
    """method: such as "GoogleAdsService/Search"."""
    return f"ads {method}"


def ga4_call(method: str) -> str:
    """method: such as "runReport"."""
    return f"ga4 {method}"


def whole_names(call: str) -> tuple[str, ...]:
    """All that names a call exactly: as it is printed, without its API, and the method alone."""
    within = call.rpartition(" ")[2]
    return call, within, within.rpartition("/")[2]


def is_known(name: str, *, exact: bool) -> bool:
    """Whether some call that the sandbox answers is named so; with exact, by its whole name."""
    return any(name in whole_names(call) if exact else name in call for call in _known_calls())


def near(name: str) -> list[str]:
    """Up to three names of calls that hold this one or look like it, whatever its capitals, the likeliest first."""
    names = {each.lower(): each for call in _known_calls() for each in whole_names(call)}
    holding = sorted((each for each in names if name.lower() in each), key=len)
    found = dict.fromkeys([*holding, *get_close_matches(name.lower(), names)])
    return [names[each] for each in found][:3]


@cache
def _known_calls() -> tuple[str, ...]:
    return tuple(_listed())


def _listed() -> Iterator[str]:
    # Loaded by whoever plans faults, not by every call that is named.
    from adsync.sandbox.ads import methods as ads
    from adsync.sandbox.ga4 import methods as ga4

    yield from map(ads_call, ads.METHODS)
    for path in ga4.METHODS:
        method = path.rpartition("/")[2]
        yield ga4_call(method[0].lower() + method[1:])
    yield OAUTH_CALL
