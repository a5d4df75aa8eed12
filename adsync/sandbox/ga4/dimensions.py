"""The dimensions that the sandbox's GA4 knows: those that its world can tell."""

from __future__ import annotations

import numpy as np

from adsync.sandbox.ga4.columns import NOT_SET, Column, constant, relabelled
from adsync.sandbox.ga4.dimension import Dimension, Reader
from adsync.sandbox.ga4.time_dimensions import time_dimensions
from adsync.sandbox.ga4.traffic_dimensions import traffic_dimensions
from adsync.sandbox.ga4.view import View
from adsync.sandbox.places import place_of, places
from adsync.sandbox.world import DEVICES, Ints


def _event_names(view: View, index: Ints) -> Column:
    return Column(np.asarray(view.log.name[index], np.int64), view.log.names)


def _is_key_event(view: View, index: Ints) -> Column:
    return Column(view.is_key[index].astype(np.int64), ("false", "true"))


def _devices(view: View, index: Ints) -> Column:
    return Column(np.asarray(view.log.device[index], np.int64), DEVICES)


def _new_or_returning(view: View, index: Ints) -> Column:
    first_session = view.log.session[view.shop.first_index[view.log.visitor[index]]]
    return Column((view.log.session[index] != first_session).astype(np.int64), ("new", "returning"))


def _transaction_ids(view: View, index: Ints) -> Column:
    """The order's number, as in the export; events that bring no money carry none."""
    bought = view.log.value[index] > 0
    orders, place = np.unique(index[bought], return_inverse=True)
    codes = np.zeros(len(index), np.int64)
    codes[bought] = place + 1
    return Column(codes, (NOT_SET, *(f"T{order}" for order in orders.tolist())))


def _place(attribute: str) -> Reader:
    def read(view: View, index: Ints) -> Column:
        currency = view.shop.currency
        labels = [getattr(place, attribute) for place in places(currency)]
        return relabelled(place_of(view.log.visitor[index], currency), labels)

    return read


def host_name(property_id: str) -> str:
    return f"shop-{property_id}.example"


def _others() -> list[Dimension]:
    device, page = "Platform / Device", "Page / Screen"
    rows: list[tuple[str, str, str, str, str, Reader, tuple[str, ...]]] = [
        ("eventName", "Event name", "The event's name.", "Event", "event", _event_names, ()),
        (
            "isKeyEvent",
            "Is key event",
            "true for events that were marked as key when they happened.",
            "Event",
            "event",
            _is_key_event,
            ("isConversionEvent",),
        ),
        ("deviceCategory", "Device category", "desktop, mobile or tablet.", device, "device", _devices, ()),
        ("platform", "Platform", "Always web.", device, "device", lambda _, i: constant(len(i), "web"), ()),
        ("streamId", "Stream ID", "The data stream's number.", device, "device", _stream_id, ()),
        ("streamName", "Stream name", "The data stream's name.", device, "device", _stream_name, ()),
        ("city", "City", "The visitor's town.", "Geography", "device", _place("city"), ()),
        ("country", "Country", "The visitor's country.", "Geography", "device", _place("country"), ()),
        ("countryId", "Country ID", "The country by ISO 3166.", "Geography", "device", _place("country_id"), ()),
        (
            "transactionId",
            "Transaction ID",
            "The order's number; (not set) where an event has none.",
            "Ecommerce",
            "event",
            _transaction_ids,
            (),
        ),
        ("hostName", "Hostname", "The site's host.", page, "page", _hosts, ()),
        (
            "newVsReturning",
            "New / returning",
            "new in a visitor's first session, returning after it.",
            "User",
            "user",
            _new_or_returning,
            (),
        ),
    ]
    return [
        Dimension(name=name, title=title, about=about, category=category, scope=scope, of_events=read, old_names=old)
        for name, title, about, category, scope, read, old in rows
    ]


def _stream_id(view: View, index: Ints) -> Column:
    return constant(len(index), stream_id(view.shop.property_id))


def stream_id(property_id: str) -> str:
    """The number of a property's one data stream."""
    return str(5_000_000_000 + int(property_id))


def _stream_name(view: View, index: Ints) -> Column:
    return constant(len(index), view.shop.name)


def _hosts(view: View, index: Ints) -> Column:
    return constant(len(index), host_name(view.shop.property_id))


def _all() -> dict[str, Dimension]:
    return {d.name: d for d in sorted((*time_dimensions(), *traffic_dimensions(), *_others()), key=lambda d: d.name)}


DIMENSIONS = _all()
_BY_OLD_NAME = {old: d for d in DIMENSIONS.values() for old in d.old_names}


def dimension(name: str) -> Dimension | None:
    """The dimension of a name, or of one that Google has replaced and still accepts."""
    return DIMENSIONS.get(name) or _BY_OLD_NAME.get(name)
