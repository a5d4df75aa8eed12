"""The rows of a GA4 BigQuery export, as SQL over a property's columns."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from adsync.sandbox.ads.account import AdsAccount
from adsync.sandbox.export_sessions import Sessions
from adsync.sandbox.ga4.view import View
from adsync.sandbox.places import place_of, places
from adsync.sandbox.world import CHANNELS, DEVICES, SOURCES, Bools, Ints


def columns_of(account: AdsAccount, view: View, sessions: Sessions, index: Ints) -> dict[str, NDArray[Any]]:
    """The columns that `_QUERY` reads, for one day's events of the log."""
    log, session = view.log, view.log.session[index]
    ad = log.session_click[index]
    known: Bools = log.agreed[index]
    visitor = log.visitor[index]
    campaign = np.full(len(index), -1)
    campaign[ad >= 0] = account.clicks.campaign[ad[ad >= 0]]
    return {
        "n": np.arange(len(index)),
        "day": log.day[index],
        "time": log.time[index],
        # The events of a session share a fraction of a second, and keep their order by their batch.
        "micros": session * 48_271 % 1_000_000,
        "code": log.name[index],
        "known": known,
        "engaged": view.engaged[session],
        # Google's word for it: the visitor was active at any point of the day.
        "active": np.isin(visitor, visitor[view.active(index)]),
        "landing": sessions.landing[session] == index,
        # GA4's client ids: a number without meaning and the second of the first visit.
        "client": (visitor * 2_654_435_761 + 40_503) % (1 << 32),
        "first_seen": sessions.start[sessions.first[session]],
        "session": sessions.start[session],
        "number": sessions.number[session],
        "channel": log.channel[index],
        "first_channel": (log.columns["traits"] & 0xF).astype(np.int64)[sessions.first[session]],
        "device": log.device[index],
        "place": place_of(visitor, account.property.currency),
        "ads": (log.columns["traits"] & 1 << 6 != 0)[session],
        "value": log.value[index],
        "row": index,
        "ad": ad,
        "campaign": campaign,
    }


def tables_of(account: AdsAccount) -> dict[str, dict[str, NDArray[Any]]]:
    """What the columns' numbers stand for, as tables to be joined."""
    towns = places(account.property.currency)
    return {
        "names": {"code": np.arange(len(account.property.log.names)), "event": np.array(account.property.log.names)},
        "channels": {
            "channel": np.arange(len(CHANNELS)),
            "channel_group": np.array(CHANNELS),
            "source": np.array([SOURCES[name][0] for name in CHANNELS]),
            "medium": np.array([SOURCES[name][1] for name in CHANNELS]),
        },
        "devices": {"device": np.arange(len(DEVICES)), "category": np.array(DEVICES)},
        "places": {
            "place": np.arange(len(towns)),
            # The export leaves out what reports call (not set).
            "city": np.array([town.city.replace("(not set)", "") for town in towns]),
            "country": np.array([town.country for town in towns]),
        },
        "campaigns": {
            "campaign": np.arange(len(account.campaigns)),
            "campaign_id": np.array([str(c.id) for c in account.campaigns]),
            "campaign_name": np.array([c.name for c in account.campaigns]),
        },
        "ad_groups": {
            "campaign_id": np.array([str(g.campaign_id) for g in account.ad_groups]),
            "ad_group_id": np.array([str(g.id) for g in account.ad_groups]),
            "ad_group_name": np.array([g.name for g in account.ad_groups]),
        },
    }


def _param(
    key: str, *, text: str = "cast(null as varchar)", whole: str = "null", real: str = "cast(null as double)"
) -> str:
    return (
        f"{{'key': '{key}', 'value': {{'string_value': {text}, 'int_value': cast({whole} as INT64), "
        f"'float_value': cast(null as double), 'double_value': {real}}}}}"
    )


_PARAMS = f"""
list_concat(
    [{_param("page_location", text="'https://site.example/' || event")}],
    case when known then [
        {_param("ga_session_id", whole="session")},
        {_param("ga_session_number", whole="number")},
        {_param("session_engaged", text="if(engaged, '1', '0')")}
    ] else [] end,
    case when event in ('user_engagement', 'scroll') then [{_param("engagement_time_msec", whole="5000 + micros % 40000")}]
        else [] end,
    case when value > 0 then [
        {_param("value", real="value")},
        {_param("currency", text="$currency")},
        {_param("transaction_id", text="'T' || row")}
    ] else [] end
)
"""

_QUERY = f"""
select
    cast(day as varchar) as event_date,
    cast(time * 1000000 + micros as INT64) as event_timestamp,
    event as event_name,
    {_PARAMS} as event_params,
    cast(null as double) as event_value_in_usd,
    cast(null as varchar) as user_id,
    case when known then client || '.' || first_seen end as user_pseudo_id,
    {{'analytics_storage': if(known, 'Yes', 'No'), 'ads_storage': if(ads, 'Yes', 'No'), 'uses_transient_token': 'No'}}
        as privacy_info,
    cast(if(known, first_seen * 1000000, null) as INT64) as user_first_touch_timestamp,
    {{'category': category, 'language': cast(null as varchar)}} as device,
    {{'city': city, 'country': country}} as geo,
    case when known then {{'name': cast(null as varchar), 'medium': first.medium, 'source': first.source}} end
        as traffic_source,
    case when known and (event = 'session_start' or landing) then {{
        'manual_source': this.source,
        'manual_medium': this.medium,
        'gclid': if(ad >= 0, 'Cj0KCQ' || printf('%09d', ad) || 'EALw_wcB', null)
    }} end as collected_traffic_source,
    case when known then {{
        'manual_campaign': {{'source': this.source, 'medium': this.medium, 'campaign_name': campaign_name}},
        'google_ads_campaign': case when ad >= 0 then {{
            'customer_id': $customer_id,
            'account_name': $account_name,
            'campaign_id': campaign_id,
            'campaign_name': campaign_name,
            'ad_group_id': ad_group_id,
            'ad_group_name': ad_group_name
        }} end,
        'cross_channel_campaign': {{
            'source': this.source,
            'medium': this.medium,
            'campaign_name': campaign_name,
            'default_channel_group': this.channel_group,
            'primary_channel_group': this.channel_group
        }}
    }} end as session_traffic_source_last_click,
    {{
        'transaction_id': if(value > 0, 'T' || row, null),
        'purchase_revenue': if(value > 0, value, null),
        'total_item_quantity': cast(null as INT64)
    }} as ecommerce,
    cast([] as struct(item_id varchar, item_name varchar, price double, quantity INT64)[]) as items,
    active as is_active_user,
    cast(if(known, session * 1000, null) as INT64) as batch_page_id,
    cast(n + 1 as INT64) as batch_ordering_id,
    cast(1 as INT64) as batch_event_index,
    '1' as stream_id,
    'WEB' as platform
from rows
join names using (code)
join devices using (device)
join places using (place)
join channels as this on this.channel = rows.channel
join channels as first on first.channel = rows.first_channel
left join campaigns using (campaign)
left join ad_groups using (campaign_id)
order by n
"""


def query(account: AdsAccount, *, as_text: bool) -> str:
    """The export's rows from the tables. as_text: INT64 as text, as BigQuery writes it into NDJSON."""
    literals = {"currency": account.currency, "customer_id": account.customer_id, "account_name": account.name}
    text = _QUERY.replace("INT64", "varchar" if as_text else "bigint")
    for name, value in literals.items():
        quoted = value.replace("'", "''")
        text = text.replace(f"${name}", f"'{quoted}'")
    return text
