"""What other accounts counted that use the conversion actions of the same manager."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from adsync.model.ads import AccountState
from adsync.model.volume import ClientVolume
from adsync.model.window import Window
from adsync.ports import Axis, Numbers

_ALL = "all"


def read_clients(
    state: AccountState, numbers: Numbers, macros: Sequence[str], axis: Axis, window: Window, recent: Window
) -> Mapping[str, ClientVolume]:
    """By account; days of which nothing was copied are unknown. macros: ids of the main conversion's actions."""
    # Where it is a day later already, a copy of the same moment bears the next day's date.
    night = state.as_of + timedelta(days=1)
    found: dict[str, ClientVolume] = {}
    for client in state.elsewhere:
        customer_id = client.customer.customer_id
        series = numbers.grouped_series(customer_id, macros, axis, window, night, {}, others=_ALL)
        counted = numbers.campaign_conversions(customer_id, recent, night, axis)
        found[customer_id] = ClientVolume(macro=series[_ALL], recent=counted)
    return found
