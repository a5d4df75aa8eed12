"""`change_event`: who changed campaigns, budgets and ad groups lately, as Google tells it, and nothing of conversions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from adsync.sandbox.ads.account import AdsAccount, Edit
from adsync.sandbox.ads.dates import FUNCTIONS
from adsync.sandbox.ads.errors import refuse
from adsync.sandbox.ads.gaql import Query
from adsync.sandbox.ads.inventory import Inventory
from adsync.sandbox.ads.protocol import Row

_OLDEST_DAYS = 30
_MOST_ROWS = 10_000
_TOLD = frozenset({"AD_GROUP", "CAMPAIGN", "CAMPAIGN_BUDGET"})
_DATE_TIME = "change_event.change_date_time"


def check_window(query: Query, today: date) -> None:
    """Raises AdsRefusal unless the query names a finite time of the last 30 days and a limit of at most 10,000."""
    lows, highs = [], []
    for condition in query.where:
        if condition.field != _DATE_TIME:
            continue
        days = [value.text for value in condition.values]
        if condition.operator == "DURING":
            days = [day.isoformat() for day in FUNCTIONS[days[0].upper()](today)]
        if condition.operator in ("=", ">", ">=", "BETWEEN", "DURING", "IN"):
            lows.append(min(days) if condition.operator == "IN" else days[0])
        if condition.operator in ("=", "<", "<=", "BETWEEN", "DURING", "IN"):
            highs.append(max(days) if condition.operator == "IN" else days[-1])
    if not lows or not highs:
        raise _refuse(
            "CHANGE_DATE_RANGE_INFINITE", "A finite range of 'change_event.change_date_time' must be filtered."
        )
    if max(lows) > f"{min(highs)}~":
        raise _refuse(
            "CHANGE_DATE_RANGE_NEGATIVE", f"The dates start on '{max(lows)}', after their end '{min(highs)}'."
        )
    if date.fromisoformat(max(lows)[:10]) < today - timedelta(days=_OLDEST_DAYS):
        raise _refuse("START_DATE_TOO_OLD", f"The start '{max(lows)}' is more than {_OLDEST_DAYS} days ago.")
    if query.limit is None:
        raise _refuse("LIMIT_NOT_SPECIFIED", "A LIMIT must be specified for change_event.")
    if query.limit > _MOST_ROWS:
        raise _refuse("INVALID_LIMIT_CLAUSE", f"The LIMIT of change_event is at most {_MOST_ROWS}.")


def _refuse(name: str, message: str) -> Exception:
    return refuse("change_event_error", name, message)


def change_events(inventory: Inventory) -> Iterator[Row]:
    """The edits that Google tells of, the latest first."""
    account = inventory.account
    assert account is not None
    for number, edit in reversed(list(enumerate(account.edits))):
        if edit.resource.upper() in _TOLD:
            yield {**_attributed(inventory, account, edit), **_event(inventory.me, account, number, edit)}


def _event(me: str, account: AdsAccount, number: int, edit: Edit) -> Row:
    moment = datetime.fromtimestamp(edit.at, ZoneInfo(account.time_zone)).strftime("%Y-%m-%d %H:%M:%S.000000")
    kind = edit.resource.lower()
    old, new = ({_below(kind, path): value for path, value in side.items()} for side in (edit.old, edit.new))
    return {
        "change_event.resource_name": f"{me}/changeEvents/{edit.at}000000~{number}~0",
        "change_event.change_date_time": moment,
        "change_event.change_resource_type": edit.resource.upper(),
        "change_event.change_resource_name": edit.resource_name,
        "change_event.client_type": edit.client,
        "change_event.user_email": edit.user,
        "change_event.resource_change_operation": edit.operation,
        "change_event.changed_fields": sorted({path.split(".", 1)[1] for path in (*old, *new)}),
        "change_event.old_resource": old,
        "change_event.new_resource": new,
        **_named(kind, edit.resource_name),
    }


def _below(kind: str, path: str) -> str:
    return path if path.startswith(f"{kind}.") else f"{kind}.{path}"


def _named(kind: str, resource_name: str) -> Mapping[str, str]:
    return {f"change_event.{kind}": resource_name} if kind in ("campaign", "ad_group") else {}


def _attributed(inventory: Inventory, account: AdsAccount, edit: Edit) -> Row:
    """The campaign or ad group that was changed, as it is now."""
    changed = edit.resource_name.rsplit("/", 1)[-1]
    if edit.resource.upper() == "CAMPAIGN":
        return next((inventory.campaign(c) for c in account.campaigns if str(c.id) == changed), {})
    if edit.resource.upper() == "AD_GROUP":
        return next((inventory.ad_group(g) for g in account.ad_groups if str(g.id) == changed), {})
    return {}
