"""What makes numbers untrustworthy. A guard holds decisions or takes days out of evidence; it never causes a change."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from adsync.decide.checks import TAG_SILENT, key_event_off, order_ids, silent_tags, stopping_all
from adsync.decide.episodes import NOTHING_SEEN, Episode, Watch, Watched
from adsync.decide.exclusions import excluded, note
from adsync.decide.hold_words import of_episode
from adsync.decide.main_action import double_count, macro_settings
from adsync.decide.notices import notices
from adsync.decide.ratio import FELL
from adsync.decide.silence import NOT_RECORDING, OUTAGE, PAUSED, SILENCE, SILENT
from adsync.decide.traffic import TRAFFIC
from adsync.decide.watch import watch
from adsync.model.account import Account
from adsync.model.ads import ConversionAction
from adsync.model.decision import Hold, Series
from adsync.model.freeze import Freeze
from adsync.model.history import History
from adsync.model.holds import Cleared, is_cleared, not_cleared
from adsync.model.policy import Policy
from adsync.model.pulled import Snapshot
from adsync.model.window import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What the guards found. notes: what is worth a look and holds nothing."""

    holds: tuple[Hold, ...] = ()
    notes: tuple[Hold, ...] = ()
    seen: Watch = NOTHING_SEEN


def usable_until(actions: Sequence[ConversionAction], today: date) -> date:
    """The last day whose macros are all in: yesterday for last-click web tags, three days ago for everything else."""
    prompt = all(not a.is_ga4_mirror and a.attribution_model == "GOOGLE_ADS_LAST_CLICK" for a in actions)
    return today - timedelta(days=1 if prompt else 3)


def inspect(
    account: Account,
    policy: Policy,
    snapshot: Snapshot,
    history: History,
    watched: Watched,
    last_day: date,
    cleared: Collection[Cleared] = (),
) -> Health:
    """All that the guards have to say tonight, and what has been seen in the numbers. cleared: by a person.

    What Google says outright comes first; what only the numbers suggest is left out where that explains it.
    """
    seen = watch(watched, last_day, policy).without(cleared)
    said = said_outright(account, policy, snapshot, history, seen, last_day, cleared)
    macro, seen = account.macro.event_name, said.seen
    holds = (*said.holds, *holds_of(policy, macro, seen, last_day, history.as_of))
    notes = (*said.notes, *notes_of(policy, macro, watched, seen, last_day, cleared))
    return Health(holds=holds, notes=notes, seen=seen)


def said_outright(
    account: Account,
    policy: Policy,
    snapshot: Snapshot,
    history: History,
    seen: Watch,
    last_day: date,
    cleared: Collection[Cleared] = (),
) -> Health:
    """What settings, tags and orders say, and what has been seen in the numbers with that in mind."""
    state, today = snapshot.state, history.as_of
    silences, seen = _silences(account, policy, snapshot, history, seen, last_day, cleared)
    exclusions, seen = _exclusions(policy, snapshot, seen, last_day)
    twice = double_count(account, state, history.conversions, last_day)
    exact = [*key_event_off(account, snapshot, today), *silences, *order_ids(policy, history), *twice]
    said = not_cleared(exact, cleared)
    return Health(
        holds=(*macro_settings(account, state, today), *_stale(history), *(hold for hold in said if not hold.note)),
        notes=(*exclusions, *(hold for hold in said if hold.note)),
        seen=seen,
    )


def _silences(
    account: Account,
    policy: Policy,
    snapshot: Snapshot,
    history: History,
    seen: Watch,
    last_day: date,
    cleared: Collection[Cleared],
) -> tuple[list[Hold], Watch]:
    """The tags of which Google has not heard, and what was seen with them in the place of outages.

    Only where all of the macro's actions are silent does that explain a macro of which nothing comes: while another one
    records, its days are evidence, and what happens to it is seen by the numbers.
    """
    silent = list(silent_tags(account, policy, snapshot, history))
    # Where the steps before the sale are missing as well, too few sales are no reason to bring anybody back.
    all_silent = any(e.code == SILENCE for e in seen.lasting(last_day))
    holds = [stopping_all(each.hold) if all_silent else each.hold for each in silent]
    recording = [action for action in account.macro_actions(snapshot.state) if action.status == "ENABLED"]
    if not silent or len(silent) < len(recording):
        return holds, seen
    ended = [is_cleared(hold.name, hold.since, cleared) for hold in holds]
    if all(ended) and len(ended) > 1:
        return holds, seen
    days = frozenset.intersection(*(frozenset(each.days) for each in silent))
    since = max(hold.since for hold in holds)
    return holds, _explained(seen, since, () if all(ended) else [day for day in days if day <= last_day])


def _exclusions(policy: Policy, snapshot: Snapshot, seen: Watch, last_day: date) -> tuple[list[Hold], Watch]:
    """Notes of the data exclusions that touch the evidence, and what was seen with their days."""
    notes = []
    for exclusion, episode in excluded(policy, snapshot.exclusions, snapshot.state.smart_campaigns(), last_day):
        seen = replace(seen, episodes=(*seen.episodes, episode))
        if episode.until > last_day - timedelta(days=7 * policy.evidence_weeks):
            notes.append(note(exclusion, episode))
    return notes, seen


def _explained(seen: Watch, since: date, days: Collection[date]) -> Watch:
    """What was seen, with a tag's silence in the place of the outage that its zero days look like."""
    instead = (OUTAGE, SILENCE, NOT_RECORDING)
    kept = tuple(e for e in seen.episodes if not (e.code in instead and e.until >= since))
    if not days:
        return replace(seen, episodes=kept)
    # It flags its days; the hold is the exact check's.
    silence = Episode(code=TAG_SILENT, since=since, until=max(days), flagged=frozenset(days), hold_days=0)
    return replace(seen, episodes=(*kept, silence))


def holds_of(policy: Policy, macro: str, seen: Watch, last_day: date, today: date) -> list[Hold]:
    """What a declared season and what was seen in the numbers forbid tonight."""
    freeze = policy.freeze_on(today)
    declared = [] if freeze is None else [_frozen(*freeze)]
    lasting = seen.lasting(last_day)
    # A pause says all that there is to say of the traffic.
    paused = any(episode.code == PAUSED for episode in lasting)
    told = (episode for episode in lasting if not (paused and episode.code == TRAFFIC))
    return [*declared, *(of_episode(macro, episode) for episode in told)]


def notes_of(
    policy: Policy, macro: str, watched: Watched, seen: Watch, last_day: date, cleared: Collection[Cleared] = ()
) -> list[Hold]:
    """What is worth a look tonight, and holds nothing. seen: what holds; nothing is said twice."""
    known = replace(watched, macro=watched.macro.without(seen.flagged(Window(watched.macro.first, last_day))))
    found = notices(known, last_day, policy).without(cleared).lasting(last_day)
    silent = any(e.code in SILENT or e.code == NOT_RECORDING for e in seen.lasting(last_day))
    return [of_episode(macro, episode, note=True) for episode in found if not (silent and episode.code == FELL)]


def evidence(policy: Policy, watched: Watched, seen: Watch, last_day: date, helper_event: str = "") -> Series:
    """The series to weigh, without the days that a guard has flagged or that lie in a declared season."""
    window = Window.ending(last_day, days=7 * policy.evidence_weeks)
    frozen = [
        day
        for _, days in policy.frozen(window)
        for day in Window(max(days.first, window.first), min(days.last, window.last))
    ]
    return Series(
        macro=watched.macro,
        last_day=last_day,
        set_aside=seen.flagged(window).union(frozen),
        helper=watched.companion.without(frozen) if watched.companion else None,
        helper_event=helper_event,
    )


def _frozen(freeze: Freeze, days: Window) -> Hold:
    return Hold(
        code="freeze",
        since=days.first,
        saw=f"{freeze.name} lasts from {days.first} to {days.last}: nothing changes inside.",
        todo="You need do nothing.",
        returns_too=True,
    )


def _stale(history: History) -> list[Hold]:
    if history.conversions_as_of == history.as_of:
        return []
    since = history.conversions_as_of or history.as_of
    return [
        Hold(
            code="stale",
            since=since,
            saw=f"The conversions were last copied on {since}."
            if history.conversions_as_of
            else "No conversions are stored yet.",
            todo="Run: adsync pull",
            returns_too=True,
        )
    ]
