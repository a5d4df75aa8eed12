"""The seals of the change log: one for each time an entry was written, each over the one before."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

GENESIS = "0" * 64
"""What the first seal of an account stands on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """What an entry was when it was written, and its hash over that and over the seal before.

    number: from 1 on, of one account. text: the stored bytes that are hashed; they are never written anew. keyed: made with
    a secret (HMAC-SHA256) that is not in the database.
    """

    number: int
    entry_id: int
    text: str
    hash: str
    keyed: bool


def seal_hash(before: str, number: int, entry_id: int, text: str, key: str = "") -> str:
    """SHA-256 over the hash before, the seal's place and the stored text; with a key, HMAC-SHA256."""
    message = f"{before}\n{number}\n{entry_id}\n{text}".encode()
    if key:
        return hmac.new(key.encode(), message, hashlib.sha256).hexdigest()
    return hashlib.sha256(message).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What checking an account's log found.

    seals, keyed: how many there are, and how many of them carry the key. head: hash of the newest; that of no seal is
    64 zeros. unchecked: how many carry a key that is not at hand. faults: what is not as it was written, in sentences.
    """

    seals: int
    keyed: int
    head: str
    unchecked: int
    faults: tuple[str, ...]


def verify(seals: Sequence[Seal], rows: Mapping[int, str], *, key: str = "", head: str = "") -> Verified:
    """Checks the seals of one account against each other and against the log.

    seals: by their numbers. rows: each entry as it stands now, as the text that would be sealed. head: a hash that the log
    had at some time, noted elsewhere; without one, an end that was cut off cannot be seen.
    """
    faults: list[str] = []
    before, last, written = GENESIS, 0, dict[int, str]()
    known = {GENESIS}
    keyed = False
    unchecked = 0
    for seal in seals:
        if seal.number != last + 1:
            missing = f"seal {last + 1} is" if seal.number == last + 2 else f"seals {last + 1} to {seal.number - 1} are"
            faults.append(f"Between seals {last} and {seal.number}: {missing} missing.")
        elif keyed and not seal.keyed:
            faults.append(
                f"Seal {seal.number} (entry {seal.entry_id}) was made without the key that those before it carry."
            )
        elif seal.keyed and not key:
            unchecked += 1
        elif seal.hash != seal_hash(before, seal.number, seal.entry_id, seal.text, key if seal.keyed else ""):
            faults.append(
                f"Seal {seal.number} (entry {seal.entry_id}) does not fit what it is about, or what came before it"
                f"{', or it was made with another key' if seal.keyed else ''}."
            )
        keyed = keyed or seal.keyed
        before, last = seal.hash, seal.number
        known.add(seal.hash)
        written[seal.entry_id] = seal.text
    for entry_id in sorted(rows.keys() | written.keys()):
        if entry_id not in written:
            faults.append(f"Entry {entry_id} stands in the log and was never sealed.")
        elif entry_id not in rows:
            faults.append(f"Entry {entry_id} was sealed and is gone from the log.")
        elif rows[entry_id] != written[entry_id]:
            faults.append(f"Entry {entry_id} is not as it was written.")
    if head and head not in known:
        faults.append(f"The log never came by the head {head}: its end was cut off, or its past was written anew.")
    return Verified(
        seals=len(seals),
        keyed=sum(seal.keyed for seal in seals),
        head=before,
        unchecked=unchecked,
        faults=tuple(faults),
    )
