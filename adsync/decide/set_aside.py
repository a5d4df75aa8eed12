"""Which of the days that decide are no evidence, and why: past episodes of the guards, declared seasons, unknown days."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from adsync.decide.checks import TAG_SILENT
from adsync.decide.episodes import Episode, Watch
from adsync.decide.exclusions import EXCLUDED
from adsync.decide.hold_words import of_episode
from adsync.model.decision import SetAside
from adsync.model.figures import plural
from adsync.model.policy import Policy
from adsync.model.volume import DailySeries
from adsync.model.window import Window

FREEZE, UNKNOWN = "freeze", "unknown"

_SAW = {
    TAG_SILENT: "Google did not hear of the tag, which looks like a broken one.",
    EXCLUDED: "A data exclusion in Google Ads is about these clicks, which go on converting for some days.",
}


def set_aside(policy: Policy, name: str, macro: DailySeries, seen: Watch, last_day: date) -> tuple[SetAside, ...]:
    """Whatever of the weeks that decide is no evidence, oldest first. name: of the macro. A day may stand in several."""
    window = Window.ending(last_day, days=7 * policy.demand_weeks)
    found = [*_episodes(name, seen, window), *_seasons(policy, window)]
    unknown = [day for day in window if macro.at(day) is None]
    if unknown:
        found.append(_of(UNKNOWN, unknown, f"How many {plural(name)} there were is not known."))
    return tuple(sorted(found, key=lambda each: (each.first, each.code)))


def _episodes(name: str, seen: Watch, window: Window) -> Iterator[SetAside]:
    for episode in seen.episodes:
        if days := [day for day in episode.flagged if day in window]:
            yield _of(episode.code, days, _saw(name, episode), since=episode.since)


def _saw(name: str, episode: Episode) -> str:
    return _SAW.get(episode.code) or of_episode(name, episode).saw


def _seasons(policy: Policy, window: Window) -> Iterator[SetAside]:
    for freeze, days in policy.frozen(window):
        inside = [day for day in days if day in window]
        yield _of(FREEZE, inside, f"{freeze.name} lasts from {days.first} to {days.last}.", since=days.first)


def _of(code: str, days: Collection[date], saw: str, *, since: date | None = None) -> SetAside:
    return SetAside(code=code, since=since or min(days), first=min(days), last=max(days), days=len(days), saw=saw)
