"""Data exclusions by the official client: made, read, changed and taken away; and what adsync's nights make of them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from google.ads.googleads.v26.enums.types.advertising_channel_type import AdvertisingChannelTypeEnum
from google.ads.googleads.v26.enums.types.device import DeviceEnum
from google.ads.googleads.v26.enums.types.seasonality_event_scope import SeasonalityEventScopeEnum
from google.ads.googleads.v26.services.types.google_ads_service import GoogleAdsRow

from adsync.errors import UnexpectedAnswer
from adsync.google.wire import ads as wire
from adsync.model.window import Window
from adsync.nightly import run_night
from adsync.sandbox.coding import encoded, restore
from tests.contract.changes import BRAND, GENERIC, Changing, Operation, create, name_of, remove, update
from tests.contract.clients import search
from tests.sandboxes import LocalSandbox, local_sandbox

pytestmark = pytest.mark.usefixtures("no_lookups_at_google")

ALL = (
    "SELECT bidding_data_exclusion.data_exclusion_id, bidding_data_exclusion.name, bidding_data_exclusion.status, "
    "bidding_data_exclusion.scope, bidding_data_exclusion.start_date_time, bidding_data_exclusion.end_date_time, "
    "bidding_data_exclusion.campaigns, customer.id FROM bidding_data_exclusion"
)


def an_exclusion(start: str = "2026-02-10 00:00:00", end: str = "2026-02-13 00:00:00", **different: Any) -> Operation:
    fields = {"name": "Broken tag", "scope": "CUSTOMER", "start_date_time": start, "end_date_time": end}
    return create("bidding_data_exclusion", **{**fields, **different})


def change(key: int, *mask: str, **fields: Any) -> Operation:
    return update("bidding_data_exclusion", name_of("biddingDataExclusions", key), mask, **fields)


def found(sandbox: LocalSandbox) -> dict[str, Any]:
    return {row.bidding_data_exclusion.name: row.bidding_data_exclusion for row in search(sandbox, ALL)}


def test_what_is_made_is_read_changed_and_taken_away(ads: Changing) -> None:
    made = ads.make_one(an_exclusion())
    one = found(ads.sandbox)["Broken tag"]
    assert (one.data_exclusion_id, one.status.name, one.scope.name) == (made, "ENABLED", "CUSTOMER")
    assert (one.start_date_time, one.end_date_time) == ("2026-02-10 00:00:00", "2026-02-13 00:00:00")
    ads.by_own_service(change(made, "end_date_time", "name", end_date_time="2026-02-14 12:00:00", name="Longer"))
    assert found(ads.sandbox)["Longer"].end_date_time == "2026-02-14 12:00:00"
    ads.make(remove("bidding_data_exclusion", name_of("biddingDataExclusions", made)))
    assert found(ads.sandbox)["Longer"].status.name == "REMOVED"
    assert ads.refused(change(made, "name", name="Again"))[0][0] == "mutate_error.RESOURCE_NOT_FOUND"


def test_one_of_some_campaigns_names_them(ads: Changing) -> None:
    ads.make(an_exclusion(scope="CAMPAIGN", campaigns=[name_of("campaigns", BRAND)]))
    assert list(found(ads.sandbox)["Broken tag"].campaigns) == [name_of("campaigns", BRAND)]


@pytest.mark.parametrize(
    ("operation", "code", "place"),
    [
        (an_exclusion(name=""), "field_error.REQUIRED", "name"),
        (an_exclusion(start=""), "field_error.REQUIRED", "start_date_time"),
        (an_exclusion(start="10 February"), "date_error.INVALID_STRING_DATE_TIME_SECONDS", "start_date_time"),
        (an_exclusion(end="2026-02-09 00:00:00"), "date_range_error.START_DATE_AFTER_END_DATE", "end_date_time"),
        (an_exclusion(end="2026-02-24 00:00:01"), "date_range_error.AFTER_MAXIMUM_ALLOWABLE_DATE", "end_date_time"),
        (an_exclusion("2026-04-01 00:00:00", "2026-04-02 00:00:00"), "date_range_error.INVALID_DATE", "start_date_time"),
        (an_exclusion(scope="CAMPAIGN"), "field_error.REQUIRED", "campaigns"),
        (an_exclusion(campaigns=[name_of("campaigns", BRAND)]), "field_error.VALUE_MUST_BE_UNSET", "campaigns"),
        (an_exclusion(scope="CAMPAIGN", campaigns=[name_of("campaigns", 7)]), "mutate_error.RESOURCE_NOT_FOUND", "campaigns"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_with_its_place(
    ads: Changing, operation: Operation, code: str, place: str
) -> None:
    [(refused, where)] = ads.refused(operation)
    assert (refused, where[-1]) == (code, place)
    assert found(ads.sandbox) == {}


def test_fourteen_days_are_allowed_and_a_change_is_checked_like_a_creation(ads: Changing) -> None:
    made = ads.make_one(an_exclusion(end="2026-02-24 00:00:00"))
    [(code, _)] = ads.refused(change(made, "end_date_time", end_date_time="2026-02-25 00:00:00"))
    assert code == "date_range_error.AFTER_MAXIMUM_ALLOWABLE_DATE"
    [(code, _)] = ads.refused(change(made, "scope", scope="CAMPAIGN"))
    assert code == "field_error.IMMUTABLE_FIELD"


def test_it_survives_the_sandboxs_end(tmp_path: Path) -> None:
    with local_sandbox(tmp_path) as sandbox:
        Changing(sandbox).make(an_exclusion())
        account = sandbox.running.estate.accounts["1000000001"]
        document = encoded(account, ("clicks", "property"))
        account.exclusions = []
        restore(account, document)
        assert [e.name for e in account.exclusions] == ["Broken tag"]


# adsync ---------------------------------------------------------------------------------------------------------------


def test_adsync_reads_those_that_hold_with_the_days_that_they_touch(ads: Changing) -> None:
    gone = ads.make_one(an_exclusion(name="Gone"))
    ads.make(
        an_exclusion(name="Noon", end="2026-02-12 12:00:00"),
        an_exclusion(name="Brand", scope="CAMPAIGN", campaigns=[name_of("campaigns", BRAND)]),
        remove("bidding_data_exclusion", name_of("biddingDataExclusions", gone)),
    )
    wiring = ads.sandbox.wiring()
    read = {e.name: e for e in wiring.ports(wiring.settings.accounts[0]).ads.exclusions()}
    assert read.keys() == {"Noon", "Brand"}
    assert read["Noon"].days == read["Brand"].days == Window(date(2026, 2, 10), date(2026, 2, 12))
    assert read["Brand"].campaign_ids == (str(BRAND),)


def test_channels_and_devices_are_read_by_name() -> None:
    row = GoogleAdsRow()
    found: Any = row.bidding_data_exclusion
    found.start_date_time, found.end_date_time = "2026-02-10 22:00:00", "2026-02-11 02:00:00"
    found.scope = SeasonalityEventScopeEnum.SeasonalityEventScope.CHANNEL
    found.devices = [DeviceEnum.Device.TABLET, DeviceEnum.Device.MOBILE]
    found.advertising_channel_types = [AdvertisingChannelTypeEnum.AdvertisingChannelType.SEARCH]
    read = wire.data_exclusion(GoogleAdsRow.pb(row))
    assert read is not None and len(read.days) == 2
    assert (read.scope, read.devices, read.channels) == ("CHANNEL", ("MOBILE", "TABLET"), ("SEARCH",))
    found.end_date_time = "soon"
    with pytest.raises(UnexpectedAnswer, match="soon"):
        wire.data_exclusion(GoogleAdsRow.pb(row))


@pytest.mark.parametrize("end", ["2026-02-09 00:00:00", "2026-02-10 00:00:00"])
def test_one_that_does_not_end_after_its_start_excludes_nothing_and_stops_no_night(ads: Changing, end: str) -> None:
    ads.make(an_exclusion(), an_exclusion(name="Backwards"))
    odd = next(e for e in ads.sandbox.running.estate.accounts["1000000001"].exclusions if e.name == "Backwards")
    odd.end = end
    wiring = ads.sandbox.wiring()
    read = wiring.ports(wiring.settings.accounts[0]).ads.exclusions()
    assert [e.name for e in read] == ["Broken tag"]


@pytest.mark.parametrize("campaigns", [(), (BRAND, GENERIC), (BRAND,)])
def test_a_night_sets_the_days_aside_that_all_bidding_leaves_out_and_some_more(
    tmp_path: Path, campaigns: tuple[int, ...]
) -> None:
    with local_sandbox(tmp_path) as sandbox:
        names = [name_of("campaigns", campaign) for campaign in campaigns]
        scope: dict[str, Any] = {"scope": "CAMPAIGN", "campaigns": names} if names else {}
        account = sandbox.settings.accounts[0]
        usual = run_night(account, sandbox.wiring().ports(account), apply=False)
        Changing(sandbox).make(an_exclusion(**scope))
        sandbox.control.advance(1)
        night = run_night(account, sandbox.wiring().ports(account), apply=False)
        demand = night.decisions.demand
        assert demand.holds == ()
        days_out = usual.decisions.demand.standing.effective_days - demand.standing.effective_days
        # Three days, and a week in which their clicks may still convert.
        assert days_out == (0 if campaigns == (BRAND,) else 10)
        assert ('"Broken tag"' in demand.reason) == (days_out == 10)
        stored = sandbox.wiring().state.numbers.snapshot(account.customer_id)
        assert stored is not None and [e.name for e in stored.exclusions] == ["Broken tag"]
        assert night.decisions.demand.standing.last_day >= date(2026, 2, 12) + timedelta(days=7)
