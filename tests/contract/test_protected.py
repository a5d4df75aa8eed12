"""What the config protects, where it is not there, and when it was written after the plan."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml

from adsync.applying import apply_open_plans
from adsync.doctor import Grade, examine
from adsync.model.plan import Consent
from adsync.model.protected import Protected
from adsync.nightly import run_night
from adsync.overview import overview
from adsync.render.terminal import status_table
from adsync.review import verdicts
from tests.sandboxes import LocalSandbox


def protect(sandbox: LocalSandbox, **named: list[str | int]) -> None:
    file = sandbox.directory / "adsync.yaml"
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    document["accounts"][0]["protected"] = named
    file.write_text(yaml.safe_dump(document), encoding="utf-8")


def test_doctor_and_status_name_what_is_not_there(sandbox: LocalSandbox) -> None:
    protect(sandbox, actions=["Purchase (web)", 700000001, "Purchace"], campaigns=["Brnad"])
    wiring = sandbox.wiring()
    account = wiring.settings.accounts[0]
    words = (
        'protected.actions names "Purchace", which the account does not have. protected.campaigns names "Brnad", which the '
        "account does not have."
    )
    [said] = [f for f in examine(wiring, (account,)) if f.check == "protected"]
    assert (said.grade, said.saw) == (Grade.PROBLEM, words)
    ports = wiring.ports(account)
    run_night(account, ports, apply=False)
    seen = overview(account, ports.state, ports.clock)
    assert seen.amiss == words
    assert words in "".join(cell.plain for row in status_table([seen])._rows for cell in row)
    right = replace(account, protected=Protected(actions=("Purchase (web)",)))
    assert overview(right, ports.state, ports.clock).amiss == ""
    wiring.database.close()


@pytest.mark.slow
def test_what_is_protected_after_it_was_approved_is_not_applied(sandbox: LocalSandbox) -> None:
    wiring = sandbox.wiring()
    account = wiring.settings.accounts[0]
    ports = wiring.ports(account)
    for _ in range(2):  # a key event is marked, then Google's mirror of it is to be enabled
        plan = run_night(account, ports, apply=False).plan
        ports.state.ledger.approve(verdicts(plan.numbered(), approved=True, by="ann", now=ports.clock.now()))
        if all(p.change.verb.value == "enable" for p in plan.changes):
            break
        apply_open_plans(account, ports)
        sandbox.control.advance(2)
    (one,) = (p.change for p in plan.changes)
    assert one.verb.value == "enable"
    guarded = replace(account, protected=Protected(actions=(one.title,)))
    applied = apply_open_plans(guarded, ports)
    assert [r.note for r in applied.results] == [
        f'Not applied: "{one.title}" is named under protected.actions in the config: adsync changes nothing about it.'
    ]
    (planned,) = run_night(guarded, ports).plan.changes
    assert planned.consent is Consent.PROPOSAL and "protected.actions" in planned.consent_because
    wiring.database.close()
