"""What people read of Google's fields: the words of its own screens, never the API's names."""

from __future__ import annotations

import pytest

from adsync.model.change import MASKS
from adsync.model.field_words import called, shown


def test_whatever_a_change_may_move_has_a_name_of_the_interface() -> None:
    fields = {field for mask in MASKS.values() for field in mask}
    assert len(fields) >= 10
    assert [name for name in map(called, sorted(fields)) if "_" in name or "." in name] == []
    assert called("primary_for_goal") == "action optimization" and called("default_value") == "value"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("primary_for_goal", True, "Primary"),
        ("primary_for_goal", False, "Secondary"),
        ("counting_type", "ONE_PER_CLICK", "One"),
        ("status", "HIDDEN", "hidden"),
        ("default_value", 21.0, "21"),
        ("always_use_default_value", True, "yes"),
        ("maximize_conversions.target_cpa_micros", 12_500_000, "12.50"),
        ("target_roas", 2.5, "250 %"),
        ("default_currency", "", "nothing"),
        ("action_ids", ("1", "2"), "1, 2"),
        ("status", "NEW_AT_GOOGLE", "NEW_AT_GOOGLE"),
    ],
)
def test_a_value_reads_as_in_the_interface(field: str, value: object, words: str) -> None:
    assert shown(value, field) == words
