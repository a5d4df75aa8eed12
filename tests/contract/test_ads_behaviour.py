"""What changes in the sandbox's Google Ads do to what it reports later: flags, mirrors, tags, dates, learning."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from adsync.model.ads import ConversionAction
from adsync.model.change import KEY_EVENT, Change, Fields, fields
from adsync.model.decision import Verb
from adsync.model.volume import ActionDay
from adsync.model.window import Window
from adsync.ports import Axis, Ports
from tests.builders import a_change
from tests.sandboxes import LocalSandbox, local_sandbox

MACRO = "700000001"


@dataclass
class Shop:
    """A sandbox seen through adsync's own adapters."""

    sandbox: LocalSandbox
    ports: Ports

    @property
    def today(self) -> date:
        return self.sandbox.control.now().date()

    def action(self, name_or_event: str) -> ConversionAction | None:
        found = (a for a in self.ports.ads.actions() if name_or_event in (a.name, a.ga4_event_name, a.id))
        return next(found, None)

    def the(self, name_or_event: str) -> ConversionAction:
        found = self.action(name_or_event)
        assert found is not None, f"there is no action {name_or_event}"
        return found

    def mark(self, event_name: str) -> None:
        """Makes an event a key event, as adsync does."""
        account = self.sandbox.settings.accounts[0]
        self.ports.writer.send(
            Change(
                customer_id=account.customer_id,
                property_id=account.property_id,
                kind=KEY_EVENT,
                object_id=event_name,
                title=event_name,
                verb=Verb.KEY_EVENT,
                before=None,
                after=fields(counting_method="ONCE_PER_SESSION"),
            )
        )

    def change(self, action_id: str, verb: Verb, before: Fields, after: Fields) -> None:
        customer_id = self.sandbox.settings.accounts[0].customer_id
        self.ports.writer.send(a_change(verb, customer_id=customer_id, object_id=action_id, before=before, after=after))

    def enable(self, action_id: str) -> None:
        before = fields(status="HIDDEN", primary_for_goal=False)
        self.change(action_id, Verb.ENABLE, before, fields(status="ENABLED", primary_for_goal=False))

    def set_primary(self, action_id: str, primary: bool) -> None:
        before, after = fields(primary_for_goal=not primary), fields(primary_for_goal=primary)
        self.change(action_id, Verb.PROMOTE if primary else Verb.DEMOTE, before, after)

    def create_tag(self, name: str, category: str = "SIGNUP") -> str:
        after = fields(
            name=name,
            type="WEBPAGE",
            category=category,
            counting_type="ONE_PER_CLICK",
            status="ENABLED",
            primary_for_goal=False,
        )
        customer_id = self.sandbox.settings.accounts[0].customer_id
        made = a_change(Verb.CREATE, customer_id=customer_id, object_id=name, before=None, after=after)
        return self.ports.writer.send(made).object_id

    def days(self, action_id: str, axis: Axis = Axis.CONVERSION, days: int = 400) -> list[ActionDay]:
        found = self.ports.ads.conversions(Window.ending(self.today, days=days), axis)
        return [day for day in found if day.action_id == action_id]

    def total(self, action_id: str, window: Window, axis: Axis) -> float:
        found = self.ports.ads.conversions(window, axis)
        return sum(d.all_conversions for d in found if d.action_id == action_id)

    def statuses(self) -> set[str]:
        state = self.ports.ads.account_state(self.ports.ads.customer(), self.today)
        return {c.system_status for c in state.campaigns}


def _shop(sandbox: LocalSandbox) -> Shop:
    return Shop(sandbox, sandbox.wiring().ports(sandbox.settings.accounts[0]))


@pytest.fixture
def shop(sandbox: LocalSandbox) -> Shop:
    return _shop(sandbox)


@pytest.fixture(scope="module")
def grown_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop with sixty purchases a month."""
    directory: Path = tmp_path_factory.mktemp("grown")
    with local_sandbox(directory, "growing-shop") as sandbox:
        sandbox.control.advance(180)
        yield _shop(sandbox)


# Key events and their mirrors ----------------------------------------------------------------------------------------


def test_a_mirror_appears_hidden_and_secondary_and_not_before_the_clock_has_moved(shop: Shop) -> None:
    shop.mark("add_to_cart")
    assert shop.action("add_to_cart") is None
    shop.sandbox.control.advance(0)
    assert shop.action("add_to_cart") is None, "Google takes some hours"
    shop.sandbox.control.advance(1)
    mirror = shop.the("add_to_cart")
    assert (mirror.name, mirror.type) == ("Sandbox shop (web) add_to_cart", "GOOGLE_ANALYTICS_4_CUSTOM")
    assert (mirror.status, mirror.primary_for_goal) == ("HIDDEN", False)
    assert mirror.counting_type == "ONE_PER_CLICK", "the key event counts once a session"
    assert mirror.ga4_property_id == shop.sandbox.settings.accounts[0].property_id


def test_a_property_that_is_not_linked_gets_no_mirrors(shop: Shop) -> None:
    account = shop.sandbox.settings.accounts[0]
    shop.sandbox.control.link(account.property_id, account.customer_id, linked=False)
    shop.mark("add_to_cart")
    shop.sandbox.control.advance(3)
    assert shop.action("add_to_cart") is None
    shop.sandbox.control.link(account.property_id, account.customer_id, linked=True)
    shop.sandbox.control.advance(1)
    assert shop.action("add_to_cart") is not None


def test_a_hidden_action_records_nothing_and_an_enabled_one_only_from_then_on(shop: Shop) -> None:
    shop.mark("add_to_cart")
    shop.sandbox.control.advance(1)
    mirror = shop.the("add_to_cart")
    shop.sandbox.control.advance(20)
    assert shop.days(mirror.id) == []
    enabled_on = shop.today
    shop.enable(mirror.id)
    assert (shop.the(mirror.id).status, shop.the(mirror.id).primary_for_goal) == ("ENABLED", False)
    shop.sandbox.control.advance(20)
    found = shop.days(mirror.id)
    assert sum(day.all_conversions for day in found) > 10
    assert min(day.date for day in found) >= enabled_on


# What counts ---------------------------------------------------------------------------------------------------------


def test_conversions_follow_the_flags_of_each_day_and_all_conversions_do_not(shop: Shop) -> None:
    shop.mark("add_to_cart")
    shop.sandbox.control.advance(1)
    mirror = shop.the("add_to_cart").id
    shop.enable(mirror)
    shop.sandbox.control.advance(20)
    promoted_on = shop.today
    shop.set_primary(mirror, True)
    shop.sandbox.control.advance(20)
    demoted_on = shop.today
    shop.set_primary(mirror, False)
    shop.sandbox.control.advance(20)
    found = shop.days(mirror)
    secondary = [d for d in found if d.date < promoted_on or d.date > demoted_on]
    primary = [d for d in found if promoted_on < d.date < demoted_on]
    assert len(secondary) > 20 and len(primary) > 10
    assert all(d.conversions == 0 and d.value == 0 for d in secondary)
    assert all(d.conversions == d.all_conversions for d in primary)
    assert all(d.all_conversions > 0 for d in found), "rows of zeros are left out"


def test_a_demotion_today_does_not_rewrite_yesterday(shop: Shop) -> None:
    yesterday = shop.today - timedelta(days=1)
    before = [d for d in shop.days(MACRO) if d.date <= yesterday]
    assert sum(d.conversions for d in before) == sum(d.all_conversions for d in before) > 50
    shop.set_primary(MACRO, False)
    assert [d for d in shop.days(MACRO) if d.date <= yesterday] == before


def test_a_change_of_what_counts_lets_campaigns_learn_for_five_days(shop: Shop) -> None:
    shop.create_tag("Newsletter")
    assert shop.statuses() == {"LIMITED_BY_DATA"}, "a secondary action changes nothing for bidding"
    shop.set_primary(MACRO, False)
    assert shop.statuses() == {"MISCONFIGURED_CONVERSION_TYPES"}, "nothing is left to bid on"
    shop.set_primary(MACRO, True)
    assert shop.statuses() == {"LEARNING_CONVERSION_TYPE_CHANGE"}
    shop.sandbox.control.advance(4)
    assert shop.statuses() == {"LEARNING_CONVERSION_TYPE_CHANGE"}
    shop.sandbox.control.advance(1)
    assert shop.statuses() == {"LIMITED_BY_DATA"}


# Tags ----------------------------------------------------------------------------------------------------------------


def test_a_tag_action_fires_only_once_its_tag_is_installed(shop: Shop) -> None:
    created = shop.create_tag("Newsletter")
    shop.sandbox.control.advance(30)
    assert shop.days(created) == []
    installed_on = shop.today
    shop.sandbox.control.install_tag(shop.sandbox.settings.accounts[0].customer_id, created, "add_to_cart")
    shop.sandbox.control.advance(30)
    found = shop.days(created)
    assert sum(day.all_conversions for day in found) > 20
    assert min(day.date for day in found) >= installed_on


# Dates ---------------------------------------------------------------------------------------------------------------


def test_by_conversion_date_yesterday_is_final_and_by_click_date_it_still_grows(grown_shop: Shop) -> None:
    windows, early, late = [], {}, {}
    for _ in range(6):
        grown_shop.sandbox.control.advance(7)
        windows.append(Window.ending(grown_shop.today - timedelta(days=1), days=7))
        early[windows[-1]] = [grown_shop.total(MACRO, windows[-1], axis) for axis in Axis]
    grown_shop.sandbox.control.advance(31)
    for window in windows:
        late[window] = [grown_shop.total(MACRO, window, axis) for axis in Axis]
    assert sum(by_conversion for by_conversion, _ in early.values()) > 60
    assert [by_conversion for by_conversion, _ in late.values()] == [first for first, _ in early.values()]
    assert all(late[w][1] >= early[w][1] for w in windows)
    assert sum(late[w][1] - early[w][1] for w in windows) >= 2
    grown_shop.sandbox.control.advance(30)
    for window in windows:
        assert grown_shop.total(MACRO, window, Axis.CLICK) == late[window][1], "old clicks convert no more"


def test_both_dates_count_the_same_conversions_and_place_some_on_other_days(grown_shop: Shop) -> None:
    # Clicks before the window may convert in it, so that only the whole past adds up on both axes.
    clicked, converted = (grown_shop.days(MACRO, axis, days=700) for axis in (Axis.CLICK, Axis.CONVERSION))

    def by_day(days: list[ActionDay]) -> dict[date, float]:
        sums: dict[date, float] = {}
        for day in days:
            sums[day.date] = sums.get(day.date, 0.0) + day.all_conversions
        return sums

    assert sum(by_day(clicked).values()) == sum(by_day(converted).values())
    assert by_day(clicked) != by_day(converted)
    running, lead = 0.0, []
    for day in sorted(by_day(clicked).keys() | by_day(converted).keys()):
        running += by_day(clicked).get(day, 0.0) - by_day(converted).get(day, 0.0)
        lead.append(running)
    assert min(lead) >= 0 < max(lead), "no conversion comes before its click"


def test_what_a_campaign_paid_for_is_reported_by_day_and_campaign(grown_shop: Shop) -> None:
    window = Window.ending(grown_shop.today - timedelta(days=1), days=14)
    found = grown_shop.ports.ads.campaign_days(window)
    assert {day.date for day in found} == set(window)
    assert len({day.campaign_id for day in found}) == 3
    assert len(found) == len({(day.date, day.campaign_id) for day in found})
    assert all(day.cost_micros > 0 and day.impressions > day.clicks > 0 for day in found)
