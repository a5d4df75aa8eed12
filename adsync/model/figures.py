"""How figures are written, everywhere alike."""

from __future__ import annotations


def percent(share: float) -> str:
    """A share of 1 as people read it: 0.953 is "95 %", 0.004 is "0.4 %"."""
    return f"{share:.1%}".replace("%", " %") if 0 < abs(share) < 0.0095 else f"{share:.0%}".replace("%", " %")
