"""How figures are written, everywhere alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

LISTED_AT_MOST = 3
"""More names than this are counted, not named."""

LONGEST_NAME = 60
"""Characters of a name that stands beside figures or in a sentence: GA4 allows 40."""


def percent(share: float) -> str:
    """A share of 1 as people read it: 0.953 is "95 %", 0.004 is "0.4 %"."""
    return f"{share:.1%}".replace("%", " %") if 0 < abs(share) < 0.0095 else f"{share:.0%}".replace("%", " %")


def percents_apart(share: float, other: float) -> tuple[str, str]:
    """Two shares that are compared: as many decimals as it takes to tell them apart, at most three."""
    found = percent(share), percent(other)
    for decimals in range(1, 4):
        if found[0] != found[1] or share == other:
            break
        found = f"{share:.{decimals}%}".replace("%", " %"), f"{other:.{decimals}%}".replace("%", " %")
    return found


def points(share: float) -> str:
    """A difference of two shares: "-12 points", "+1 point"."""
    shown = f"{share * 100:+.0f}" if abs(share) >= 0.0095 else f"{share * 100:+.1f}"
    return f"{shown} point{'' if shown[1:] == '1' else 's'}"


def tenths(share: float) -> str:
    """A share with its tenths of a percent, where it stands beside a difference of such shares."""
    return f"{share:.1%}".replace("%", " %")


def points_in_tenths(share: float) -> str:
    """A difference of two shares with its tenths: "-3.6 points"."""
    return f"{share * 100:+.1f} points"


def times(ratio: float) -> str:
    """A ratio as people read it: "1.4 times", "127 times"."""
    return f"{ratio:.0f} times" if ratio >= 9.95 else f"{ratio:.1f} times"


def spelled(number: int) -> str:
    """A small number as a word: "four"; from eleven on in figures."""
    return _SPELLED[number] if 0 <= number < len(_SPELLED) else str(number)


def enumerated(names: Iterable[str]) -> str:
    """All of them, as people say them: "Brand, Generic and Shopping"; "" for none."""
    *most, last = [*names] or [""]
    return f"{', '.join(most)} and {last}" if most else last


def listed(names: Sequence[str]) -> str:
    """Names as people say them: "Brand and Generic", "Brand, Generic, Shopping and 4 more"; "" for none."""
    if len(names) > LISTED_AT_MOST:
        return f"{', '.join(names[:LISTED_AT_MOST])} and {len(names) - LISTED_AT_MOST} more"
    return enumerated(names)


def short(name: str) -> str:
    """A name that leaves room for what stands beside it; in double quotes where it has blanks around it, which nobody sees."""
    shown = name if name == name.strip() else f'"{name}"'
    return shown if len(shown) <= LONGEST_NAME else f"{shown[: LONGEST_NAME - 1]}…"


def plural(event_name: str) -> str:
    """What people call several of an event."""
    return _PLURALS.get(event_name, f"{short(event_name)} events")


def capital(words: str) -> str:
    """With a capital in front; every other letter as somebody wrote it: names of one's own have theirs."""
    return words[:1].upper() + words[1:]


def number_of(count: int, thing: str) -> str:
    """A number with what it counts: "1 visitor", "9,159 visitors"."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def converts(event_name: str) -> str:
    """What visitors do who reach a main conversion: they buy, or they convert."""
    return "buy" if event_name == "purchase" else "convert"


_SPELLED = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_PLURALS = {
    "purchase": "purchases",
    "conversion": "conversions",
    "generate_lead": "leads",
    "sign_up": "sign-ups",
    "qualify_lead": "qualified leads",
}
