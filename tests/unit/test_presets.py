"""Presets: whole, consistent, and what their names say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from adsync.model.contradictions import contradictions
from adsync.model.policy import PARAMETERS, Policy
from adsync.model.presets import PRESETS, preset
from adsync.settings.policy import PolicyEntry


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_names_numbers_that_exist_within_their_ranges_and_fit(name: str) -> None:
    assert set(PRESETS[name]) == set(PRESETS["default"]) <= {p.name for p in PARAMETERS}
    assert PolicyEntry.model_validate(PRESETS[name]).over(Policy()) == preset(name)
    assert contradictions(preset(name)) == ()


def test_the_default_preset_is_the_default_policy() -> None:
    assert preset("default") == Policy()


def test_a_preset_over_another_leaves_nothing_of_it_and_all_else_as_it_was() -> None:
    own = Policy(minimum_share=0.4)
    assert preset("fast", preset("cautious", own)) == preset("fast", own)
    assert preset("fast", own).minimum_share == 0.4


def test_the_more_cautious_asks_for_more() -> None:
    cautious, usual, fast = (preset(name) for name in ("cautious", "default", "fast"))
    for careful, bold in ((cautious, usual), (usual, fast)):
        assert careful.demote_confidence >= bold.demote_confidence
        assert careful.demote_checks > bold.demote_checks
        assert careful.gate_macro < bold.gate_macro and careful.gate_helper < bold.gate_helper
        assert careful.stage_gap_days > bold.stage_gap_days
    assert (cautious.fast_lane, usual.fast_lane, fast.fast_lane) == (False, True, True)


def test_the_config_knows_every_preset() -> None:
    (choice, _) = get_args(PolicyEntry.model_fields["preset"].annotation)
    assert set(get_args(choice)) == set(PRESETS)


def test_the_page_on_the_policy_shows_their_values(root: Path) -> None:
    text = (root / "docs" / "policy.md").read_text(encoding="utf-8")
    for number in PRESETS["default"]:
        values = [str(PRESETS[name][number]).lower() for name in ("cautious", "default", "fast")]
        assert re.search(rf"^\| `{number}` \| {' [|] '.join(values)} \|$", text, flags=re.M), number
