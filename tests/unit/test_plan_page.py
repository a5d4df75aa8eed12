"""What is said once above a table of planned changes, and what belongs to each of its rows."""

from __future__ import annotations

from dataclasses import replace

from adsync.render.plan_page import PlanRow, reason_of_all

FIRST = "Until a person has applied a plan for this account, everything is reviewed."
ROW = PlanRow(
    change="shop-2026-03-02-1/1",
    what="Create as secondary",
    moved="",
    where="add_to_cart",
    because="",
    beside=(),
    consent="waits for you",
    consent_because=FIRST,
)


def test_a_reason_is_said_once_only_where_it_is_the_same_for_all_of_several_changes() -> None:
    other = replace(ROW, consent_because="Changes of the kind promote wait for a person (approval in the config).")
    assert reason_of_all([ROW, ROW]) == FIRST
    assert reason_of_all([ROW, other]) == reason_of_all([ROW, replace(ROW, consent="only proposed")]) == ""
    assert reason_of_all([ROW]) == reason_of_all([]) == ""


def test_until_when_an_approval_holds_stays_with_its_change() -> None:
    approved = replace(ROW, consent="approved by ann", consent_because="until 2026-03-09")
    assert reason_of_all([approved, approved]) == ""
