"""Sets of values by name. docs/statistics.md, "Presets", measures what each buys and costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from adsync.model.policy import DEFAULT_POLICY, Policy

_CAUTIOUS: Mapping[str, float] = {
    # A season or a good month is longer than five weeks less often than longer than three.
    "demote_confidence": 0.98,
    "demote_checks": 6,
    "fast_lane": False,
    # Nearly any sign of a fall keeps the helper.
    "gate_macro": 0.60,
    "gate_helper": 0.70,
    "stage_gap_days": 28,
}
_FAST: Mapping[str, float] = {
    # Less certainty buys no night where the volume is there, and makes lumpy accounts wrong.
    "demote_confidence": 0.95,
    "demote_checks": 2,
    "fast_lane": True,
    "gate_macro": 0.80,
    "gate_helper": 0.90,
    "stage_gap_days": 7,
}
_DEFAULT: Mapping[str, float] = {name: getattr(DEFAULT_POLICY, name) for name in _CAUTIOUS}

PRESETS: Mapping[str, Mapping[str, float]] = {"cautious": _CAUTIOUS, "default": _DEFAULT, "fast": _FAST}
"""Each names the same numbers, so that one preset over another leaves nothing of it."""


def preset(name: str, base: Policy = DEFAULT_POLICY) -> Policy:
    """A policy with the values of a preset in place. Raises KeyError for one that there is not."""
    return replace(base, **PRESETS[name])  # type: ignore[arg-type]  # the names are those of numbers; a test says so
