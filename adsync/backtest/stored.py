"""What is stored of an account, night by night, as each night knew it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from adsync.backtest.span import nights_to_replay
from adsync.decide import scope_words, words
from adsync.decide.main_action import double_count, macro_settings
from adsync.decide.replay import Known
from adsync.decide.sight import see
from adsync.errors import UsageError
from adsync.model.account import Account
from adsync.model.ads import AccountState, kinds_of_bidding
from adsync.model.history import History
from adsync.model.policy import Policy
from adsync.model.pulled import Report
from adsync.model.scope import Scope
from adsync.model.volume import DailySeries
from adsync.model.window import Window
from adsync.ports import Numbers
from adsync.pull import read_counts, read_scopes


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """The nights of an account, or of one scope of it. policy: with the demand line that fits how its campaigns bid today.

    approximate: nights on which nothing was copied; what the next one knew stands in, cut off where they could not know.
    """

    nights: dict[date, Known]
    policy: Policy
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
) -> Stored:
    """All that can be replayed of an account, or of the scope that a campaign is in today, by the campaign's name.

    progress: told each night that has been read. Raises UsageError before the first pull, where too little is stored, and
    where no scope has this campaign.
    """
    snapshot = numbers.snapshot(account.customer_id)
    copies = [c.as_of for c in numbers.coverage(account.customer_id, Report.CONVERSIONS, date.max)]
    if snapshot is None or not copies:
        raise UsageError(
            f"Nothing is known of {account.name} yet.",
            next_step=f"Copy its numbers: adsync pull --account {account.name}",
        )
    scopes = [scope for scope in account.scopes(snapshot.state) if scope.bidding or scope.goals is None]
    scope = _scope_of(scopes, campaign) if campaign or len(scopes) == 1 else None
    past = _Past(account, numbers, copies, scope)
    span = nights_to_replay(account.policy, past.known_from(copies[0]), copies[-1], first, last)
    nights = {}
    for night in span:
        nights[night] = past.known(night)
        progress(night)
    approximate = frozenset(night for night in span if night not in past.copied)
    on_value = scope.on_value if scope else any(kinds_of_bidding(snapshot.state.campaigns))
    policy = account.policy.for_bidding(on_value=on_value)
    notes = (words.by_click_date(past.complete_until).strip(), scope_words.replayed(scopes, scope, policy))
    return Stored(
        nights=nights,
        policy=policy,
        approximate=approximate,
        why_approximate=_why(span, len(approximate), copies[0]),
        notes=tuple(filter(None, notes)),
    )


def _scope_of(scopes: Sequence[Scope], campaign: str) -> Scope:
    for scope in scopes:
        if not campaign or any(each.name == campaign for each in scope.bidding):
            return scope
    raise UsageError(
        f'No campaign "{campaign}" bids by itself on what is primary.',
        next_step="Name one of " + ", ".join(f'"{each.name}"' for scope in scopes for each in scope.bidding) + ".",
    )


def _why(span: Window, approximate: int, first_copy: date) -> str:
    if not approximate:
        return ""
    return (
        f"On {approximate} of the {len(span)} nights nothing was copied (the first copy is of {first_copy}): what the next "
        "copy says of the days before them stands in, corrections that came later included."
    )


class _Past:
    """Reads nights in order, and keeps only what the next one may need again."""

    def __init__(self, account: Account, numbers: Numbers, copies: list[date], scope: Scope | None) -> None:
        self._account, self._numbers, self._copies = account, numbers, copies
        self._scope = scope
        self.copied = frozenset(copies)
        self.complete_until: date | None = None
        self._read: tuple[date, AccountState, History] | None = None

    def known_from(self, night: date) -> date:
        """The first day that a night knows."""
        _, history = self._at(night)
        firsts = (series.first for series in history.conversions.values())
        return min(firsts, default=night)

    def known(self, night: date) -> Known:
        copied = self._copies[bisect_left(self._copies, night)]
        state, history = self._at(copied)
        if history.complete_until is not None:
            until = history.complete_until - (copied - night)
            history = replace(history, complete_until=until)
            self.complete_until = until
        history = replace(history, as_of=night)
        sight = see(self._account, state, history)
        # Settings are known of nights that have copied them; what the numbers show can be seen on all.
        settings = macro_settings(self._account, state, night) if night == copied else []
        holds = (*settings, *double_count(self._account, state, history.conversions, sight.last_day))
        return Known(
            watched=sight.watched,
            last_day=sight.last_day,
            helper_event=sight.thermometer,
            holds=holds,
            part=history.by_scope.get(self._scope.key) if self._scope else None,
        )

    def _at(self, copied: date) -> tuple[AccountState, History]:
        """Settings and numbers as they were known on a night that copied them."""
        if self._read is None or self._read[0] != copied:
            snapshot = self._numbers.snapshot(self._account.customer_id, copied)
            if snapshot is None:
                raise UsageError(
                    f"The settings of {self._account.name} are not stored for {copied}.",
                    "A pull was stopped before it copied them.",
                    next_step=f"Copy its numbers again: adsync pull --account {self._account.name}",
                )
            counts, window = read_counts(self._account, snapshot.state, self._numbers, copied)
            users = _Users(self._account, self._numbers, window, copied)
            chosen = (self._scope,) if self._scope else ()
            parts = read_scopes(self._account, snapshot.state, self._numbers, chosen, counts, window)
            self._read = (copied, snapshot.state, replace(counts, users=users, by_scope=parts))
        return self._read[1], self._read[2]


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
