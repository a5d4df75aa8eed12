"""GA4 over HTTP: the Data API and the Admin API."""

from __future__ import annotations

from adsync.sandbox.estate import Estate
from adsync.sandbox.ga4.admin_api import AdminApi
from adsync.sandbox.ga4.data_api import DataApi
from adsync.sandbox.http_messages import Route


class Ga4:
    """Answers GA4's calls from an estate."""

    def __init__(self, estate: Estate) -> None:
        self._data, self._admin = DataApi(estate), AdminApi(estate)

    def routes(self) -> tuple[Route, ...]:
        return (*self._data.routes(), *self._admin.routes())

    def server_error(self, call: str, shop: str) -> None:
        """To be told whenever a call about a property was answered 500 or 503 before it got here."""
        self._data.server_error(call, shop)
