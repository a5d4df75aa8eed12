"""Where people are lost on the way to the macro."""

from __future__ import annotations

from dataclasses import dataclass

from adsync.model.window import Window

CART = "add_to_cart"
"""The event that fills a cart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carts:
    """filled: people who filled a cart. ordered: those of them who did the macro afterwards, by whatever steps."""

    filled: int
    ordered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the funnel. users: distinct people in the window. kept: share of the step before that came here."""

    event_name: str
    title: str
    users: int
    kept: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DropOff:
    """The funnel from visit to macro.

    advice: what to look at first, and why; "" when there is too little to say. window: the days of GA4's funnels, where it is
    made of these.
    """

    steps: tuple[Step, ...]
    advice: str = ""
    window: Window | None = None
