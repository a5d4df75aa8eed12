"""What is stored of an account, night by night, as each night knew it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from adsync.backtest import assumed
from adsync.backtest.settings import Settings
from adsync.backtest.span import nights_to_replay
from adsync.decide import words
from adsync.decide.exclusions import excluded
from adsync.decide.guards import said_outright
from adsync.decide.lookout import Lookout
from adsync.decide.main_action import double_count
from adsync.decide.replay import Known
from adsync.decide.sight import see
from adsync.errors import UsageError
from adsync.model.account import Account
from adsync.model.business_date import business_date
from adsync.model.history import History
from adsync.model.holds import Cleared, KnownHold, not_cleared
from adsync.model.pulled import Report
from adsync.model.scope import Scope
from adsync.model.volume import DailySeries
from adsync.model.window import Window
from adsync.ports import Numbers
from adsync.pull import read_counts, read_scopes


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """The nights of an account, or of one scope of it.

    approximate: nights on which nothing was copied; what the next one knew stands in, cut off where they could not know.
    """

    nights: dict[date, Known]
    approximate: frozenset[date]
    why_approximate: str
    notes: tuple[str, ...]


def stored_nights(
    account: Account,
    numbers: Numbers,
    first: date | None = None,
    last: date | None = None,
    campaign: str = "",
    progress: Callable[[date], None] = lambda _: None,
    holds: Sequence[KnownHold] = (),
) -> Stored:
    """All that can be replayed of an account, or of the scope that a campaign is in, by the campaign's name.

    progress: told each night that has been read. holds: all that were ever known; what a person has ended holds no more on
    the nights after that. Raises UsageError before the first pull, where too little is stored, and where no scope has this
    campaign.
    """
    settings = Settings(account, numbers, campaign)
    copies = [c.as_of for c in numbers.coverage(account.customer_id, Report.CONVERSIONS, date.max)]
    if not settings.copied or not copies:
        raise UsageError(
            f"Nothing is known of {account.name} yet.",
            next_step=f"Copy its numbers: adsync pull --account {account.name}",
        )
    past = _Past(account, numbers, copies, settings, holds)
    span = nights_to_replay(account.policy, past.known_from(copies[0]), copies[-1], first, last)
    nights: dict[date, Known] = {}
    several: set[bool] = set()
    for night in span:
        nights[night] = past.known(night)
        several.add(len(settings.weighed(night).scopes) > 1)
        progress(night)
    approximate = frozenset(night for night in span if night not in past.copied)
    weighed = settings.weighed(span.last)
    by_click = words.by_click_date(past.complete_until).strip()
    return Stored(
        nights=nights,
        approximate=approximate,
        why_approximate=assumed.stands_in(span, len(approximate), copies[0], settings.copied[0]),
        notes=tuple(filter(None, (by_click, *assumed.notes(account.policy, nights, weighed, several)))),
    )


class _Past:
    """Reads nights in order, and keeps only what the next one may need again."""

    def __init__(
        self, account: Account, numbers: Numbers, copies: list[date], settings: Settings, holds: Sequence[KnownHold]
    ) -> None:
        self._account, self._numbers, self._copies = account, numbers, copies
        self._settings, self._lookout = settings, Lookout(account.policy)
        self._holds = holds
        self.copied = frozenset(copies).intersection(settings.copied)
        self.complete_until: date | None = None
        self._read: tuple[tuple[date, date], History] | None = None

    def known_from(self, night: date) -> date:
        """The first day that a night knows."""
        history = self._at(night, night)
        firsts = (series.first for series in history.conversions.values())
        return min(firsts, default=night)

    def known(self, night: date) -> Known:
        account, policy = self._account, self._account.policy
        copied = self._copies[bisect_left(self._copies, night)]
        snapshot, weighed = self._settings.on(night), self._settings.weighed(night)
        history = self._at(copied, night)
        if history.complete_until is not None:
            until = history.complete_until - (copied - night)
            history = replace(history, complete_until=until)
            self.complete_until = until
        history = replace(history, as_of=night)
        sight = see(account, snapshot.state, history)
        cleared = self._cleared(night, snapshot.state.customer.time_zone)
        seen = self._lookout.watch(sight.watched, sight.last_day).without(cleared)
        if night in self.copied:
            # Tags and orders are known of nights that have copied them; what the numbers show can be seen on all.
            history = replace(history, orders=self._numbers.orders(account.customer_id, night))
            said = said_outright(account, policy, snapshot, history, seen, sight.last_day, cleared)
            holds, seen = said.holds, said.seen
        else:
            twice = double_count(account, snapshot.state, history.conversions, sight.last_day)
            holds = tuple(not_cleared(twice, cleared))
            campaigns = snapshot.state.smart_campaigns()
            aside = (e for _, e in excluded(policy, snapshot.exclusions, campaigns, sight.last_day))
            seen = replace(seen, episodes=(*seen.episodes, *aside))
        return Known(
            watched=sight.watched,
            last_day=sight.last_day,
            helper_event=sight.thermometer,
            holds=holds,
            seen=seen,
            part=history.by_scope.get(weighed.chosen.key) if weighed.chosen else None,
            on_value=weighed.on_value,
        )

    def _cleared(self, night: date, time_zone: str) -> frozenset[Cleared]:
        """What people had ended before the day of this night."""
        return frozenset(
            (known.hold.name, known.hold.since)
            for known in self._holds
            if known.cleared_at is not None and business_date(known.cleared_at, time_zone) < night
        )

    def _at(self, copied: date, night: date) -> History:
        """Numbers as they were known on a night that copied them, of what a night's settings count."""
        key = copied, self._settings.known_on(night)
        if self._read is None or self._read[0] != key:
            state, weighed = self._settings.on(night).state, self._settings.weighed(night)
            counts, window = read_counts(self._account, state, self._numbers, copied)
            users = _Users(self._account, self._numbers, window, copied)
            chosen: tuple[Scope, ...] = (weighed.chosen,) if weighed.chosen else ()
            parts = read_scopes(self._account, state, self._numbers, chosen, counts, window)
            self._read = (key, replace(counts, users=users, by_scope=parts))
        return self._read[1]


class _Users(Mapping[str, DailySeries]):
    """People a day for each event, read when asked for: of a dozen candidates a night looks at the deepest few."""

    def __init__(self, account: Account, numbers: Numbers, window: Window, as_of: date) -> None:
        self._events, self._numbers = account.events, numbers
        self._asked = account.customer_id, window, as_of
        self._found: dict[str, DailySeries] = {}

    def __getitem__(self, event: str) -> DailySeries:
        if event not in self._events:
            raise KeyError(event)
        if event not in self._found:
            customer_id, window, as_of = self._asked
            self._found[event] = self._numbers.user_series(customer_id, [event], window, as_of)[event]
        return self._found[event]

    def __iter__(self) -> Iterator[str]:
        return iter(self._events)

    def __len__(self) -> int:
        return len(self._events)
