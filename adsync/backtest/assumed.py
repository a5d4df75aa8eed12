"""What is said of a replay of stored nights: what stands in, and what is left out because it is not stored."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from itertools import pairwise

from adsync.backtest.settings import Weighed
from adsync.decide import scope_words
from adsync.decide.replay import Known
from adsync.decide.words import bids_for
from adsync.model.policy import Policy
from adsync.model.window import Window

LEFT_OUT = (
    "Not replayed: helpers that were switched by hand, and goals or targets that others changed after a change of adsync's, for "
    "the changes here were never made."
)


def stands_in(span: Window, approximate: int, first_copy: date, first_settings: date) -> str:
    """Why some of the nights do not know exactly what they would have known; "" where all do."""
    if not approximate:
        return ""
    said = (
        f"On {approximate} of the {len(span)} nights nothing was copied (the first copy is of {first_copy}): what the next "
        "copy says of the days before them stands in, corrections that came later included. When tags were last heard of and "
        "how often orders came is not known of them."
    )
    if span.first >= first_settings:
        return said
    return f"{said} Nights before {first_settings} go by the settings of that night, data exclusions among them."


def notes(policy: Policy, nights: Mapping[date, Known], newest: Weighed, several: Collection[bool]) -> Iterator[str]:
    """Which part of the account is weighed, and what is left out.

    newest: what the newest night weighs. several: whether nights decided more than one scope.
    """
    line = nights[max(nights)].line(policy)
    if said := scope_words.replayed(newest.scopes, newest.chosen, line):
        yield said
    if len(several) > 1:
        yield "Nights had other numbers of scopes: each goes by its own, and several are taken as one unless --campaign is given."
    yield LEFT_OUT


def other_lines(policy: Policy, nights: Mapping[date, Known]) -> Iterator[str]:
    """Until when campaigns bid otherwise, so that another demand line held."""
    for before, after in pairwise(nights):
        line = nights[before].line(policy)
        if line.demand != nights[after].line(policy).demand:
            kind = bids_for(nights[before].on_value is True)
            yield f"Until {before} the demand line was {line.demand:.0f} a month: campaigns bid for {kind} then."
