"""Which property a path means, and whether the caller may see it."""

from __future__ import annotations

from adsync.sandbox.estate import Estate
from adsync.sandbox.ga4.property import Property
from adsync.sandbox.http_messages import Problem

PROPERTY = r"/properties/(?P<shop>[^/:]*)"
"""The part of a path that names a property, right or wrong."""

_MORE = "To learn more about Property ID, see https://developers.google.com/analytics/devguides/reporting/data/v1/property-id."


def visible(estate: Estate, shop: str) -> Property:
    """The property of an id. Raises Problem for what is no id, and for properties of others.

    Google does not tell properties of others from those that do not exist.
    """
    if not (shop.isascii() and shop.isdigit()):
        message = f"Invalid property ID: {shop}. A numeric Property ID is required. {_MORE}"
        raise Problem(400, "INVALID_ARGUMENT", message)
    found = estate.properties.get(shop)
    if found is None:
        message = f"User does not have sufficient permissions for this property. {_MORE}"
        raise Problem(403, "PERMISSION_DENIED", message)
    return found
