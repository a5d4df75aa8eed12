"""An account's settings as each of its nights knew them: which campaigns are weighed together, and how they bid."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date

from adsync.errors import UsageError
from adsync.model.account import Account
from adsync.model.ads import AccountState, kinds_of_bidding
from adsync.model.pulled import Report, Snapshot
from adsync.model.scope import Scope
from adsync.ports import Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """What one night's replay weighs. scopes: those that the night decided. chosen: the one that is weighed; None for all
    campaigns as one. on_value: whether what is weighed bids for value.
    """

    scopes: tuple[Scope, ...]
    chosen: Scope | None
    on_value: bool


class Settings:
    """The settings of each night: the newest that were copied until then, and before the first copy that one.

    campaign: whose scope is weighed, by its name; "" for all.
    """

    def __init__(self, account: Account, numbers: Numbers, campaign: str = "") -> None:
        self._account, self._numbers, self._campaign = account, numbers, campaign
        copies = numbers.coverage(account.customer_id, Report.ACCOUNT, date.max)
        self.copied = tuple(copy.as_of for copy in copies)
        self._read: Snapshot | None = None
        self._weighed: tuple[date, Weighed] | None = None
        self._scopes: dict[date, Scope | None] = {}
        self._campaign_id = ""

    def known_on(self, night: date) -> date:
        """The night whose copy a night goes by."""
        return self.copied[max(bisect_right(self.copied, night) - 1, 0)]

    def on(self, night: date) -> Snapshot:
        """The settings that a night goes by."""
        copied = self.known_on(night)
        if self._read is None or self._read.state.as_of != copied:
            self._read = self._numbers.snapshot(self._account.customer_id, copied)
        assert self._read is not None, "A copy is noted together with what it copied."
        return self._read

    def weighed(self, night: date) -> Weighed:
        """Raises UsageError where no night's settings have a scope with the campaign."""
        copied = self.known_on(night)
        if self._weighed is None or self._weighed[0] != copied:
            state = self.on(copied).state
            scopes = self._scopes_of(state)
            chosen = self._chosen(copied) if self._campaign else scopes[0] if len(scopes) == 1 else None
            on_value = chosen.on_value if chosen else any(kinds_of_bidding(state.campaigns))
            self._weighed = copied, Weighed(scopes=scopes, chosen=chosen, on_value=on_value)
        return self._weighed[1]

    def _scopes_of(self, state: AccountState) -> tuple[Scope, ...]:
        return tuple(scope for scope in self._account.scopes(state) if scope.bidding or scope.goals is None)

    def _chosen(self, copied: date) -> Scope:
        """The campaign's scope. On nights on which it was in none, it goes on as before, or begins as it was at first."""
        self._campaign_id = self._campaign_id or self._id_of_campaign()
        until = bisect_right(self.copied, copied)
        for near in (*reversed(self.copied[:until]), *self.copied[until:]):
            if (scope := self._scope_on(near)) is not None:
                return scope
        raise AssertionError("The night that names the campaign has a scope with it.")

    def _scope_on(self, copied: date) -> Scope | None:
        if copied not in self._scopes:
            self._scopes[copied] = next(
                (each for each in self._scopes_of(self.on(copied).state) if self._campaign_id in _ids(each)), None
            )
        return self._scopes[copied]

    def _id_of_campaign(self) -> str:
        """By its newest name: who renames a campaign means the same one."""
        for copied in reversed(self.copied):
            for scope in self._scopes_of(self.on(copied).state):
                for each in scope.bidding:
                    if each.name == self._campaign:
                        return each.id
        newest = self._scopes_of(self.on(date.max).state)
        raise UsageError(
            f'No campaign "{self._campaign}" bids by itself on what is primary.',
            next_step="Name one of " + ", ".join(f'"{each.name}"' for scope in newest for each in scope.bidding) + ".",
        )


def _ids(scope: Scope) -> frozenset[str]:
    return frozenset(each.id for each in (*scope.bidding, *scope.resting))
