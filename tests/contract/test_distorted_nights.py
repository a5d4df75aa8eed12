"""Nights on a GA4 that leaves things out: what is missing is not zero, decides nothing, and is said."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from adsync.doctor import Grade, examine
from adsync.model.account import Account
from adsync.model.decision import Verb
from adsync.model.evidence import Verdict
from adsync.model.plan import Plan
from adsync.nightly import NightReport, run_night
from adsync.ports import Ports
from tests.sandboxes import LocalSandbox

NOT_WHOLE = [
    pytest.param(("ga4_thresholding", "10"), "thresholded: small groups are missing", id="thresholding"),
    pytest.param(("ga4_sampling", "50"), "sampled: ", id="sampling"),
]
WHOLE = [
    ("ga4_other_row", "5"),
    ("ga4_other_row", "50"),
    ("ga4_late_data", "24"),
    ("ga4_late_data", "72"),
    ("ga4_funnel_headers", "once"),
    ("ga4_key_event_rate_scale", "percent"),
    ("ga4_sessions_by_event", "started"),
]


@dataclass
class Nights:
    """One account's nights."""

    sandbox: LocalSandbox
    account: Account
    ports: Ports

    def after(self, days: int) -> NightReport:
        if days:
            self.sandbox.control.advance(days)
        return run_night(self.account, self.ports)


@pytest.fixture
def nights(sandbox: LocalSandbox) -> Nights:
    account = sandbox.settings.accounts[0]
    return Nights(sandbox, account, sandbox.wiring().ports(account))


def wanted(plan: Plan) -> list[tuple[Verb, str]]:
    return [(planned.change.verb, planned.change.object_id) for planned in plan.changes]


@pytest.mark.parametrize(("switch", "fault"), NOT_WHOLE)
def test_numbers_of_which_something_is_missing_decide_nothing(
    nights: Nights, switch: tuple[str, str], fault: str
) -> None:
    proposed = wanted(nights.after(0).plan)
    assert proposed == [(Verb.KEY_EVENT, "add_to_cart")]
    nights.sandbox.control.turn(*switch)
    for days in (7, 8):
        found = nights.after(days)
        assert wanted(found.plan) == [] and not found.decisions.demand.holds
        assert f"GA4's numbers are {fault}" in found.decisions.demand.reason
        evidence = [decision.evidence for decision in found.decisions.each if decision.evidence is not None]
        assert evidence and {each.verdict for each in evidence} == {Verdict.UNKNOWN}
    nights.sandbox.control.turn(switch[0], "off")
    healed = nights.after(7)
    assert wanted(healed.plan) == proposed and "GA4's numbers" not in healed.decisions.demand.reason


@pytest.mark.parametrize(("switch", "fault"), NOT_WHOLE)
def test_events_that_a_first_night_does_not_see_are_not_said_to_be_absent(
    nights: Nights, switch: tuple[str, str], fault: str
) -> None:
    nights.sandbox.control.turn(*switch)
    said = {decision.event_name: decision.because for decision in nights.after(0).decisions.each}
    assert said["add_to_cart"].startswith("Unknown: GA4") and fault.partition(":")[0] in said["add_to_cart"]
    assert not [because for because in said.values() if "Nobody did it" in because]


@pytest.mark.parametrize("switch", WHOLE, ids="=".join)
def test_funnels_that_are_whole_are_believed(nights: Nights, switch: tuple[str, str]) -> None:
    nights.sandbox.control.turn(*switch)
    for days in (0, 7):
        found = nights.after(days)
        assert wanted(found.plan) == [(Verb.KEY_EVENT, "add_to_cart")]
        assert not found.decisions.demand.holds and "GA4's numbers" not in found.decisions.demand.reason


@pytest.mark.parametrize(
    ("switch", "saw"),
    [
        (("ga4_thresholding", "50"), "thresholded: small groups are missing"),
        (("ga4_sampling", "10"), "sampled: "),
        (("ga4_other_row", "5"), "folded: some rows went into (other)"),
    ],
)
def test_doctor_says_what_ga4_leaves_out_and_no_tag_is_called_broken_for_it(
    sandbox: LocalSandbox, switch: tuple[str, str], saw: str
) -> None:
    assert "GA4 counts" not in {f.check for f in examine(sandbox.wiring(), sandbox.settings.accounts)}
    sandbox.control.turn(*switch)
    findings = {f.check: f for f in examine(sandbox.wiring(), sandbox.settings.accounts) if f.where}
    assert findings["GA4 counts"].grade is Grade.WARNING and saw in findings["GA4 counts"].saw
    assert findings["GA4 counts"].remedy
    assert findings["main event"].grade is not Grade.PROBLEM and "has seen no" not in findings["main event"].saw
