"""Every call of `adsync apply`, with every fault that it can have: each change at most once, and none claimed that is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adsync.model.account import Account
from adsync.model.change import Change, fields
from adsync.model.decision import Verb
from tests.builders import a_change, a_mark
from tests.contract.survival import Healthy, Scene, approved, healthy, scene
from tests.contract.survival_calls import BRIEFLY, CREATING, MARKING, UNMARKING, by_call, cases, named
from tests.contract.survival_checks import survives, survives_all
from tests.contract.survival_kinds import CHANGES, Fault

_AT_CHANGES = {
    "marking": (MARKING, cases(MARKING)),
    "creating": (CREATING, cases(CREATING)),
    "unmarking": (UNMARKING, cases(UNMARKING)),
}


def unmarking(account: Account) -> Change:
    return a_mark(account).inverse()


def creating(account: Account) -> Change:
    after = fields(
        name="adsync: Newsletter",
        type="WEBPAGE",
        category="SIGNUP",
        counting_type="ONE_PER_CLICK",
        status="ENABLED",
        primary_for_goal=False,
    )
    values = {"object_id": "adsync: Newsletter", "title": "adsync: Newsletter", "event_name": "sign_up"}
    return a_change(Verb.CREATE, before=None, after=after, customer_id=account.customer_id, **values)


def enabling(account: Account) -> Change:
    hidden, enabled = (fields(status=status, primary_for_goal=False) for status in ("HIDDEN", "ENABLED"))
    values = {"object_id": "700000002", "event_name": "purchase_mirror", "before": hidden, "after": enabled}
    return a_change(Verb.ENABLE, customer_id=account.customer_id, **values)


Prepared = dict[str, tuple[Scene, Healthy]]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, no_pauses: None) -> Iterator[Prepared]:
    with (
        scene(tmp_path_factory.mktemp("marking"), approved(a_mark)) as marks,
        scene(tmp_path_factory.mktemp("creating"), approved(creating, enabling)) as creates,
        scene(tmp_path_factory.mktemp("unmarking"), approved(unmarking, first=a_mark)) as unmarks,
    ):
        scenes = {"marking": marks, "creating": creates, "unmarking": unmarks}
        yield {name: (made, healthy(made, "apply")) for name, made in scenes.items()}


# At changes everything is tried in `make test`, and around them what reads suffer most. The looks before a change are the
# same for each: in `make verify` everything is tried around two of them.
FAST = [
    (name, at, fault)
    for name, (calls, found) in _AT_CHANGES.items()
    for at, fault in found
    if (calls[at] in CHANGES and calls[at] not in calls[:at]) or (name == "creating" and fault.name in BRIEFLY)
]
SLOW = by_call([case for case in cases(CREATING) if ("creating", *case) not in FAST])


def _ids(found: list[tuple[str, int, Fault]]) -> list[str]:
    return [f"{name} {named(_AT_CHANGES[name][0], [(at, fault)])[0]}" for name, at, fault in found]


@pytest.mark.parametrize("name", _AT_CHANGES)
def test_the_calls_of_an_application_are_those_that_are_tried(prepared: Prepared, name: str) -> None:
    assert prepared[name][1].calls == _AT_CHANGES[name][0]


@pytest.mark.parametrize(("name", "at", "fault"), FAST, ids=_ids(FAST))
def test_a_change_survives(prepared: Prepared, name: str, at: int, fault: Fault) -> None:
    made, whole = prepared[name]
    survives(made, "apply", whole, at, fault)


@pytest.mark.slow
@pytest.mark.parametrize("at", SLOW)
def test_a_change_survives_everything_else(prepared: Prepared, at: int) -> None:
    made, whole = prepared["creating"]
    survives_all(made, "apply", whole, at, SLOW[at])
