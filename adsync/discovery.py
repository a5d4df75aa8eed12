"""What a credential can see: accounts under the manager, linked properties, key events, conversion actions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from adsync.decide import words
from adsync.errors import AdsyncError
from adsync.model.ads import ConversionAction, Customer, kinds_of_bidding
from adsync.model.policy import DEFAULT_POLICY
from adsync.wiring import Wiring


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundProperty:
    """A GA4 property: the Ads accounts it is linked to, and its key events."""

    property_id: str
    name: str
    links: tuple[str, ...]
    key_events: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundAccount:
    """A Google Ads account that could be managed. login_customer_id: through which manager it was reached; "" for none.

    macro: the conversion action and event that look like the main goal; None where nothing does. line: which demand line
    applies, because of how its campaigns bid, and what it takes to show it. problem: why it
    cannot be written into a config yet.
    """

    customer: Customer
    login_customer_id: str
    properties: tuple[FoundProperty, ...] = ()
    actions: tuple[ConversionAction, ...] = ()
    macro: tuple[str, str] | None = None
    line: str = ""
    problem: str = ""

    @property
    def name(self) -> str:
        """A short name for the config, from the account's own."""
        slug = re.sub(r"[^a-z0-9]+", "-", self.customer.name.lower()).strip("-")
        return slug[:40] or self.customer.customer_id


# Categories that can only be the main goal, and the GA4 events that usually stand for them.
_MACROS = {"PURCHASE": "purchase", "CONVERTED_LEAD": "close_convert_lead", "QUALIFIED_LEAD": "qualify_lead"}
_LESSER_MACROS = {"SUBMIT_LEAD_FORM": "generate_lead", "SUBSCRIBE_PAID": "subscribe"}


def discover(wiring: Wiring, credential: str) -> tuple[FoundAccount, ...]:
    """Every account that the credential can reach, those that can be managed first.

    Raises AccessDenied when it reaches none of Google's APIs; what one account answers stays with that account.
    """
    properties = _properties(wiring, credential)
    reached: dict[str, tuple[Customer, str]] = {}
    for root in wiring.accessible_customers(credential):
        for client in wiring.ads_reader(credential, root, root).clients():
            reached.setdefault(client.customer_id, (client, root))
    clients = [(client, root) for client, root in reached.values() if not client.manager]
    with ThreadPoolExecutor(wiring.settings.limits.threads) as pool:
        found = list(pool.map(lambda pair: _look(wiring, credential, pair[0], pair[1], properties), clients))
    return tuple(sorted(found, key=lambda account: (bool(account.problem), account.name, account.customer.customer_id)))


def _properties(wiring: Wiring, credential: str) -> tuple[FoundProperty, ...]:
    found = []
    for summary in wiring.visible_properties(credential):
        analytics = wiring.analytics(credential, summary.property_id)
        found.append(
            FoundProperty(
                property_id=summary.property_id,
                name=summary.name,
                links=analytics.ads_links(),
                key_events=tuple(k.event_name for k in analytics.key_events()),
            )
        )
    return tuple(found)


def _look(
    wiring: Wiring, credential: str, client: Customer, root: str, properties: Sequence[FoundProperty]
) -> FoundAccount:
    login = "" if root == client.customer_id else root
    linked = tuple(p for p in properties if client.customer_id in p.links)
    try:
        reader = wiring.ads_reader(credential, login or root, client.customer_id)
        actions, campaigns = reader.actions(), reader.campaigns()
    except AdsyncError as error:
        return FoundAccount(customer=client, login_customer_id=login, properties=linked, problem=str(error))
    macro = _macro(actions)
    problem = ""
    if not linked:
        problem = "No GA4 property that this credential sees is linked to it (GA4 Admin > Google Ads links)."
    elif macro is None:
        problem = "It has no enabled, primary conversion action that looks like a sale or a lead."
    return FoundAccount(
        customer=client,
        login_customer_id=login,
        properties=linked,
        actions=tuple(a for a in actions if a.status != "REMOVED"),
        macro=macro,
        line=words.line(DEFAULT_POLICY, kinds_of_bidding(campaigns)),
        problem=problem,
    )


def _macro(actions: Sequence[ConversionAction]) -> tuple[str, str] | None:
    """The action that looks like the main goal, and its GA4 event; web tags before imports, because they are prompter."""
    for categories in (_MACROS, _LESSER_MACROS):
        fitting = [a for a in actions if a.status == "ENABLED" and a.primary_for_goal and a.category in categories]
        if fitting:
            best = min(fitting, key=lambda a: (a.is_ga4_mirror, list(categories).index(a.category), a.id))
            return best.name, best.ga4_event_name or categories[best.category]
    return None
