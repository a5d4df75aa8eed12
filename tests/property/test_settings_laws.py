"""Whatever stands in a config file, it is read or it is explained."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from adsync.errors import SettingsError
from adsync.settings import Environment, is_loopback, load
from adsync.settings.schema import AccountEntry, ConfigFile

LAWS = settings(deadline=None, max_examples=150)
KEYS = sorted({*ConfigFile.model_fields, *AccountEntry.model_fields, "event", "actions", "read", "x-y", "0"})
GOOD: dict[str, Any] = {
    "name": "shop",
    "customer_id": "1234567890",
    "property_id": "371001234",
    "macro": {"event": "purchase", "actions": ["Purchase (web)"]},
}

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3000),
    st.floats(allow_nan=True),
    st.sampled_from(["", "auto", "default", "from the catalogue", "purchase", "1234567890", "a\x1bb"]),
)
anything = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from([*KEYS, "demote", "policy"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("config") / "adsync.yaml"


def written(file: Path, document: object) -> Path:
    file.write_text(yaml.safe_dump(document), encoding="utf-8")
    return file


@LAWS
@given(document=anything)
def test_any_document_loads_or_is_refused_with_an_explanation(file: Path, document: object) -> None:
    explained = ""
    try:
        load(written(file, document), Environment.model_validate({}))
    except SettingsError as error:
        explained = error.what
    assert not explained or re.match(re.escape(f"{file}, ") + r"[^:]+: .{5}", explained, flags=re.DOTALL)


@LAWS
@given(key=st.sampled_from(sorted(AccountEntry.model_fields)), value=anything)
def test_a_wrong_value_sets_the_account_aside_and_names_its_key(file: Path, key: str, value: object) -> None:
    loaded = load(written(file, {"accounts": [{**GOOD, key: value}]}), Environment.model_validate({}))
    assert len(loaded.accounts) + len(loaded.faulty) == 1
    for faulty in loaded.faulty:
        assert faulty.problem.startswith(f"{file}, accounts[0]")
        assert key in faulty.problem


@LAWS
@given(account=anything)
def test_a_broken_account_never_stops_a_good_one(file: Path, account: object) -> None:
    loaded = load(written(file, {"accounts": [account, GOOD]}), Environment.model_validate({}))
    assert "shop" in [a.name for a in loaded.accounts]


@LAWS
@given(st.text(max_size=30))
def test_no_address_breaks_the_check_for_this_machine(address: str) -> None:
    assert is_loopback(address) in (True, False)


@LAWS
@given(st.integers(0, 2**32 - 1), st.integers(0, 65535))
def test_of_all_numbered_addresses_only_those_of_127_are_this_machine(number: int, port: int) -> None:
    host = ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))
    assert is_loopback(f"{host}:{port}") == (number >> 24 == 127)
    assert is_loopback(f"127.0.0.{number & 255}:{port}")
