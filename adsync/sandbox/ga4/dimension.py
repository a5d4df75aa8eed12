"""What a dimension is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from adsync.sandbox.ga4.columns import Column
from adsync.sandbox.ga4.view import View
from adsync.sandbox.world import Ints

Reader = Callable[[View, Ints], Column]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """One dimension. scope: what it belongs to, see compatibility.py.

    of_events: its values for events, given by index into the log. of_clicks: for ad clicks; None where GA4 does not
    break ad cost down by it.
    """

    name: str
    title: str
    about: str
    category: str
    scope: str
    of_events: Reader
    of_clicks: Reader | None = None
    old_names: tuple[str, ...] = ()
