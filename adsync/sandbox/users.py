"""Who may sign in to a sandbox, and to which Google Ads accounts each is linked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_PROJECT = "adsync-sandbox.iam.gserviceaccount.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """One user. key_file: where the folder holds what it signs in with.

    of_manager: whether it is a user of the manager, or of the first client account only.
    """

    email: str
    key_file: str
    of_manager: bool = True
    may_change: bool = True

    def links(self, manager_id: str, clients: Iterable[str]) -> frozenset[str]:
        """The accounts of which it is a direct user."""
        return frozenset((manager_id,)) if self.of_manager else frozenset(list(clients)[:1])


SERVICE_ACCOUNT = User(email=f"adsync@{_PROJECT}", key_file="service-account.json")
CLIENT_USER = User(email=f"client-user@{_PROJECT}", key_file="client-user.json", of_manager=False)
READ_ONLY_USER = User(email=f"read-only@{_PROJECT}", key_file="read-only-user.json", may_change=False)
PERSON = User(email="person@sandbox.example", key_file="authorized-user.json")
"""Signs in with a refresh token; the others are service accounts."""

USERS: Mapping[str, User] = {user.email: user for user in (SERVICE_ACCOUNT, CLIENT_USER, READ_ONLY_USER, PERSON)}
