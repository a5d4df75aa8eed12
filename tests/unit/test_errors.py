"""Every exception has the exit code that the tree on top of the module promises, and says what to do next."""

from __future__ import annotations

import re

import pytest

from adsync import errors
from adsync.errors import AdsyncError, Refused, TryAgainLater

PROMISED = {
    name: int(code) for name, code in re.findall(r"^[\s│├└─]*([A-Z]\w+) +(\d)\b", errors.__doc__ or "", flags=re.M)
}


def family(root: type[AdsyncError]) -> set[type[AdsyncError]]:
    return {root}.union(*(family(child) for child in root.__subclasses__()))


def test_the_tree_names_every_exception_and_no_other() -> None:
    assert set(PROMISED) == {e.__name__ for e in family(AdsyncError) if e.__module__ == "adsync.errors"}


@pytest.mark.parametrize("name", sorted(PROMISED))
def test_an_exception_ends_a_command_with_the_promised_code(name: str) -> None:
    kind = getattr(errors, name)
    assert kind.exit_code == PROMISED[name]
    assert issubclass(kind, AdsyncError)


def test_a_message_says_what_happened_why_and_what_to_do_next() -> None:
    error = Refused("Not removed.", "It is the last one.", next_step="Promote another.", request_id="abc")
    assert str(error) == "Not removed. It is the last one. Promote another. (Google's request id: abc)"


def test_a_message_without_reasons_has_no_gaps() -> None:
    assert str(Refused("Not removed.", next_step="Promote another.")) == "Not removed. Promote another."


def test_the_numbers_of_an_error_are_in_its_document() -> None:
    document = TryAgainLater("Later.", retry_after_seconds=30.0, quota=2880).as_document()
    assert document["error"] == "TryAgainLater"
    assert document["retry_after_seconds"] == 30.0
    assert document["quota"] == 2880
    assert document["request_id"] is None
