"""Every number of the policy: its range is kept, its use is real, and the documents say what it is."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from adsync.model.contradictions import contradictions
from adsync.model.parameter import Parameter
from adsync.model.policy import PARAMETERS, Policy
from adsync.settings.policy import PolicyEntry

RANGED = [p for p in PARAMETERS if p.low is not None]


def by_name(parameter: Parameter) -> str:
    return parameter.name


def written(value: float | bool | None) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "by bidding" if value is None else f"{value:g}"


def test_every_field_but_the_freezes_is_a_number_of_which_everything_is_known() -> None:
    assert {f.name for f in fields(Policy)} - {p.name for p in PARAMETERS} == {"freezes"}


@pytest.mark.parametrize("parameter", RANGED, ids=by_name)
def test_the_ends_of_a_range_are_allowed_and_what_lies_beyond_is_not(parameter: Parameter) -> None:
    assert parameter.low is not None and parameter.high is not None
    for end, step in ((parameter.low, -1), (parameter.high, 1)):
        entry = PolicyEntry.model_validate({parameter.name: end})
        assert getattr(entry.over(Policy()), parameter.name) == end
        beyond = end + step if parameter.kind is int else end + step * 0.000001
        with pytest.raises(ValidationError):
            PolicyEntry.model_validate({parameter.name: beyond})
    assert parameter.default is None or parameter.low <= parameter.default <= parameter.high


@pytest.mark.parametrize("parameter", [p for p in RANGED if p.kind is int], ids=by_name)
def test_where_only_whole_numbers_make_sense_a_part_is_refused(parameter: Parameter) -> None:
    assert parameter.default is not None
    with pytest.raises(ValidationError, match="valid integer"):
        PolicyEntry.model_validate({parameter.name: parameter.default + 0.5})


@pytest.mark.parametrize("parameter", PARAMETERS, ids=by_name)
def test_every_number_is_read_by_something(parameter: Parameter, root: Path) -> None:
    stages = ("decide", "score", "pull")
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for stage in stages
        for path in (root / "adsync" / stage).iterdir()
        if path.suffix == ".py"
    )
    code += (root / "adsync" / "model" / "policy.py").read_text(encoding="utf-8")
    assert re.search(rf"(policy|self)\.{parameter.name}\b", code)


# What the documents say -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("parameter", PARAMETERS, ids=by_name)
def test_the_commented_config_says_of_each_number_what_it_is_for_and_its_range(
    parameter: Parameter, root: Path
) -> None:
    text = (root / "config" / "adsync.yaml").read_text(encoding="utf-8")
    unit = "" if parameter.unit == "switch" else f"{parameter.unit}, "
    above = f"  # {parameter.about} ({unit}{parameter.allowed}).\n"
    value = r"\d+" if parameter.default is None else re.escape(written(parameter.default))
    assert re.search(rf"^{re.escape(above)}  (# )?{parameter.name}: {value}$", text, flags=re.M)


def test_the_page_on_the_policy_has_a_line_for_each_number(root: Path) -> None:
    text = (root / "docs" / "policy.md").read_text(encoding="utf-8")
    lines = [
        f"| `{p.name}` | {written(p.default)} | {p.allowed} | {p.unit} | {p.source} | {p.about} |" for p in PARAMETERS
    ]
    assert re.findall(r"^\| `\w+` \|(?:[^|]*\|){5}$", text, flags=re.M) == lines


# What must fit together -----------------------------------------------------------------------------------------------


def test_the_defaults_fit_together() -> None:
    assert contradictions(Policy()) == ()
    assert contradictions(Policy().for_bidding(on_value=True)) == ()


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        (Policy(return_per_30_days=20.5), "return_per_30_days: found 20.5; allowed is up to two thirds of the demand line (30)"),
        (Policy(return_weeks=8, demand_weeks=8, rollback_from_day=57), "return_weeks: found 8; allowed is less than demand_week"),
        (Policy(fast_weeks=12), "fast_weeks: found 12; allowed is less than demand_weeks (12)"),
        (Policy(gate_macro_joins=0.71), "gate_macro_joins: found 0.71; allowed is up to gate_macro (0.7)"),
        (Policy(dispersion_at_most=1.1), "dispersion_prior: found 1.2; allowed is up to dispersion_at_most (1.1)"),
        (Policy(return_weeks=5), "rollback_from_day: found 29; allowed is more than the 35 days of return_weeks"),
        (Policy(rollback_to_day=28), "rollback_to_day: found 28; allowed is at least rollback_from_day (29)"),
        (Policy(stage_gap_days=29), "stage_gap_days: found 29; allowed is up to return_gap_days (28)"),
        (Policy(cycle_days=27), "cycle_days: found 27; allowed is at least return_gap_days (28)"),
        (Policy(repeated_orders_named=0.06), "repeated_orders_named: found 0.06; allowed is up to repeated_orders_held (0.05)"),
        (Policy(funnel_days=30), "funnel_horizon_days: found 30; allowed is less than funnel_days (30)"),
    ],
    ids=lambda value: value.split(":")[0] if isinstance(value, str) else "",
)  # fmt: skip
def test_what_does_not_fit_together_is_named_with_what_is_allowed_and_why(policy: Policy, says: str) -> None:
    (found,) = [text for text in contradictions(policy) if says in text]
    assert found.startswith("policy.")
    assert re.search(r", or \w+ .+", found.partition("allowed is")[2])


def test_at_the_edge_everything_fits() -> None:
    edge = replace(Policy(), return_weeks=3, rollback_from_day=22, rollback_to_day=29, gate_macro_joins=0.7)
    edge = replace(edge, stage_gap_days=28, cycle_days=28, funnel_days=31, fast_weeks=10, dispersion_prior=4.0)
    assert contradictions(edge) == ()
