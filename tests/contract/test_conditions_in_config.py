"""Conditions among the candidates of a config: for logs of events, and without any effect on nights."""

from __future__ import annotations

import yaml

from adsync.doctor import Grade, examine
from adsync.nightly import run_night
from adsync.overview import overview
from tests.sandboxes import LocalSandbox

CONDITIONS = ["page_view*3", "view_item*2/7d", "scroll[percent_scrolled>=75]", "page_view[/pricing]", "60s"]


def add_candidates(sandbox: LocalSandbox, *more: str) -> None:
    """The candidates that the account takes anyway, by their names, and more."""
    usual = [c.event_name for c in sandbox.settings.accounts[0].candidates]
    file = sandbox.directory / "adsync.yaml"
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    document["accounts"][0]["candidates"] = [*usual, *more]
    file.write_text(yaml.safe_dump(document), encoding="utf-8")


def test_a_night_leaves_conditions_out_and_doctor_and_status_know_of_none(sandbox: LocalSandbox) -> None:
    without = sandbox.settings.accounts[0]
    add_candidates(sandbox, *CONDITIONS)
    account = sandbox.settings.accounts[0]
    assert [c.text for c in account.conditions] == CONDITIONS
    assert account.candidates == without.candidates

    wiring = sandbox.wiring()
    plain, conditional = (run_night(owner, wiring.ports(owner), apply=False) for owner in (without, account))
    assert plain.plan.changes != ()
    assert conditional.plan == plain.plan, "the very plan of the night before is kept"
    assert [f for f in examine(wiring, (account,)) if f.grade is Grade.PROBLEM or f.check == "candidates"] == []
    ports = wiring.ports(account)
    seen, known = (overview(owner, ports.state, ports.clock) for owner in (account, without))
    assert seen == known


def test_doctor_names_what_was_chosen_from_the_menu_and_never_comes(sandbox: LocalSandbox) -> None:
    add_candidates(sandbox, "view_item_again", "join_group")  # nobody does either in this shop
    wiring = sandbox.wiring()
    [said] = [f for f in examine(wiring, wiring.settings.accounts) if f.check == "candidates"]
    # What most sites send, many lack; an event of one's own is meant to be there.
    assert said.saw == "GA4 has seen no view_item_again in 28 days."
