"""An account with a helper that is promoted today, and what is stored of it: nothing asks Google."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from adsync.model.account import Account
from adsync.model.ads import AccountState, Campaign
from adsync.model.change import Change, fields
from adsync.model.decision import Verb
from adsync.model.log import ChangeLogEntry
from adsync.model.outcome_review import Concluded, OutcomeReview
from adsync.model.pulled import Coverage, Report, Snapshot
from adsync.model.volume import ActionDay, CampaignDay
from adsync.model.window import Window
from adsync.outcomes import conclude_reviews, open_reviews
from adsync.ports import Axis, State
from adsync.state.database import Database
from adsync.state.holds import SqlHolds
from adsync.state.ledger import SqlLedger
from adsync.state.memory import SqlMemory
from adsync.state.numbers import SqlNumbers
from adsync.state.outcome_reviews import SqlOutcomeReviews
from tests.builders import (
    CUSTOMER_ID,
    MACRO_ID,
    NOW,
    TODAY,
    a_campaign,
    a_change,
    a_snapshot,
    a_state,
    an_account,
    an_action,
    an_entry,
)

FIRST = TODAY - timedelta(days=70)
DUE = TODAY + timedelta(days=15 + 28)
SET_APART = a_campaign("2", goal_level="CAMPAIGN")
"""A campaign with goals of its own, none of them switched on: whether the helper is primary is nothing to it."""


def coverage(report: Report, window: Window, as_of: date) -> Coverage:
    return Coverage(report=report, as_of=as_of, window=window, pulled_at=at(as_of))


def at(day: date) -> datetime:
    return datetime.combine(day, time(4), tzinfo=UTC)


@dataclass
class Clock:
    """Stands where it is set."""

    day: date

    def now(self) -> datetime:
        return at(self.day)


@dataclass
class Shop:
    """An account with a helper that is promoted today, and what is stored of it on the due date."""

    state: State
    account: Account
    campaigns: tuple[Campaign, ...] = (a_campaign(), SET_APART)

    def settings(self, day: date, *, primary: bool, **different: object) -> Snapshot:
        helper = an_action(primary_for_goal=primary)
        found: AccountState = replace(a_state(helper, campaigns=self.campaigns), as_of=day, **different)  # type: ignore[arg-type]
        snapshot = replace(a_snapshot(found), taken_at=at(day))
        self.state.numbers.store_snapshot(CUSTOMER_ID, snapshot, coverage(Report.ACCOUNT, Window(day, day), day))
        return snapshot

    def numbers(self, last: date, sold: dict[str, tuple[float, float]]) -> None:
        """sold: main conversions a day of each campaign, until the change and after it. Each costs 50 a day."""
        window, as_of = Window(FIRST, last), last + timedelta(days=1)
        days = [(day, name, rates[day >= TODAY]) for day in window for name, rates in sold.items()]
        counted = [
            ActionDay(
                date=day,
                campaign_id=name,
                action_id=MACRO_ID,
                conversions=count,
                all_conversions=count,
                value=0.0,
                all_value=0.0,
            )
            for day, name, count in days
        ]
        spent = [
            CampaignDay(date=day, campaign_id=name, cost_micros=50_000_000, clicks=90, impressions=900)
            for day, name, _ in days
        ]
        store = self.state.numbers
        store.store_conversions(CUSTOMER_ID, Axis.CONVERSION, counted, coverage(Report.CONVERSIONS, window, as_of))
        store.store_campaign_days(CUSTOMER_ID, spent, coverage(Report.COST, window, as_of))

    def changed(self, change: Change, day: date, origin: str = "night") -> ChangeLogEntry:
        moment = at(day)
        entry = an_entry(change=change, opened_at=moment, deadline=moment, closed_at=moment, origin=origin)
        return replace(entry, id=self.state.ledger.open_entry(entry))

    def promoted(self, **sold: tuple[float, float]) -> OutcomeReview:
        """Promotes the helper, and gives the review that is opened."""
        begun = {name: (before, before) for name, (before, _) in campaigns_of(sold).items()}
        self.settings(FIRST, primary=False)
        self.settings(TODAY, primary=False)
        self.numbers(TODAY - timedelta(days=1), begun)
        enabled = fields(status="ENABLED", primary_for_goal=False)
        self.changed(a_change(Verb.ENABLE, before=fields(status="HIDDEN"), after=enabled), FIRST)
        self.changed(a_change(Verb.PROMOTE), TODAY)
        (review,) = open_reviews(self.account, self.state, NOW)
        self.numbers(DUE - timedelta(days=1), campaigns_of(sold))
        return review

    def concluded(self, **different: object) -> Concluded:
        """different: settings from a few weeks after the change on."""
        self.settings(TODAY + timedelta(days=1), primary=True)
        self.settings(TODAY + timedelta(days=20), primary=True, **different)
        snapshot = self.settings(DUE, primary=True, **different)
        (ended,) = conclude_reviews(self.account, self.state, snapshot, Clock(DUE))
        assert ended.concluded is not None
        return ended.concluded


def campaigns_of(sold: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    return {name.removeprefix("of_"): rates for name, rates in sold.items()}


@contextmanager
def stored_shop(directory: Path) -> Iterator[Shop]:
    database = Database(f"sqlite:///{directory / 'adsync.db'}")
    state = State(
        numbers=SqlNumbers(database),
        ledger=SqlLedger(database),
        memory=SqlMemory(database),
        holds=SqlHolds(database),
        reviews=SqlOutcomeReviews(database),
    )
    yield Shop(state, an_account())
    database.close()
