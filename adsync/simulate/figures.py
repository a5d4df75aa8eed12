"""Figures of one kind of account from the lives of its accounts."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from statistics import fmean, median, pstdev

from adsync.model.simulated import Share, SimulatedKind
from adsync.simulate.kinds import Kind
from adsync.simulate.lives import Life


def figures_of(kind: Kind, lives: Sequence[Life]) -> SimulatedKind:
    """Raises ValueError for no lives."""
    retired = [life for life in lives if life.retired]
    returned = [life for life in lives if life.returned]
    changes = [life.changes for life in lives]
    waits = [_nights_to_return(kind, life) for life in returned]
    return SimulatedKind(
        name=kind.name,
        title=kind.title,
        should=kind.should,
        accounts=len(lives),
        wrong=_wrong(kind, lives),
        retired=Share.of(len(retired), len(lives)),
        returned=Share.of(len(returned), len(lives)),
        first_retirement=median(life.retired[0] for life in retired) if retired else None,
        back_after=median(waits) if waits else None,
        changes=fmean(changes),
        changes_error=pstdev(changes) / sqrt(len(changes)),
    )


def _wrong(kind: Kind, lives: Sequence[Life]) -> Share | None:
    mistakes = {
        "stay": sum(bool(life.retired) for life in lives),
        "retire": sum(bool(life.returned) for life in lives),
        "return": sum(not life.returned for life in lives),
    }
    return Share.of(mistakes[kind.should], len(lives)) if kind.should in mistakes else None


def _nights_to_return(kind: Kind, life: Life) -> int:
    first = life.returned[0]
    if kind.falls is not None and first >= kind.falls:
        return first - kind.falls
    return first - max(night for night in life.retired if night <= first)
