"""What is said of the values that helpers are given."""

from __future__ import annotations

from adsync.model.figures import converts, percent
from adsync.model.value import DrawnShare


def valuing(
    macro: str, event: str, value: float, share: DrawnShare, macro_value: float, weight: float, currency: str
) -> str:
    """Why a helper is to be worth so much to bidding."""
    less = (
        f" {percent(weight)} of that is given, so that helpers are at most half of the value that bidding sees."
        if weight < 1
        else ""
    )
    return (
        f"Where bidding is after value, {event} should be worth {value:,g} {currency}, whatever the site says it is worth: "
        f"{percent(share.point)} of those who do it go on to {converts(macro)} ({percent(share.low)} to {percent(share.high)}), "
        f"and one {macro} is worth {macro_value:,.2f} {currency}.{less}"
    )


def no_value(macro: str, least: int, weeks: int) -> str:
    """Why a helper that could be promoted waits."""
    return (
        f"It fits, but campaigns here bid for value, and what one {macro} is worth is not known: fewer than {least} with a value "
        f"in {weeks} weeks. Let the tag of {macro} send values, or give its conversion action a default value."
    )
