"""What Google would let adsync change on GA4's mirrors is asked, remembered, and asked again when there is a reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from adsync import applying, nightly
from adsync.errors import GoogleRefused
from adsync.fleet import run_fleet
from adsync.model.account import Account
from adsync.model.ads import ConversionAction
from adsync.model.capability import ManagedField
from adsync.model.change import fields
from adsync.model.decision import Verb
from adsync.model.log import Outcome
from adsync.model.pulled import Report
from adsync.operations import READS_PER_NIGHT
from adsync.overview import overview
from adsync.ports import Ports
from adsync.pull import Pulled, pull_account
from adsync.pull.capabilities import ask
from adsync.wiring import Wiring
from tests.builders import a_change, an_entry
from tests.contract.survival import ATTEMPTS, Scene, approve, scene

MUTATE = "MutateConversionActions"


def asked(scene: Scene) -> int:
    return sum(name.endswith(MUTATE) for name in scene.estate.calls.in_order())


def night_of(scene: Scene) -> tuple[Account, Ports]:
    wiring = scene.wiring()
    account = wiring.settings.accounts[0]
    return account, wiring.ports(account)


def another_pull(scene: Scene, days: int = 1) -> Pulled:
    scene.sandbox.control.advance(days)
    return pull_account(*night_of(scene))


def another_night(scene: Scene, days: int = 1) -> nightly.NightReport:
    scene.sandbox.control.advance(days)
    account, ports = night_of(scene)
    return nightly.run_night(account, ports, apply=False)


def _marked(made: Scene, wiring: Wiring, account: Account) -> None:
    """The key event was marked on the night before, and Google has made its action since."""
    ports = wiring.ports(account)
    first = nightly.run_night(account, ports, apply=False)
    assert Report.CAPABILITIES not in first.pulled.reports, "there is nothing to ask about"
    approve(wiring, account, *(p.change for p in first.plan.changes if p.change.event_name == "add_to_cart"))
    assert applying.apply_open_plans(account, ports).done


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with scene(tmp_path_factory.mktemp("mirrors"), _marked) as made:
        yield made


@pytest.fixture
def marked(prepared: Scene, no_pauses: None) -> Iterator[Scene]:
    prepared.restore()
    prepared.estate.calls.forget()
    yield prepared
    prepared.estate.switches.chosen.clear()


def refused(scene: Scene) -> set[ManagedField]:
    """What Google was last found to refuse."""
    account, ports = night_of(scene)
    return {c.field for c in ports.state.numbers.capabilities(account.customer_id, date.max) if c.is_refused}


def switch(scene: Scene, name: str) -> None:
    scene.estate.switches.set(name, "refused")


OWNED = {ManagedField.COUNTING}
"""GA4 owns how often its events count."""


def test_each_mirror_is_asked_about_once_in_thirty_days_and_nothing_is_changed(marked: Scene) -> None:
    night = another_pull(marked)
    at_google = marked.at_google()
    assert night.reports[-1] is Report.CAPABILITIES, "numbers come first"
    assert refused(marked) == OWNED
    assert asked(marked) == len(ManagedField)
    assert Report.CAPABILITIES not in another_pull(marked).reports
    switch(marked, "mirror_primary_for_goal")
    assert refused(marked) == OWNED, "as it was known"
    another_pull(marked, days=29)
    assert refused(marked) == {*OWNED, ManagedField.PRIMARY}
    account, ports = night_of(marked)
    then = ports.state.numbers.capabilities(account.customer_id, night.as_of)
    assert {c.field for c in then if c.is_refused} == OWNED, "that night still knows what it knew"
    assert marked.at_google() == at_google and asked(marked) == 2 * len(ManagedField)


def test_what_google_has_refused_is_asked_again_the_next_night(marked: Scene) -> None:
    another_pull(marked)
    account, ports = night_of(marked)
    switch(marked, "mirror_primary_for_goal")
    change = a_change(
        Verb.PROMOTE,
        customer_id=account.customer_id,
        object_id=_mirror(ports).id,
        before=fields(primary_for_goal=False),
        after=fields(primary_for_goal=True),
    )
    with pytest.raises(GoogleRefused, match="IMMUTABLE_FIELD"):
        ports.writer.send(change)
    entry = replace(an_entry(0, change, customer_id=account.customer_id), opened_at=ports.clock.now())
    ports.state.ledger.close_entry(ports.state.ledger.open_entry(entry), Outcome.REFUSED, ports.clock.now())
    another_pull(marked)
    assert refused(marked) == {*OWNED, ManagedField.PRIMARY}


def test_a_night_goes_on_without_an_answer_and_keeps_the_older_one(marked: Scene) -> None:
    another_pull(marked)
    switch(marked, "mirror_value_settings")
    marked.sandbox.control.fault(MUTATE, "UNAVAILABLE", times=ATTEMPTS)
    night = another_pull(marked, days=31)
    assert refused(marked) == OWNED
    account, ports = night_of(marked)
    copy = ports.state.numbers.newest_copies(account.customer_id, night.as_of)[Report.CAPABILITIES]
    assert not copy.whole and "cannot answer" in copy.fault
    another_pull(marked)
    assert refused(marked) == {*OWNED, ManagedField.VALUE}, "asked again without waiting for a month"


def test_questions_are_operations_that_the_budget_counts(marked: Scene) -> None:
    marked.sandbox.control.advance(1)
    wiring = marked.wiring()
    account = wiring.settings.accounts[0]
    ports = wiring.ports(account, wiring.budget(READS_PER_NIGHT + 1))
    night = pull_account(account, ports)
    assert ports.validator.operations == 1
    known = ports.state.numbers.capabilities(account.customer_id, night.as_of)
    assert [c.field for c in known] == [ManagedField.STATUS]
    fault = ports.state.numbers.newest_copies(account.customer_id, night.as_of)[Report.CAPABILITIES].fault
    assert "operations budget" in fault
    # What was asked is not asked again, and the rest is foreseen.
    report = run_fleet([account], wiring, "pull", pull_account)
    assert report.operations_planned == report.operations == READS_PER_NIGHT + len(ManagedField) - 1


def test_each_answer_is_that_of_its_action_also_where_google_takes_no_part_of_a_request(marked: Scene) -> None:
    marked.sandbox.control.advance(1)
    _, ports = night_of(marked)
    tag = next(a for a in ports.ads.actions() if a.is_web_tag)
    found = ports.validator.refusals(ManagedField.COUNTING, [tag, _mirror(ports)])
    assert found == {tag.id: "", _mirror(ports).id: "FieldError.IMMUTABLE_FIELD"} and ports.validator.operations == 2
    marked.sandbox.control.fault(MUTATE, "INVALID_ARGUMENT", times=1)
    together = {ManagedField.COUNTING: [_mirror(ports), tag]}
    answers, fault = ask(ports.validator, together, ports.clock.now().date(), ports.clock.now())
    assert fault == "" and [c.code for c in answers] == ["FieldError.IMMUTABLE_FIELD", ""]
    assert ports.validator.operations == 2 + 4


def test_a_refusal_for_another_reason_says_nothing_of_the_field(marked: Scene) -> None:
    marked.sandbox.control.advance(1)
    _, ports = night_of(marked)
    next(iter(marked.estate.accounts.values())).declaration_missing = True
    now = ports.clock.now()
    (found,), _ = ask(ports.validator, {ManagedField.PRIMARY: [_mirror(ports)]}, now.date(), now)
    assert "EU_POLITICAL" in found.code and not found.is_refused


def _mirror(ports: Ports) -> ConversionAction:
    return next(a for a in ports.ads.actions() if a.ga4_event_name == "add_to_cart")


# Mirrors that do not come --------------------------------------------------------------------------------------------


def test_a_mirror_that_does_not_come_is_told_once_and_its_coming_too(marked: Scene) -> None:
    account, _ = night_of(marked)
    marked.sandbox.control.link(account.property_id, account.customer_id, linked=False)
    assert another_night(marked).hold_news.began == (), "it may take a day"
    late = another_night(marked)
    (known,) = late.hold_news.began
    assert known.hold.code == "mirror_missing" and known.hold.about == "add_to_cart"
    assert known.hold.saw in late.decisions.demand.stands
    again = another_night(marked)
    assert not again.hold_news and not any(p.change.event_name == "add_to_cart" for p in again.plan.changes)
    account, ports = night_of(marked)
    assert overview(account, ports.state, ports.clock).stands.endswith(known.hold.todo)
    marked.sandbox.control.link(account.property_id, account.customer_id, linked=True)
    came = another_night(marked)
    assert [k.id for k in came.hold_news.ended] == [known.id]
    assert [p.change.verb for p in came.plan.changes if p.change.event_name == "add_to_cart"] == [Verb.ENABLE]
