"""What checking the change logs found, in lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from adsync.model.figures import number_of
from adsync.model.seal import Verified
from adsync.render.text import clean


def verified_lines(found: Mapping[str, Verified]) -> Iterator[str]:
    """What was found of each account's log, by its name."""
    for name, each in found.items():
        stands = "NOT as it was written" if each.faults else "as it was written"
        yield f"{clean(name)}: {stands}. {number_of(each.seals, 'seal')}{_keys(each)}, head {each.head}"
        for fault in each.faults:
            yield f"  {clean(fault)}"


def _keys(each: Verified) -> str:
    if each.unchecked:
        return f", {each.unchecked} of them with a key that is not in ADSYNC_LOG_KEY: their hashes were not checked"
    return f", {each.keyed} of them with the key" if each.keyed else ""
