"""Foreign text made harmless for terminals: event and action names are other people's data everywhere."""

from __future__ import annotations

import unicodedata

LONGEST = 400


def clean(text: str, longest: int = LONGEST * 10) -> str:
    """The text without control and direction characters, which could move a cursor or turn a line around."""
    kept = "".join(
        " " if c in "\t\n\r" else c for c in text if c in "\t\n\r" or unicodedata.category(c) not in _UNWANTED
    )
    return kept if len(kept) <= longest else kept[: longest - 1] + "…"


# Control, format (bidirectional overrides, zero-width), surrogates, private use, line and paragraph separators.
_UNWANTED = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
