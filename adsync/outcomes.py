"""Outcome reviews from the change to the verdict: opened when it is applied, concluded on the day that was fixed then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from adsync.changelog import left_by_adsync, reviewed_changes
from adsync.decide.outcome_review import concluded
from adsync.decide.outcome_windows import BEFORE_WEEKS, SETTLE_WEEKS_IF_LATE, Applied, fixed
from adsync.decide.settings_drift import moved_settings
from adsync.errors import CannotBeUndone, Refused
from adsync.model.account import Account
from adsync.model.ads import AccountState
from adsync.model.business_date import business_date
from adsync.model.log import ChangeLogEntry
from adsync.model.outcome_review import (
    DISTURBING,
    Concluded,
    Doubt,
    Doubted,
    OutcomeReview,
    ReviewedChange,
    ReviewVerdict,
    is_in_force,
    opens_a_review,
)
from adsync.model.pulled import Report, Snapshot, Stretch, stretches
from adsync.model.verb_words import doing
from adsync.model.window import Window
from adsync.ports import Axis, Clock, State
from adsync.pull import Source, conversions_are_late, read_counts_of_campaigns, unknown_days
from adsync.rollback import plan_rollback

_OF_TAG = frozenset(
    {"outage", "not_recording", "tag_silent", "ratio", "ratio_ga4", "double_count", "orders_repeated"}
    | {"macro_missing", "macro_not_counting"}
)
_RATIOS = frozenset({"ratio", "ratio_ga4"})
_OF_TRAFFIC = frozenset({"paused", "silence", "traffic"})
"""Holds under which the macro's numbers, or the ads, are not what they usually are."""


def open_reviews(account: Account, state: State, now: datetime) -> tuple[OutcomeReview, ...]:
    """Fixes what will be compared after each change of who is bid on that has no review yet.

    Of a change whose weeks after it have begun nothing can be fixed beforehand any more: it stays without one.
    """
    snapshot = state.numbers.snapshot(account.customer_id)
    entries = state.ledger.entries([account.customer_id])
    known = {review.entry_id for review, _ in state.reviews.known([account.customer_id])}
    new = [entry for entry in entries if opens_a_review(entry) and entry.id not in known]
    if snapshot is None or not new:
        return ()
    zone = snapshot.state.customer.time_zone
    today = business_date(now, zone)
    recent = [e for e in new if (today - business_date(e.opened_at, zone)).days <= 7 * SETTLE_WEEKS_IF_LATE]
    if not recent:
        return ()
    numbers = state.numbers
    macros = account.macro_actions(snapshot.state)
    source = Source.of(account.customer_id, macros, numbers, snapshot.state.as_of)
    late = conversions_are_late(source, numbers)
    days = {e.id: business_date(e.opened_at, zone) for e in entries if _disturbs(e)}
    opened = []
    for entry in recent:
        on = days[entry.id]
        applied = Applied(
            entry=entry,
            on=on,
            state=numbers.settings_at(account.customer_id, entry.opened_at) or snapshot.state,
            earlier=max((day for day in days.values() if day < on), default=None),
        )
        span = Window.ending(on - timedelta(days=1), days=7 * BEFORE_WEEKS)
        counts = read_counts_of_campaigns(source, numbers, span)
        review = fixed(applied, source.macros, counts, late=late, days_behind=source.days_behind)
        if review is not None and today < review.after.first and state.reviews.open(review):
            opened.append(review)
    return tuple(opened)


def conclude_reviews(account: Account, state: State, snapshot: Snapshot, clock: Clock) -> tuple[ReviewedChange, ...]:
    """Concludes the open reviews that are due on the night of this snapshot; of a regression the way back is planned.

    A night that lacks newer numbers leaves them to the next one.
    """
    night, numbers = snapshot.state.as_of, state.numbers
    due = [
        each for each in reviewed_changes(state, [account.customer_id]) if each.is_open and each.review.due_on <= night
    ]
    if not due:
        return ()
    copies = numbers.newest_copies(account.customer_id, night)
    ended = []
    for each in due:
        review = each.review
        # The macros of then: what the config has made of them since is another question.
        actions = [action for action in snapshot.state.actions if action.id in review.macros]
        source = Source.of(account.customer_id, actions, numbers, night)
        report = Report.CONVERSIONS if source.axis is Axis.CONVERSION else Report.CLICKS
        copied = [copies[each].window.last if each in copies else date.min for each in (report, Report.COST)]
        if min(source.complete_until, *copied) < review.after.last:
            continue
        window = Window(review.before.first, review.after.last)
        found = concluded(
            review,
            read_counts_of_campaigns(source, numbers, window),
            dict(_aside(account, state, source, window)),
            [
                *_other_macros(review, account, snapshot),
                *_not_in_force(each, state),
                *_other_changes(each, state, snapshot),
                *_settings(review, state),
            ],
            account.policy,
            night,
        )
        if found.verdict is ReviewVerdict.REGRESSED:
            found = _with_way_back(found, each.entry, account, state, clock)
        if state.reviews.conclude(review.entry_id, found):
            ended.append(replace(each, concluded=found))
    return tuple(ended)


def _disturbs(entry: ChangeLogEntry) -> bool:
    return entry.outcome.is_done and entry.change.verb.value in DISTURBING


def _aside(account: Account, state: State, source: Source, window: Window) -> Iterator[tuple[date, Doubt]]:
    """Days that are no evidence, and why; of several reasons the last one counts."""
    for known in state.holds.known([account.customer_id], lasting=False):
        code = known.hold.code
        if known.hold.note or known.cleared_at is not None or code not in _OF_TAG | _OF_TRAFFIC:
            continue
        last = known.seen_on if known.ended_on is None else known.ended_on - timedelta(days=1)
        if code in _RATIOS:
            # It holds for weeks after what it has seen.
            last -= timedelta(days=account.policy.ratio_hold_days - 1)
        doubt = Doubt.TAG if code in _OF_TAG else Doubt.PAUSED
        yield from ((day, doubt) for day in _overlap(known.hold.since, max(last, known.hold.since), window))
    for _, days in account.policy.frozen(window):
        yield from ((day, Doubt.SEASON) for day in _overlap(days.first, days.last, window))
    yield from ((day, Doubt.UNKNOWN_DAYS) for day in unknown_days(source, state.numbers, window))


def _overlap(first: date, last: date, window: Window) -> Sequence[date]:
    first, last = max(first, window.first), min(last, window.last)
    return [*Window(first, last)] if first <= last else []


def _other_changes(reviewed: ReviewedChange, state: State, snapshot: Snapshot) -> list[Doubted]:
    """What else adsync changed in the days that are compared, or between them. Changes of one day are one change."""
    review, zone = reviewed.review, snapshot.state.customer.time_zone
    span = Window(review.before.first, review.after.last)
    found = []
    for entry in state.ledger.entries([review.customer_id]):
        on = business_date(entry.opened_at, zone)
        if _disturbs(entry) and on in span and on != review.changed_on:
            saw = f"Entry {entry.id} ({doing(entry.change)}, {on}) lies in the days that are compared."
            found.append(Doubted(doubt=Doubt.ANOTHER_CHANGE, saw=saw))
    return found[:2]


def _other_macros(review: OutcomeReview, account: Account, snapshot: Snapshot) -> list[Doubted]:
    """Whether the config has made something else the main conversion: the old one may have been left to fade."""
    if {action.id for action in account.macro_actions(snapshot.state)} == {*review.macros}:
        return []
    saw = "Other conversion actions stand for the main conversion than when the change was made."
    return [Doubted(doubt=Doubt.SETTINGS, saw=saw)]


def _not_in_force(reviewed: ReviewedChange, state: State) -> list[Doubted]:
    """Whether somebody had undone the change on days after it that are compared.

    Between two copies it is taken to be as the older one found it and adsync left it since.
    """
    review, change = reviewed.review, reviewed.entry.change
    copies = state.numbers.settings_copies(review.customer_id, review.after.first, review.after.last)
    if not copies:
        return []
    entries = state.ledger.entries([review.customer_id])
    newest, end = copies[-1], datetime.combine(review.after.last + timedelta(days=1), time(), UTC)
    last = Stretch(before=newest.snapshot, now=newest.snapshot, after=newest.seen[-1], until=max(end, newest.seen[-1]))
    zone, days = newest.snapshot.state.customer.time_zone, 0
    for stretch in (*stretches(copies), last):
        first, until = (business_date(moment, zone) for moment in (stretch.after, stretch.until))
        until = review.after.last + timedelta(days=1) if stretch is last else until
        if not is_in_force(change, left_by_adsync(stretch, entries).state):
            days += len(_overlap(first, until - timedelta(days=1), review.after))
    if not days:
        return []
    saw = f"It was not in force on {days} of the {len(review.after)} days after it that are compared."
    return [Doubted(doubt=Doubt.NOT_IN_FORCE, saw=saw)]


def _settings(review: OutcomeReview, state: State) -> list[Doubted]:
    """What somebody else changed of what the compared campaigns bid on or to."""
    ids = frozenset((*review.campaigns, *review.compared_with))
    copies = state.numbers.settings_copies(review.customer_id, review.before.first, review.after.last)
    entries = state.ledger.entries([review.customer_id])
    moved: list[str] = []
    for stretch in stretches(copies):
        left = _of_campaigns(left_by_adsync(stretch, entries).state, ids)
        now = _of_campaigns(stretch.now.state, ids)
        moved += [*moved_settings(left, now), *_switched(left, now)]
    if not moved:
        return []
    more = f"; and {len(moved) - 2} more" if len(moved) > 2 else ""
    saw = f"Somebody changed what is bid on or to in the days that are compared: {'; '.join(moved[:2])}{more}."
    return [Doubted(doubt=Doubt.SETTINGS, saw=saw)]


def _of_campaigns(state: AccountState, ids: frozenset[str]) -> AccountState:
    return replace(state, campaigns=tuple(campaign for campaign in state.campaigns if campaign.id in ids))


def _switched(before: AccountState, now: AccountState) -> Iterator[str]:
    """Actions that were made primary or secondary, switched on or off."""
    was = {a.id: a.primary_for_goal and a.status == "ENABLED" for a in before.actions}
    for action in now.actions:
        counts = action.primary_for_goal and action.status == "ENABLED"
        if was.get(action.id, False) != counts:
            yield f'"{action.name}" {"counts" if counts else "does not count any more"}'


def _with_way_back(found: Concluded, entry: ChangeLogEntry, account: Account, state: State, clock: Clock) -> Concluded:
    """With the plan that takes the change back, which a person reviews: a review itself changes nothing."""
    try:
        rollback = plan_rollback(entry.id, [account], state, clock)
    except (CannotBeUndone, Refused) as error:
        return replace(found, no_way_back=str(error))
    assert rollback.plan is not None, "an entry that was applied has an inverse"
    return replace(found, way_back=rollback.plan.id)
