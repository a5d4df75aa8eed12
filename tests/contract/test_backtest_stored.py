"""Backtests of what nights have stored: each night knows what had been copied by then, and nothing that came later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from adsync.backtest.run import Case, backtest
from adsync.backtest.stored import Stored, stored_nights
from adsync.decide.sight import see
from adsync.errors import UsageError
from adsync.model.account import Account, Macro
from adsync.model.ads import DataExclusion
from adsync.model.backtest import Backtest
from adsync.model.holds import KnownHold
from adsync.model.pulled import NOT_SERVED, Coverage, Report, Snapshot
from adsync.model.volume import ActionDay
from adsync.model.window import Window
from adsync.nightly import run_night
from adsync.ports import Axis, Numbers
from adsync.pull import pull_account, read_history
from tests.contract.clients import CUSTOMER
from tests.sandboxes import LocalSandbox, local_sandbox

NIGHTS = 4


@dataclass(frozen=True, slots=True)
class Kept:
    """An account of which several nights in a row are stored."""

    sandbox: LocalSandbox
    account: Account
    numbers: Numbers
    first: date

    @property
    def last(self) -> date:
        return self.first + timedelta(days=NIGHTS - 1)

    def replayed(self, stored: Stored | None = None) -> Backtest:
        found = stored or stored_nights(self.account, self.numbers)
        return backtest(
            Case(
                source="shop",
                macro="purchase",
                nights=found.nights,
                policy=self.account.policy,
                approximate=found.approximate,
                why_approximate=found.why_approximate,
                notes=found.notes,
            )
        )

    def restate(self, axis: Axis, known_on: date, day: date, conversions: float) -> None:
        """From a night on, Google says something else of an earlier day."""
        report = Report.CONVERSIONS if axis is Axis.CONVERSION else Report.CLICKS
        now = datetime.combine(known_on, datetime.min.time(), UTC)
        coverage = Coverage(report=report, as_of=known_on, window=Window(day, day), pulled_at=now)
        macro = self.macro_id
        days = [
            ActionDay(
                date=day,
                campaign_id="1",
                action_id=macro,
                conversions=conversions,
                all_conversions=conversions,
                value=0,
                all_value=0,
            )
        ]
        self.numbers.store_conversions(self.account.customer_id, axis, days, coverage)

    @property
    def macro_id(self) -> str:
        snapshot = self.numbers.snapshot(self.account.customer_id)
        assert snapshot is not None
        return self.account.macro_actions(snapshot.state)[0].id


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    with local_sandbox(tmp_path / "sandbox") as running:
        account = running.settings.accounts[0]
        ports = running.wiring().ports(account)
        first = pull_account(account, ports).as_of
        for _ in range(NIGHTS - 1):
            running.control.advance(1)
            pull_account(account, ports)
        yield Kept(running, account, ports.state.numbers, first)


def test_nights_before_the_first_copy_are_labelled_and_later_ones_are_not(kept: Kept) -> None:
    found = kept.replayed()
    assert found.replayed.last == kept.last
    approximate = [night.date for night in found.nights if night.approximate]
    assert approximate == [night for night in found.replayed if night < kept.first]
    assert f"{len(approximate)} of the {len(found.nights)} nights" in found.approximate
    assert str(kept.first) in found.approximate
    only = kept.replayed(stored_nights(kept.account, kept.numbers, first=kept.first))
    assert (only.approximate, {night.approximate for night in only.nights}) == ("", {False})


def test_what_is_restated_on_the_next_night_does_not_change_the_nights_before_it(kept: Kept) -> None:
    before = kept.replayed()
    night = kept.first + timedelta(days=1)
    kept.restate(Axis.CONVERSION, night + timedelta(days=1), kept.first - timedelta(days=3), 500.0)
    after = kept.replayed()
    stored = stored_nights(kept.account, kept.numbers)
    day = kept.first - timedelta(days=3)
    assert stored.nights[night].watched.macro.at(day) != 500.0
    assert stored.nights[night + timedelta(days=1)].watched.macro.at(day) == 500.0
    known = [n for n in before.nights if n.date <= night]
    assert known == [n for n in after.nights if n.date <= night]
    assert before.weeks != after.weeks, "what is finally known has changed"


def changed_settings(kept: Kept, what: str) -> Snapshot:
    """Tomorrow's settings, in which somebody has changed something that a night decides by."""
    snapshot = kept.numbers.snapshot(kept.account.customer_id)
    assert snapshot is not None
    state = snapshot.state
    campaigns = state.campaigns
    match what:
        case "bidding":
            campaigns = tuple(replace(c, strategy="TARGET_ROAS", target_roas=4.0) for c in campaigns)
        case "scopes":
            campaigns = (*(replace(c, strategy="TARGET_ROAS", target_roas=4.0) for c in campaigns[:1]), *campaigns[1:])
        case "campaigns":
            campaigns = tuple(replace(c, id=f"9{c.id}", name=f"New {c.name}") for c in campaigns)
        case "exclusion":
            days = Window(kept.first - timedelta(days=60), kept.last)
            return replace(snapshot, exclusions=(DataExclusion(name="Broken tag", days=days, scope="CUSTOMER"),))
        case "macro":
            removed = tuple(replace(a, status="REMOVED") if a.id == kept.macro_id else a for a in state.actions)
            return replace(snapshot, state=replace(state, actions=removed))
        case "key event":
            return replace(snapshot, key_events=())
    return replace(snapshot, state=replace(state, campaigns=campaigns))


def store_settings(kept: Kept, snapshot: Snapshot, night: date) -> None:
    moment = datetime.combine(night, datetime.min.time(), UTC)
    coverage = Coverage(report=Report.ACCOUNT, as_of=night, window=Window(night, night), pulled_at=moment)
    stored = replace(snapshot, taken_at=moment, state=replace(snapshot.state, as_of=night))
    kept.numbers.store_snapshot(kept.account.customer_id, stored, coverage)


@pytest.mark.parametrize("what", ["bidding", "scopes", "campaigns", "exclusion", "macro", "key event"])
def test_settings_of_a_later_night_change_no_earlier_one(kept: Kept, what: str) -> None:
    before, read = kept.replayed(), stored_nights(kept.account, kept.numbers)
    store_settings(kept, changed_settings(kept, what), kept.last + timedelta(days=1))
    assert stored_nights(kept.account, kept.numbers).nights == read.nights
    assert kept.replayed() == before


def test_nights_have_the_demand_line_by_which_campaigns_bid_then(kept: Kept) -> None:
    """A person switches to bidding on value on the third night: what was decided before had the line of before."""
    switched = kept.first + timedelta(days=2)
    for night in Window(switched, kept.last):
        store_settings(kept, changed_settings(kept, "bidding"), night)
    found = kept.replayed()
    nights = stored_nights(kept.account, kept.numbers).nights
    lines = {night: known.line(kept.account.policy).demand for night, known in nights.items()}
    assert {lines[night] for night in nights if night < switched} == {30}
    assert {lines[night] for night in Window(switched, kept.last)} == {50}
    assert found.demand == 50
    told = f"Until {switched - timedelta(days=1)} the demand line was 30 a month: campaigns bid for conversions then."
    assert told in found.notes


def test_a_data_exclusion_takes_days_out_of_the_nights_that_knew_it_only(kept: Kept) -> None:
    known_on = kept.first + timedelta(days=2)
    excluded = changed_settings(kept, "exclusion")
    for night in Window(known_on, kept.last):
        store_settings(kept, excluded, night)
    day = kept.first - timedelta(days=20)
    nights = stored_nights(kept.account, kept.numbers).nights
    set_aside = {night for night, known in nights.items() if known.seen and day in known.seen.flagged(Window(day, day))}
    assert set_aside == set(Window(known_on, kept.last))


def test_a_key_event_that_was_off_holds_the_nights_that_saw_it(kept: Kept) -> None:
    mirror = replace(kept.account, macro=Macro(event_name="purchase", actions=(kept.macro_id,)))
    snapshot = changed_settings(kept, "key event")
    state = snapshot.state
    actions = tuple(
        replace(a, type="GOOGLE_ANALYTICS_4_PURCHASE", ga4_property_id=mirror.property_id, ga4_event_name="purchase")
        if a.id == kept.macro_id
        else a
        for a in state.actions
    )
    store_settings(kept, replace(snapshot, state=replace(state, actions=actions)), kept.last)
    nights = stored_nights(mirror, kept.numbers, first=kept.first).nights
    holding = [night for night, known in nights.items() if "key_event_off" in {hold.code for hold in known.holds}]
    assert holding == [kept.last]


def test_a_tag_that_was_silent_holds_the_nights_that_knew_it(kept: Kept) -> None:
    snapshot = kept.numbers.snapshot(kept.account.customer_id, kept.last)
    assert snapshot is not None
    heard = f"{kept.last - timedelta(days=30)} 10:00:00"
    actions = tuple(replace(a, last_request=heard) if a.id == kept.macro_id else a for a in snapshot.state.actions)
    store_settings(kept, replace(snapshot, state=replace(snapshot.state, actions=actions)), kept.last)
    nights = stored_nights(kept.account, kept.numbers, first=kept.first).nights
    holding = [night for night, known in nights.items() if "tag_silent" in {hold.code for hold in known.holds}]
    assert holding == [kept.last]


def test_what_a_person_ended_holds_until_that_day_only(kept: Kept) -> None:
    snapshot = kept.numbers.snapshot(kept.account.customer_id, kept.first)
    assert snapshot is not None
    heard = f"{kept.first - timedelta(days=30)} 10:00:00"
    actions = tuple(replace(a, last_request=heard) if a.id == kept.macro_id else a for a in snapshot.state.actions)
    for night in Window(kept.first, kept.last):
        store_settings(kept, replace(snapshot, state=replace(snapshot.state, actions=actions)), night)
    silent = stored_nights(kept.account, kept.numbers, first=kept.first).nights
    (hold,) = silent[kept.first].holds
    ended_on = kept.first + timedelta(days=1)
    at = datetime.combine(ended_on, datetime.min.time(), UTC) + timedelta(hours=12)
    ended = KnownHold(id=1, customer_id=CUSTOMER, hold=hold, seen_on=ended_on, cleared_at=at, cleared_by="ann")
    nights = stored_nights(kept.account, kept.numbers, first=kept.first, holds=[ended]).nights
    assert [night for night, known in silent.items() if known.holds] == list(Window(kept.first, kept.last))
    assert [night for night, known in nights.items() if known.holds] == [kept.first, ended_on]
    assert {night: nights[night] for night in (kept.first, ended_on)} == {n: silent[n] for n in (kept.first, ended_on)}


def test_on_nights_without_a_campaign_its_scope_goes_on_as_before(kept: Kept) -> None:
    snapshot = kept.numbers.snapshot(kept.account.customer_id)
    assert snapshot is not None
    name = snapshot.state.smart_campaigns()[0].name
    before = stored_nights(kept.account, kept.numbers, campaign=name)
    store_settings(kept, changed_settings(kept, "campaigns"), kept.last)
    after = stored_nights(kept.account, kept.numbers, campaign=name)
    assert {night: known.on_value for night, known in after.nights.items()} == {
        night: known.on_value for night, known in before.nights.items()
    }
    assert after.nights[kept.last - timedelta(days=1)] == before.nights[kept.last - timedelta(days=1)]


def test_what_is_not_replayed_is_said_and_which_settings_stand_in(kept: Kept) -> None:
    stored = stored_nights(kept.account, kept.numbers)
    assert f"Nights before {kept.first} go by the settings of that night" in stored.why_approximate
    assert "Not replayed: helpers that were switched by hand" in stored.notes[-1]
    assert stored_nights(kept.account, kept.numbers, first=kept.first).why_approximate == ""


def test_a_stored_night_knows_what_its_own_night_read(kept: Kept) -> None:
    stored = stored_nights(kept.account, kept.numbers)
    for night in Window(kept.first, kept.last):
        snapshot = kept.numbers.snapshot(kept.account.customer_id, night)
        assert snapshot is not None
        history = read_history(kept.account, snapshot.state, kept.numbers, night)
        known = stored.nights[night]
        assert known.watched.macro == history.conversions[kept.macro_id]
        assert known.watched.clicks == history.clicks
        assert known.last_day < night
        assert known.watched.companion is None or known.watched.companion.at(night - timedelta(days=1)) is None


def test_a_replay_reads_no_report_that_the_rule_does_not_look_at(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    def unread(*_: object, **__: object) -> None:
        raise AssertionError("A replay has no use for this.")

    before = stored_nights(kept.account, kept.numbers)
    for report in ("funnels", "campaign_volumes", "campaign_conversions"):
        monkeypatch.setattr(type(kept.numbers), report, unread)
    assert stored_nights(kept.account, kept.numbers) == before


def test_a_replay_sees_the_same_helper_as_the_night_did(kept: Kept) -> None:
    snapshot = kept.numbers.snapshot(kept.account.customer_id, kept.last)
    assert snapshot is not None
    sight = see(kept.account, snapshot.state, read_history(kept.account, snapshot.state, kept.numbers, kept.last))
    known = stored_nights(kept.account, kept.numbers).nights[kept.last]
    # Sessions from ads are for a note alone, and replays leave notes out.
    watched = replace(sight.watched, ad_sessions=None)
    assert sight.thermometer and (known.helper_event, known.watched) == (sight.thermometer, watched)


def test_a_night_before_the_first_copy_reads_nothing_that_it_could_not_know(kept: Kept) -> None:
    stored = stored_nights(kept.account, kept.numbers)
    night = kept.first - timedelta(days=40)
    known = stored.nights[night]
    assert known.last_day < night
    if known.watched.companion is not None:
        newest = Window.ending(night - timedelta(days=1), days=2)
        assert known.watched.companion.during(newest) == (None, None)


def test_on_a_night_that_was_missed_the_next_copy_stands_in(kept: Kept) -> None:
    for _ in range(2):
        kept.sandbox.control.advance(1)
    pull_account(kept.account, kept.sandbox.wiring().ports(kept.account))
    stored = stored_nights(kept.account, kept.numbers, first=kept.first)
    missed = kept.last + timedelta(days=1)
    assert stored.approximate == {missed}
    assert stored.nights[missed].watched.macro == stored.nights[missed + timedelta(days=1)].watched.macro
    assert stored.nights[missed].last_day == missed - timedelta(days=1)


def test_settings_that_make_the_volume_meaningless_hold_the_nights_that_copied_them(kept: Kept) -> None:
    renamed = replace(kept.account, macro=Macro(event_name="purchase", actions=("Nothing of that name",)))
    stored = stored_nights(renamed, kept.numbers, first=kept.first)
    assert [hold.code for hold in stored.nights[kept.last].holds] == ["macro_missing"]
    early = stored_nights(renamed, kept.numbers, last=kept.first)
    assert early.nights[kept.first - timedelta(days=1)].holds == ()


def test_where_conversions_come_by_click_date_days_count_once_their_clicks_are_over(kept: Kept) -> None:
    night = kept.last + timedelta(days=1)
    now = datetime.combine(night, datetime.min.time(), UTC)
    window = Window.ending(night - timedelta(days=1), days=10)
    refused = Coverage(
        report=Report.CONVERSIONS, as_of=night, window=window, pulled_at=now, whole=False, fault=NOT_SERVED
    )
    kept.numbers.store_conversions(kept.account.customer_id, Axis.CONVERSION, [], refused)
    stored = stored_nights(kept.account, kept.numbers, first=kept.first)
    assert stored.nights[night].last_day <= night - timedelta(days=31)
    assert stored.nights[kept.last].last_day > night - timedelta(days=5)
    assert "Counted by click date" in stored.notes[0]


def test_before_the_first_pull_the_next_step_is_named(tmp_path: Path) -> None:
    with local_sandbox(tmp_path / "sandbox") as running:
        account = running.settings.accounts[0]
        with pytest.raises(UsageError, match="adsync pull --account"):
            stored_nights(account, running.wiring().state.numbers)


def test_replaying_changes_nothing_that_is_stored(kept: Kept) -> None:
    run_night(kept.account, kept.sandbox.wiring().ports(kept.account), apply=False)
    state = kept.sandbox.wiring().state
    before = state.memory.counters(kept.account.customer_id), state.memory.conclusion(kept.account.customer_id)
    kept.replayed()
    assert before == (
        state.memory.counters(kept.account.customer_id),
        state.memory.conclusion(kept.account.customer_id),
    )
