"""Cross-account conversion tracking: a manager owns the conversion actions, and several client accounts use them.

One change then meets all of these accounts, so a person has to have named every one of them: docs/decisions/cross-account.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from adsync.model.figures import enumerated


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """An account that uses conversion actions of another one. is_sure: False where Google would not say whose it uses."""

    customer_id: str
    name: str
    is_sure: bool = True

    @property
    def called(self) -> str:
        name = f'"{self.name}" ({dashed(self.customer_id)})'
        return name if self.is_sure else f"{name}, which Google does not let be seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """Who owns the conversion actions that an account uses, and everybody who uses them.

    clients: by id, the account itself among them. whole: every account below the owner was asked; else there may be more.
    """

    owner_id: str
    clients: tuple[Client, ...]
    whole: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "clients", tuple(sorted(self.clients, key=lambda c: c.customer_id)))

    @property
    def named(self) -> str:
        """Everybody who uses them, in words."""
        return f"{'' if self.whole else 'at least '}{enumerated(client.called for client in self.clients)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossAccount:
    """A person's word, in the config, that changes may be made at this owner for exactly these client accounts."""

    owner_id: str
    client_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """Why nothing may be changed at the account that owns the conversion actions, and what a person can do about it."""

    saw: str
    todo: str

    @property
    def said(self) -> str:
        return f"{self.saw} {self.todo}".strip()


def disagreement(agreed: CrossAccount | None, sharing: Sharing | None, decided_by: str = "") -> Disagreement | None:
    """Where the config does not agree to what a change would meet; None where it does.

    decided_by: the account of the config that decides about them instead. A client that uses the actions no more voids
    nothing: a change then meets fewer accounts than were agreed to.
    """
    if sharing is None:
        return None if agreed is None else _OWN
    owner, ids = dashed(sharing.owner_id), ", ".join(dashed(client.customer_id) for client in sharing.clients)
    meets = f"Its conversion actions belong to account {owner}: a change there meets {sharing.named}."
    if not sharing.whole:
        return Disagreement(
            saw=f"{meets} Who else uses them these credentials cannot see, so nothing is changed.",
            todo=f"Name an account that sees all of {owner} under login_customer_id.",
        )
    if agreed is None and decided_by:
        return Disagreement(saw=f"{meets} {decided_by} decides about them: nothing is changed from here.", todo="")
    if agreed is None:
        return Disagreement(
            saw=f"{meets} Nothing is changed until the config agrees to exactly these.",
            todo="To agree, name the clients under one account of the config: "
            f"cross_account: {{owner: {owner}, clients: [{ids}]}}.",
        )
    if agreed.owner_id != sharing.owner_id:
        return Disagreement(
            saw=f"{meets} The config agrees to changes at {dashed(agreed.owner_id)}, so nothing is changed.",
            todo=f"Name {owner} under cross_account.owner, or remove cross_account.",
        )
    joined = [client for client in sharing.clients if client.customer_id not in agreed.client_ids]
    if not joined:
        return None
    use = "uses" if len(joined) == 1 else "use"
    return Disagreement(
        saw=f"{enumerated(c.called for c in joined)} {use} the conversion actions of account {owner} as well, and the config "
        "does not agree to that: nothing is changed.",
        todo=f"Add {enumerated(dashed(c.customer_id) for c in joined)} to cross_account.clients, or remove cross_account.",
    )


_OWN = Disagreement(
    saw="The config has a cross_account, and the account owns its conversion actions itself: nothing is changed.",
    todo="Remove cross_account from the config.",
)


def told(agreed: CrossAccount | None, sharing: Sharing | None, decided_by: str = "") -> str:
    """Whom a change would meet, and why nothing is changed where that is not agreed to; "" for actions of one's own."""
    found = disagreement(agreed, sharing, decided_by)
    if found is not None:
        return found.said
    return (
        f"Changes are made at account {dashed(sharing.owner_id)} and meet {sharing.named}."
        if sharing is not None
        else ""
    )


def no_more(agreed: CrossAccount | None, sharing: Sharing | None) -> tuple[str, ...]:
    """Ids that the config agrees to and that do not use these conversion actions any more."""
    if agreed is None or sharing is None or not sharing.whole:
        return ()
    users = {client.customer_id for client in sharing.clients}
    return tuple(each for each in agreed.client_ids if each not in users)


def dashed(customer_id: str) -> str:
    """An account's id as Google Ads shows it: 123-456-7890."""
    return f"{customer_id[:3]}-{customer_id[3:6]}-{customer_id[6:]}"
