"""Whatever is done to a log after it was written is found."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adsync.model.seal import GENESIS, Seal, seal_hash, verify

writes = st.lists(st.tuples(st.integers(1, 6), st.text(max_size=12)), min_size=1, max_size=14)
"""What was written of which entry, in order."""

keys = st.sampled_from(["", "secret"])


def sealed(written: list[tuple[int, str]], key: str = "") -> list[Seal]:
    found: list[Seal] = []
    for number, (entry, text) in enumerate(written, start=1):
        before = found[-1].hash if found else GENESIS
        made = seal_hash(before, number, entry, text, key)
        found.append(Seal(number=number, entry_id=entry, text=text, hash=made, keyed=bool(key)))
    return found


def rows(written: list[tuple[int, str]]) -> dict[int, str]:
    return dict(written)


@given(writes, keys)
def test_a_log_that_nobody_touched_is_as_it_was_written(written: list[tuple[int, str]], key: str) -> None:
    seals = sealed(written, key)
    for noted in (GENESIS, *(seal.hash for seal in seals)):
        found = verify(seals, rows(written), key=key, head=noted)
        assert found.faults == () and found.head == seals[-1].hash and found.unchecked == 0
    assert (found.seals, found.keyed) == (len(seals), len(seals) if key else 0)


@settings(max_examples=300)
@given(writes, keys, st.integers(0, 2**32))
def test_any_change_of_a_row_or_a_seal_is_found(written: list[tuple[int, str]], key: str, seed: int) -> None:
    random, seals, log = Random(seed), sealed(written, key), rows(written)
    at, entry = random.randrange(len(seals)), random.choice(sorted(log))
    match random.randrange(8):
        case 0:
            log[entry] += "!"
        case 1:
            del log[entry]
        case 2:
            log[max(log) + 1] = "made up"
        case 3:
            seals[at] = replace(seals[at], text=seals[at].text + "!")
        case 4:
            seals[at] = replace(seals[at], hash=flipped(seals[at].hash, random))
        case 5:
            seals[at] = replace(seals[at], entry_id=seals[at].entry_id + 1)
        case 6 if len(seals) > 1:
            del seals[random.randrange(len(seals) - 1)]
        case 6:
            log.clear()
        case 7:
            seals[at] = replace(seals[at], number=seals[at].number + 1)
    assert verify(seals, log, key=key).faults


def flipped(digits: str, random: Random) -> str:
    place = random.randrange(len(digits))
    return digits[:place] + format(int(digits[place], 16) ^ 1 << random.randrange(4), "x") + digits[place + 1 :]


@given(writes, st.data())
def test_an_end_that_was_cut_off_is_found_by_a_head_that_was_noted(
    written: list[tuple[int, str]], data: st.DataObject
) -> None:
    seals = sealed(written)
    left = data.draw(st.integers(0, len(seals) - 1))
    cut, log = seals[:left], rows(written[:left])
    assert verify(cut, log).faults == ()
    assert "cut off" in verify(cut, log, head=seals[-1].hash).faults[-1]


@given(writes, writes)
def test_a_past_that_was_written_anew_whole_is_found_by_the_head_or_the_key(
    written: list[tuple[int, str]], forged: list[tuple[int, str]]
) -> None:
    if forged == written:
        return
    known = sealed(written, "secret")[-1].hash
    assert verify(sealed(forged), rows(forged), head=known).faults
    # The forger does not know the key.
    assert verify(sealed(forged, "guess"), rows(forged), key="secret").faults


def test_from_the_first_seal_with_a_key_on_all_carry_it() -> None:
    written = [(1, "a"), (2, "b"), (3, "c")]
    seals = sealed(written[:1])
    made = seal_hash(seals[-1].hash, 2, 2, "b", "secret")
    seals.append(Seal(number=2, entry_id=2, text="b", hash=made, keyed=True))
    assert verify(seals, rows(written[:2]), key="secret").faults == ()
    seals.append(Seal(number=3, entry_id=3, text="c", hash=seal_hash(made, 3, 3, "c"), keyed=False))
    assert "without the key" in verify(seals, rows(written), key="secret").faults[0]


def test_without_the_key_its_hashes_are_counted_as_unchecked_and_rows_are_checked_all_the_same() -> None:
    written = [(1, "a"), (1, "b")]
    found = verify(sealed(written, "secret"), rows(written))
    assert found.faults == () and found.unchecked == 2
    assert verify(sealed(written, "secret"), {1: "a"}).faults == ("Entry 1 is not as it was written.",)


@pytest.mark.parametrize("gap", [1, 2])
def test_missing_seals_are_named(gap: int) -> None:
    written = [(n, "x") for n in range(1, 6)]
    seals = [s for s in sealed(written) if not 3 <= s.number < 3 + gap]
    fault = verify(seals, rows(written)).faults[0]
    assert fault.startswith("Between seals 2 and") and ("seal 3 is missing" in fault or "3 to 4 are missing" in fault)
