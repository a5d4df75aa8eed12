"""Answers the methods that read: Search, SearchStream, ListAccessibleCustomers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from adsync.sandbox.ads.access import check_access, linked_accounts
from adsync.sandbox.ads.call import Call
from adsync.sandbox.ads.errors import NotServed, refuse
from adsync.sandbox.ads.gaql import Query
from adsync.sandbox.ads.protocol import Row
from adsync.sandbox.ads.search import Searcher
from adsync.sandbox.estate import Estate

_PAGE = 10_000
_NO_SUMMARY_ROW = (0, 2)  # UNSPECIFIED and NO_SUMMARY_ROW of SummaryRowSetting


def list_accessible_customers(estate: Estate, _: Any, call: Call) -> list[Any]:
    """The accounts of which the caller is a direct user; the login customer does not matter."""
    response = call.protocol.message("services.ListAccessibleCustomersResponse")()
    response.resource_names.extend(f"customers/{customer}" for customer in sorted(linked_accounts(estate, call)))
    return [response]


def search_stream(estate: Estate, request: Any, call: Call) -> list[Any]:
    """All rows, in messages of as many as a page holds."""
    if request.summary_row_setting not in _NO_SUMMARY_ROW:
        raise NotServed("summary_row_setting")
    query, rows = _found(estate, request, call)
    rows = rows[: query.limit]
    messages = []
    for start in range(0, max(len(rows), 1), _PAGE):
        response = call.protocol.message("services.SearchGoogleAdsStreamResponse")()
        response.request_id = call.request_id
        _fill(response, query, rows[start : start + _PAGE], call)
        messages.append(response)
    return messages


def search(estate: Estate, request: Any, call: Call) -> list[Any]:
    """One page of the rows."""
    _check_settings(request)
    query, rows = _found(estate, request, call)
    page = _page(request, call)
    end = page.start + _PAGE
    response = call.protocol.message("services.SearchGoogleAdsResponse")()
    if page.counted:
        response.total_results_count = len(rows)
    rows = rows[: query.limit]
    if request.validate_only or request.search_settings.omit_results:
        _fill(response, query, [], call)
        return [response]
    _fill(response, query, rows[page.start : end], call)
    if end < len(rows):
        response.next_page_token = _token(request, call, Page(start=end, counted=page.counted))
    return [response]


def _fill(response: Any, query: Query, rows: Sequence[Row], call: Call) -> None:
    response.field_mask.paths.extend(query.select)
    response.results.extend(call.protocol.to_message(query, row) for row in rows)
    # Google's unit is secret; more rows of more fields cost more.
    response.query_resource_consumption = 1 + len(rows) * len(query.select)


def _check_settings(request: Any) -> None:
    if request.page_size:
        raise refuse("request_error", "PAGE_SIZE_NOT_SUPPORTED", "Setting the page size is not supported.")
    if request.validate_only and request.page_token:
        raise refuse(
            "request_error",
            "VALIDATE_ONLY_REQUEST_HAS_PAGE_TOKEN",
            "A page token cannot be set on a request that only validates.",
        )
    if request.search_settings.return_summary_row:
        raise NotServed("search_settings.return_summary_row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Where a page begins. counted: whether the total was asked for when the query was."""

    start: int
    counted: bool


def _page(request: Any, call: Call) -> Page:
    wanted = request.search_settings.return_total_results_count
    if not request.page_token:
        return Page(start=0, counted=wanted)
    start, _, counted = request.page_token.rpartition(".")[0].partition(".")
    page = Page(start=int(start), counted=counted == "1") if start.isascii() and start.isdigit() else None
    if page is None or request.page_token != _token(request, call, page):
        raise refuse("request_error", "INVALID_PAGE_TOKEN", "The page token is not one of this query's.")
    if wanted and not page.counted:
        raise refuse(
            "request_error",
            "TOTAL_RESULTS_COUNT_NOT_ORIGINALLY_REQUESTED",
            "The total number of results was not asked for with the first page.",
        )
    return page


def _token(request: Any, call: Call, page: Page) -> str:
    """A token that means nothing to another query, customer or version."""
    about = f"{page.start}.{page.counted:d}"
    whole = "\n".join((about, call.protocol.version, request.customer_id, request.query))
    return f"{about}.{hashlib.sha256(whole.encode()).hexdigest()[:24]}"


def _found(estate: Estate, request: Any, call: Call) -> tuple[Query, list[Row]]:
    with estate.lock:
        check_access(estate, request.customer_id, call)
        return searcher(estate, request.customer_id, call).search(request.query)


def searcher(estate: Estate, customer_id: str, call: Call) -> Searcher:
    """What searches an account that the call may see."""
    return Searcher(
        account=estate.accounts.get(customer_id),
        statistics=estate.statistics.get(customer_id),
        protocol=call.protocol,
        customer_id=customer_id,
        manager_of=tuple(estate.accounts.values()),
        now=estate.now,
        switches=estate.switches,
    )
