"""What adsync says that campaigns bid on is what Google Ads counts for them in the days that follow."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from pathlib import Path

from adsync.model.biddability import Why, cell
from adsync.model.business_date import business_date
from adsync.model.change import KEY_EVENT, Change, fields
from adsync.model.decision import Verb
from adsync.model.window import Window
from adsync.ports import Axis
from tests.contract.changes import (
    BRAND,
    GENERIC,
    MACRO,
    Changing,
    change_action,
    change_config,
    create,
    name_of,
    update,
)
from tests.sandboxes import local_sandbox

EVENTS = ("add_to_cart", "begin_checkout", "view_item")
DAYS = 10


def test_what_counts_by_adsyncs_matrix_is_what_is_counted_from_the_next_day_on(tmp_path: Path) -> None:
    with local_sandbox(tmp_path, "growing-shop") as sandbox:
        account = sandbox.settings.accounts[0]
        ports = sandbox.wiring().ports(account)
        for event in EVENTS:
            ports.writer.send(
                Change(
                    customer_id=account.customer_id,
                    property_id=account.property_id,
                    kind=KEY_EVENT,
                    object_id=event,
                    title=event,
                    verb=Verb.KEY_EVENT,
                    before=None,
                    after=fields(counting_method="ONCE_PER_SESSION"),
                )
            )
        sandbox.control.advance(130)
        mirrors = {a.ga4_event_name: int(a.id) for a in ports.ads.actions() if a.is_ga4_mirror}
        cart, checkout, item = (mirrors[event] for event in EVENTS)
        ads = Changing(sandbox)
        ads.make(
            change_action(cart, "status", "primary_for_goal", status="ENABLED", primary_for_goal=True),
            change_action(checkout, "status", "primary_for_goal", status="ENABLED", primary_for_goal=False),
            change_action(item, "status", "primary_for_goal", status="ENABLED", primary_for_goal=True),
        )
        # Brand goes its own way without purchases; Generic bids on a list with a secondary action in it.
        goal = name_of("campaignConversionGoals", f"{BRAND}~PURCHASE~WEBSITE")
        ads.make(update("campaign_conversion_goal", goal, ["biddable"], biddable=False))
        held = [name_of("conversionActions", each) for each in (checkout, MACRO)]
        custom = ads.make_one(create("custom_conversion_goal", name="Late", conversion_actions=held, status="ENABLED"))
        ads.make(
            change_config(
                GENERIC, "custom_conversion_goal", custom_conversion_goal=name_of("customConversionGoals", custom)
            )
        )
        customer = ports.ads.customer()
        state = ports.ads.account_state(customer, business_date(ports.clock.now(), customer.time_zone))
        sandbox.control.advance(DAYS)
        days = Window.ending(state.as_of + timedelta(days=DAYS - 1), days=DAYS - 1)
        counted: defaultdict[tuple[str, str], float] = defaultdict(float)
        recorded: defaultdict[tuple[str, str], float] = defaultdict(float)
        for day in ports.ads.conversions(days, Axis.CONVERSION):
            counted[day.campaign_id, day.action_id] += day.conversions
            recorded[day.campaign_id, day.action_id] += day.all_conversions
    reasons = set()
    for campaign in state.campaigns:
        for action in state.actions:
            found = cell(state, campaign, action)
            pair = (campaign.id, action.id)
            reasons.add(found.why)
            if found.counts:
                assert counted[pair] == recorded[pair] > 0, (campaign.name, action.name, found)
            else:
                assert counted[pair] == 0, (campaign.name, action.name, found)
                assert found.why is Why.NOT_ENABLED or recorded[pair] > 0
    assert reasons == set(Why) - {Why.SELECTED, Why.NOT_SELECTED}
