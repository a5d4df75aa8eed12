"""Whatever stands in a config file, it is read or it is explained."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from adsync.errors import SettingsError
from adsync.model.contradictions import contradictions
from adsync.model.policy import PARAMETERS, Policy
from adsync.model.presets import PRESETS
from adsync.model.window import Window
from adsync.settings import Environment, is_loopback, load
from adsync.settings.schema import AccountEntry, ConfigFile

LAWS = settings(max_examples=150)
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


numbers = st.fixed_dictionaries(
    {},
    optional={
        p.name: st.integers(int(p.low), int(p.high)) if p.kind is int else st.floats(p.low, p.high)
        for p in PARAMETERS
        if p.low is not None and p.high is not None
    },
)
policies = st.builds(
    lambda chosen, named: {**chosen, **({"preset": named} if named else {})},
    numbers,
    st.sampled_from([None, *PRESETS]),
)


@LAWS
@given(of_file=policies, of_account=policies)
def test_a_policy_within_its_ranges_is_layered_or_said_not_to_fit(
    file: Path, of_file: dict[str, Any], of_account: dict[str, Any]
) -> None:
    document = {"policy": of_file, "accounts": [{**GOOD, "policy": of_account}]}
    loaded = load(written(file, document), Environment.model_validate({}))
    values: dict[str, Any] = {}
    for said in (of_file, of_account):
        values |= PRESETS[said["preset"]] if "preset" in said else {}
        values |= {name: value for name, value in said.items() if name != "preset"}
    expected = Policy(**values)
    if "return_per_30_days" not in values:
        expected = replace(expected, return_per_30_days=min(20, expected.demand * 2 / 3))
    assert [account.policy for account in loaded.accounts] == ([] if contradictions(expected) else [expected])
    assert all(text in faulty.problem for faulty in loaded.faulty for text in contradictions(expected))


@LAWS
@given(first=st.dates(), last=st.dates(), every_year=st.booleans())
def test_two_days_in_order_are_a_season_and_two_others_are_not(
    file: Path, first: date, last: date, every_year: bool
) -> None:
    season = {"from": first, "to": last, "every_year": every_year}
    loaded = load(
        written(file, {"accounts": [{**GOOD, "policy": {"freezes": [season]}}]}), Environment.model_validate({})
    )
    fits = first <= last and (not every_year or (last - first).days < 364)
    assert [a.policy.freezes[0].days for a in loaded.accounts] == ([Window(first, last)] if fits else [])
    assert all("policy.freezes[0]: " in faulty.problem for faulty in loaded.faulty)


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
