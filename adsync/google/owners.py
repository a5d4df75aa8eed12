"""Who uses the conversion actions of an owner: asked once in a run, however many accounts of the run are its clients."""

from __future__ import annotations

import threading
from collections.abc import Callable

from adsync.errors import AccessDenied, GoogleRefused
from adsync.model.ads import Customer
from adsync.model.sharing import Client, Sharing

Described = Callable[[str], Customer]
Below = Callable[[str], tuple[Customer, ...]]


class Owners:
    """What was found so far, for one credential and login."""

    def __init__(self) -> None:
        self._known: dict[str, Sharing] = {}
        # Held while Google is asked: the others that wait for it have the same owner as a rule.
        self._lock = threading.Lock()

    def of(self, customer: Customer, below: Below, described: Described, *, anew: bool) -> Sharing:
        """Who uses the actions that this account uses. anew: asked of Google in any case.

        below: lists the accounts under one, itself among them. described: reads one of them.
        """
        owner = customer.conversion_customer_id
        with self._lock:
            if anew or owner not in self._known:
                self._known[owner] = _found(owner, below, described)
            found = self._known[owner]
        if any(client.customer_id == customer.customer_id for client in found.clients):
            return found
        itself = Client(customer_id=customer.customer_id, name=customer.name)
        return Sharing(owner_id=owner, clients=(*found.clients, itself), whole=found.whole)


def _found(owner: str, below: Below, described: Described) -> Sharing:
    try:
        listed = below(owner)
    except (AccessDenied, GoogleRefused):
        # Seen from a client, or from a manager that is not above the owner.
        return Sharing(owner_id=owner, clients=(), whole=False)
    clients: list[Client] = []
    for each in listed:
        if each.manager:
            continue
        try:
            uses = described(each.customer_id).conversion_customer_id == owner
            is_sure = True
        except (AccessDenied, GoogleRefused):
            # It may be one of them: to leave it out would be to take it for none.
            uses, is_sure = True, False
        if uses:
            clients.append(Client(customer_id=each.customer_id, name=each.name, is_sure=is_sure))
    return Sharing(owner_id=owner, clients=tuple(clients))
