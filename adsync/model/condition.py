"""What must happen for a micro-conversion to have been done, and how people write it down.

    add_to_cart                       the event
    page_view*3                       its third time in one session
    view_item*2/7d                    its second time within seven days
    scroll[percent_scrolled>=75]      with a parameter that is at least a number
    click[link_domain=example.com]    or exactly a text
    page_view[/pricing]               on a page whose path begins so
    60s                               so many seconds after the session's first event

What would mean something else here stands in double quotes, and a double quote within them twice: `"60s"` is an event.
Where a log is asked, what is no condition is taken for an event's name, so that `Trial Started` needs no quotes there.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from adsync.errors import UsageError

FORMS = (
    "A condition is an event (add_to_cart), its Nth time in a session (page_view*3) or within days (view_item*2/7d), "
    "one with a parameter (scroll[percent_scrolled>=75], click[link_domain=example.com]) or on a page "
    "(page_view[/pricing]), or a time on the site (60s)."
)
QUOTING = 'Names with other characters stand in double quotes: "my event"[/a].'
MOST_TIMES, MOST_DAYS, MOST_SECONDS = 100, 365, 86_400
_HOW_LONG = f"the seconds are 1 to {MOST_SECONDS}"

# Possessive (*+): a doubled quote is never read as an end and a beginning, and no text makes the search go back and forth.
_IN_QUOTES = r'"(?:[^"]|"")*+"'
_NAME = r'[^\s,"\[\]*/=<>]+'
_PAGE = r'/[^\s"\[\]]*'
_TEXT = r'[^\s"\[\]](?:[^"\[\]]*[^\s"\[\]])?'
_NUMBER = r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
_BRACKETS = rf'\[(?:{_IN_QUOTES}|[^"\[\]])*+\]'

_NO_SIGNS = re.compile(r'[^"\[\]*/=<>]*')
_A_NAME = re.compile(rf"\s*(?:(?P<quoted>{_IN_QUOTES})\s*(?=,|$)|(?P<bare>[^,]*))")
_SECONDS = re.compile(r"([0-9]+)s")
_A_PART = re.compile(rf'(?:{_IN_QUOTES}|{_BRACKETS}|[^,"\[\]])*+')
_A_CONDITION = re.compile(
    rf"(?P<event>{_IN_QUOTES}|{_NAME})(?P<tests>(?:{_BRACKETS})*+)(?:\*(?P<times>[0-9]+)(?:/(?P<days>[0-9]+)d)?)?"
)
_A_PAGE = re.compile(rf"{_IN_QUOTES}|{_PAGE}")
_A_TEST = re.compile(
    rf"(?P<name>{_IN_QUOTES}|{_NAME})\s*(?:>=\s*(?P<least>{_NUMBER})|=\s*(?P<equals>{_IN_QUOTES}|{_TEXT}))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What has to be seen of a visitor; it is fulfilled at the first moment at which all of it has been.

    event: GA4's name, or "" where `seconds` alone counts. parameter: of the event; it is `equals`, compared as text, or
    `at_least`, compared as a number. page: the path of the event's page_location begins with it.
    times: how often it must have happened, within one session, or where `within_days` is given from the first of these
    times to the last (days of 24 hours). seconds: since the session's first event.
    Raises ValueError for what could never be fulfilled, or be meant.
    """

    event: str = ""
    parameter: str = ""
    equals: str | None = None
    at_least: float | None = None
    page: str = ""
    times: int = 1
    within_days: int | None = None
    seconds: int = 0

    def __post_init__(self) -> None:
        if problem := _problem(self):
            raise ValueError(problem)

    @property
    def is_an_event(self) -> bool:
        """Whether the event alone is enough: nothing else does Google count by itself."""
        return bool(self.event) and self == Condition(event=self.event)

    @property
    def name(self) -> str:
        """What it is called in tables: an event by its own name, everything else as people write it."""
        return self.event if self.is_an_event else self.text

    @property
    def text(self) -> str:
        """As people write it; `condition` reads it back."""
        if self.seconds:
            return f"{self.seconds}s"
        event = f'"{self.event}"' if _SECONDS.fullmatch(self.event) else _written(self.event, _NAME)
        page = f"[{_written(self.page, _PAGE)}]" if self.page else ""
        test = f"[{_written(self.parameter, _NAME)}{self._comparison}]" if self.parameter else ""
        days = f"/{self.within_days}d" if self.within_days else ""
        return event + page + test + (f"*{self.times}{days}" if self.times > 1 else "")

    @property
    def _comparison(self) -> str:
        if self.at_least is not None:
            return f">={repr(float(self.at_least)).removesuffix('.0')}"
        return f"={_written(self.equals or '', _TEXT)}"


def condition(text: str) -> Condition:
    """The one condition that stands there. Raises UsageError, which says what is wrong and which forms there are."""
    try:
        return _read(text.strip())
    except ValueError as error:
        raise UsageError(f"{text.strip()!r} is no condition: {error}.", FORMS, next_step=QUOTING) from None


def conditions(text: str) -> tuple[Condition, ...]:
    """Several with commas between them; a comma in brackets or quotes belongs to its condition.

    Raises UsageError, which says what is wrong and which forms there are.
    """
    return tuple(condition(part) for part in _parts(text))


def events_or_conditions(text: str) -> tuple[Condition, ...]:
    """The same, but what is no condition is an event of that name: whether there is one, only the log can tell."""
    return tuple(event_or_condition(part) for part in _parts(text))


def event_or_condition(text: str) -> Condition:
    """A condition, or else the event of that very name. Raises UsageError where nothing stands there."""
    try:
        return _read(text.strip())
    except ValueError:
        return Condition(event=text.strip()) if text.strip(' "') else condition(text)


def names_in(text: str) -> tuple[str, ...]:
    """Names of events with commas between them; one in double quotes may have commas of its own."""
    found, at = [], -1
    while at < len(text):
        name = _A_NAME.match(text, at + 1)
        assert name is not None, "it matches nothing at all as well"
        found.append(_plain(name["quoted"]) if name["quoted"] else name["bare"].strip())
        at = name.end()
    return tuple(found)


def is_written_like_one(text: str) -> bool:
    """Whether a name that no event has was meant for a condition."""
    return not _NO_SIGNS.fullmatch(text) or _SECONDS.fullmatch(text) is not None


def _parts(text: str) -> list[str]:
    parts, at = [], -1
    while at < len(text):
        found = _A_PART.match(text, at + 1)
        assert found is not None, "it matches nothing at all as well"
        parts.append(found.group())
        at = found.end()
        if text[at : at + 1] not in ("", ","):
            what = f"{text!r} cannot be read from {text[at:]!r} on: a quote or a bracket has no partner."
            raise UsageError(what, FORMS, next_step=QUOTING)
    return parts


def _read(text: str) -> Condition:
    if not text:
        raise ValueError("nothing stands there")
    if time := _SECONDS.fullmatch(text):
        if not int(time[1]):  # to a Condition that says that no time is meant
            raise ValueError(_HOW_LONG)
        return Condition(seconds=int(time[1]))
    found = _A_CONDITION.fullmatch(text)
    if found is None:
        raise ValueError("there is no such form")
    given: dict[str, Any] = {"event": _plain(found["event"])}
    for brackets in re.findall(_BRACKETS, found["tests"]):
        tested = _tested(brackets[1:-1].strip())
        if not given.keys().isdisjoint(tested):
            raise ValueError("it names two pages or two parameters")
        given |= tested
    if found["times"]:
        given["times"] = int(found["times"])
    if found["days"]:
        given["within_days"] = int(found["days"])
    return Condition(**given)


def _tested(text: str) -> dict[str, Any]:
    """What stands in one pair of brackets."""
    if _A_PAGE.fullmatch(text):
        return {"page": _plain(text)}
    found = _A_TEST.fullmatch(text)
    if found is None:
        raise ValueError(f"[{text}] is neither a page, which begins with /, nor a parameter with = or >=")
    name = {"parameter": _plain(found["name"])}
    return name | ({"at_least": float(found["least"])} if found["least"] else {"equals": _plain(found["equals"])})


def _plain(word: str) -> str:
    return word[1:-1].replace('""', '"') if word.startswith('"') else word


def _written(word: str, bare: str) -> str:
    if re.fullmatch(bare, word):
        return word
    doubled = word.replace('"', '""')
    return f'"{doubled}"'


def _problem(c: Condition) -> str:
    """Why it could never be fulfilled, or be meant; "" where it can."""
    values = sum(value is not None for value in (c.equals, c.at_least))
    tested = bool(c.parameter or c.page or values)
    problems = {
        "an event or a time on the site is missing": not c.event and c.seconds == 0,
        "a time on the site stands alone": c.seconds != 0 and bool(c.event or tested or c.times != 1 or c.within_days),
        _HOW_LONG: c.seconds != 0 and not 1 <= c.seconds <= MOST_SECONDS,
        f"the times are 1 to {MOST_TIMES}": not 1 <= c.times <= MOST_TIMES,
        f"the days are 1 to {MOST_DAYS}": c.within_days is not None and not 1 <= c.within_days <= MOST_DAYS,
        "days go with two times or more": c.within_days is not None and c.times < 2,
        "a parameter has a name and one value": values != bool(c.parameter),
        "the number is too large": c.at_least is not None and not math.isfinite(c.at_least),
        "a page begins with /": bool(c.page) and not c.page.startswith("/"),
        "a page is the path alone, without ? and #": "?" in c.page or "#" in c.page,
    }
    return next((words for words, is_so in problems.items() if is_so), "")
