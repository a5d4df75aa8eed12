"""A person says yes or no: to which changes, for how long, and in which form."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from adsync.errors import Refused, UsageError
from adsync.model.change import Change, fields
from adsync.model.decision import Verb
from adsync.model.plan import NIGHT, ROLLBACK, Approval, Consent, Plan, PlannedChange
from adsync.ports import State
from adsync.review import (
    choose,
    contradictions,
    read_form,
    said_already,
    unsaid,
    verdicts,
    waiting,
    where_said,
    words_that_hold,
)
from tests.builders import CUSTOMER_ID, NOW, a_change, a_mark, a_plan, an_account

PROMOTION = a_change(Verb.PROMOTE, object_id="201")
DEMOTION = a_change(Verb.DEMOTE, object_id="202")
PLAN = a_plan(PROMOTION, DEMOTION, id="shop-2026-06-01-1")
OTHER = a_plan(a_change(Verb.PROMOTE, object_id="301"), id="other-2026-06-01-1")


def names(*words: str, plans: tuple[Plan, ...] = (PLAN, OTHER)) -> list[str]:
    return [name for name, _ in choose([named for plan in plans for named in plan.numbered()], words)]


def with_consent(consent: Consent, because: str = "") -> Plan:
    return a_plan(PlannedChange(change=PROMOTION, consent=consent, consent_because=because), DEMOTION, id="shop-1")


# Which changes are meant ---------------------------------------------------------------------------------------------


def test_a_change_is_meant_by_its_name() -> None:
    assert names("shop-2026-06-01-1/2") == ["shop-2026-06-01-1/2"]


def test_a_plan_means_all_its_changes() -> None:
    assert names("shop-2026-06-01-1") == ["shop-2026-06-01-1/1", "shop-2026-06-01-1/2"]


def test_a_kind_means_all_changes_of_that_kind() -> None:
    assert names("promote") == ["shop-2026-06-01-1/1", "other-2026-06-01-1/1"]


def test_all_means_all() -> None:
    assert len(names("all")) == 3


def test_a_change_that_is_meant_twice_is_chosen_once() -> None:
    assert names("shop-2026-06-01-1/1", "promote", "all") == [
        "shop-2026-06-01-1/1",
        "other-2026-06-01-1/1",
        "shop-2026-06-01-1/2",
    ]


def test_no_word_chooses_nothing() -> None:
    assert names() == []


@pytest.mark.parametrize("word", ["shop-2026-06-01-1/3", "shop", "shop-2026-06-01", "PROMOTE", ""])
def test_a_word_that_means_nothing_is_wrong_usage_and_lists_what_there_is(word: str) -> None:
    with pytest.raises(UsageError, match=r"shop-2026-06-01-1/1, shop-2026-06-01-1/2, other.*adsync plan"):
        names(word)


def test_a_change_that_is_only_proposed_cannot_be_approved_by_name() -> None:
    plan = with_consent(Consent.PROPOSAL, "It bids to a fixed target.")
    with pytest.raises(Refused, match=r"only proposed.*fixed target"):
        names("shop-1/1", plans=(plan,))


def test_all_leaves_out_what_is_only_proposed() -> None:
    assert names("all", plans=(with_consent(Consent.PROPOSAL),)) == ["shop-1/2"]


def test_a_change_that_would_run_by_itself_can_be_refused() -> None:
    plan = with_consent(Consent.AUTO)
    assert names("shop-1/1", plans=(plan,)) == ["shop-1/1"]


# Who has to say something --------------------------------------------------------------------------------------------


def a_word(planned: PlannedChange, *, approved: bool = True, days: int = 7) -> Approval:
    return Approval(
        change_hash=planned.change.hash,
        customer_id=CUSTOMER_ID,
        change_name="shop-2026-06-01-1/1",
        approved=approved,
        by="ana",
        at=NOW,
        until=NOW + timedelta(days=days),
    )


def left(*words: Approval, applied: frozenset[str] = frozenset(), plan: Plan = PLAN) -> list[str]:
    said = {w.change_hash: w for w in words}
    ledger = SimpleNamespace(approvals=lambda _: said, newest_plan=lambda *_: None)
    holding = words_that_hold([an_account()], cast(State, SimpleNamespace(ledger=ledger)), NOW)
    pending = [(name, planned) for name, planned in plan.numbered() if name not in applied]
    return [name for name, _ in waiting(pending, holding)]


def test_a_change_waits_until_somebody_says_yes_or_no() -> None:
    assert left() == ["shop-2026-06-01-1/1", "shop-2026-06-01-1/2"]
    for approved in (True, False):
        assert left(a_word(PLAN.changes[0], approved=approved)) == ["shop-2026-06-01-1/2"]


def test_a_word_that_has_expired_is_no_word() -> None:
    assert len(left(a_word(PLAN.changes[0], days=-1))) == 2


def test_a_change_that_was_applied_waits_no_more() -> None:
    assert left(applied=frozenset({"shop-2026-06-01-1/2"})) == ["shop-2026-06-01-1/1"]


@pytest.mark.parametrize("consent", [Consent.AUTO, Consent.PROPOSAL])
def test_only_what_is_to_be_reviewed_waits(consent: Consent) -> None:
    assert left(plan=with_consent(consent)) == ["shop-1/2"]


def test_what_is_only_proposed_is_news_and_what_runs_by_itself_is_none() -> None:
    assert [name for name, _ in unsaid(with_consent(Consent.PROPOSAL).numbered(), {})] == ["shop-1/1", "shop-1/2"]
    assert [name for name, _ in unsaid(with_consent(Consent.AUTO).numbered(), {})] == ["shop-1/2"]


# The word ------------------------------------------------------------------------------------------------------------


def test_a_yes_is_pinned_to_exactly_the_change_and_holds_for_a_week() -> None:
    [first, _] = verdicts(PLAN.numbered(), approved=True, by="ana", now=NOW)
    assert first == a_word(PLAN.changes[0])
    assert first.holds(NOW + timedelta(days=7)) and not first.holds(NOW + timedelta(days=7, seconds=1))


def in_group(group: str, number: int, origin: str = NIGHT) -> Plan:
    planned = PlannedChange(change=DEMOTION, consent=Consent.REVIEW, group=group)
    return a_plan(planned, id=f"shop-2026-06-01-{number}", origin=origin)


@pytest.mark.parametrize(
    ("now", "holds"),
    [
        (in_group("shop-2026-06-01-1/1", 2), True),
        (in_group("shop-2026-06-01-2/1", 2), False),
        (in_group("", 2), False),
        (in_group("shop-2026-06-01-1/1", 2, ROLLBACK), False),
        (OTHER, True),
    ],
    ids=["the group goes on", "another group", "alone", "a rollback", "planned nowhere"],
)
def test_a_yes_holds_where_it_was_said_and_a_no_everywhere(now: Plan, holds: bool) -> None:
    shown = in_group("shop-2026-06-01-1/1", 1)
    stored = cast(State, SimpleNamespace(ledger=SimpleNamespace(plan={shown.id: shown}.get)))
    yes, no = (a_word(shown.changes[0], approved=approved) for approved in (True, False))
    assert bool(where_said({DEMOTION.hash: yes}, [now], stored)) is holds
    assert where_said({DEMOTION.hash: no}, [now], stored)


def test_a_no_is_not_asked_again_for_four_weeks() -> None:
    [first, second] = verdicts(PLAN.numbered(), approved=False, by="ana", now=NOW)
    assert not first.approved
    assert first.until == NOW + timedelta(days=28)
    assert second.change_hash == DEMOTION.hash


# A word in bulk ------------------------------------------------------------------------------------------------------

GROUPED = a_plan(
    PlannedChange(change=PROMOTION, consent=Consent.REVIEW, group="shop-1/1"),
    PlannedChange(change=DEMOTION, consent=Consent.REVIEW, group="shop-1/1"),
    id="shop-1",
)


def kept(wanted: str, *words: Approval, plan: Plan = PLAN) -> list[str]:
    chosen = choose(plan.numbered(), [wanted])
    return [name for name, _ in said_already(chosen, [wanted], {w.change_hash: w for w in words})]


@pytest.mark.parametrize("approved", [True, False])
@pytest.mark.parametrize("wanted", ["all", "promote"])
def test_a_yes_to_all_or_to_a_kind_takes_nothing_that_has_a_word(wanted: str, approved: bool) -> None:
    assert kept(wanted) == []
    assert kept(wanted, a_word(PLAN.changes[0], approved=approved)) == ["shop-2026-06-01-1/1"]


@pytest.mark.parametrize("wanted", ["shop-2026-06-01-1/1", "shop-2026-06-01-1"])
def test_whoever_names_a_change_or_its_plan_overturns_what_was_said(wanted: str) -> None:
    assert kept(wanted, a_word(PLAN.changes[0], approved=False)) == []


def test_a_group_has_its_word_when_one_of_it_is_refused_or_all_of_it_is_approved() -> None:
    first, second = GROUPED.changes
    assert len(kept("all", a_word(second, approved=False), plan=GROUPED)) == 2
    assert kept("all", a_word(first), plan=GROUPED) == []
    assert len(kept("all", a_word(first), a_word(second), plan=GROUPED)) == 2


# Words that contradict each other ------------------------------------------------------------------------------------

HIDDEN, ENABLED = fields(status="HIDDEN", primary_for_goal=False), fields(status="ENABLED", primary_for_goal=False)


def ruled_out(first: Change, later: Change, *, agreed: bool = True, plan: str = "shop-2") -> list[tuple[str, str]]:
    pending = (*a_plan(first, id="shop-1").numbered(), *a_plan(later, id=plan).numbered())
    words = {p.change.hash: a_word(p, approved=agreed or p.change is first) for _, p in pending}
    return [(one, other) for (one, _), (other, _) in contradictions(pending, words)]


def hiding(object_id: str = "201") -> Change:
    return a_change(Verb.HIDE, object_id=object_id, before=ENABLED, after=HIDDEN)


def test_what_is_taken_back_and_used_for_bidding_at_once_contradicts_itself() -> None:
    assert ruled_out(hiding(), PROMOTION) == [("shop-1/1", "shop-2/1")]
    assert ruled_out(a_change(Verb.REMOVE, object_id="201", after=None), PROMOTION)


SETTINGS = [
    hiding(),
    PROMOTION,
    a_change(Verb.RESTORE, object_id="201"),
    a_change(Verb.VALUE, object_id="201", before=fields(default_value=4.0), after=fields(default_value=2.0)),
    a_mark(an_account()),
]


@pytest.mark.parametrize("change", SETTINGS, ids=lambda change: change.verb.value)
@pytest.mark.parametrize("plan", ["shop-1", "shop-2"])
def test_what_is_wanted_both_ways_contradicts_itself_also_where_the_second_could_follow(
    change: Change, plan: str
) -> None:
    assert len(ruled_out(change, change.inverse(), plan=plan)) == 1
    assert len(ruled_out(change.inverse(), change, plan=plan)) == 1


def test_of_two_groups_one_pair_is_named() -> None:
    def steps(values: Sequence[float], plan_id: str) -> Plan:
        moves = [
            a_change(Verb.VALUE, before=fields(default_value=a), after=fields(default_value=b))
            for a, b in pairwise(values)
        ]
        planned = (PlannedChange(change=c, consent=Consent.REVIEW, group=f"{plan_id}/1") for c in moves)
        return a_plan(*planned, id=plan_id)

    pending = (*steps((5.0, 6.0, 8.0), "shop-1").numbered(), *steps((8.0, 4.0, 2.0), "shop-2").numbered())
    words = {p.change.hash: a_word(p) for _, p in pending}
    assert [(one, other) for (one, _), (other, _) in contradictions(pending, words)] == [("shop-1/1", "shop-2/1")]
    assert contradictions(pending[:2], words) == (), "a group goes step by step"


def test_what_can_follow_or_is_not_agreed_to_contradicts_nothing() -> None:
    assert ruled_out(hiding("202"), PROMOTION) == [], "another action"
    assert ruled_out(hiding(), PROMOTION, agreed=False) == [], "refused"
    assert ruled_out(hiding(), hiding()) == [], "the same"
    assert ruled_out(hiding(), PROMOTION, plan="shop-1") == [], "one plan is made to stand after itself"
    counting = a_change(
        Verb.UPDATE, object_id="201", before=fields(counting_type="MANY"), after=fields(counting_type="ONE")
    )
    assert ruled_out(counting, PROMOTION) == [], "other fields"


# The form ------------------------------------------------------------------------------------------------------------


def form(tmp_path: Path, text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    path = tmp_path / "review.yaml"
    path.write_text(text, encoding="utf-8")
    return read_form(path)


def test_a_form_says_yes_and_no(tmp_path: Path) -> None:
    assert form(tmp_path, "approve: [shop-1/1, promote]\nrefuse:\n  - shop-1/2\n") == (
        ("shop-1/1", "promote"),
        ("shop-1/2",),
    )


def test_a_form_may_be_json(tmp_path: Path) -> None:
    assert form(tmp_path, '{"refuse": ["all"]}') == ((), ("all",))


def test_an_empty_form_says_nothing(tmp_path: Path) -> None:
    assert form(tmp_path, "") == ((), ())


def test_yes_and_no_to_the_same_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="says yes and no to shop-1/1"):
        form(tmp_path, "approve: [shop-1/1]\nrefuse: [shop-1/1, shop-1/2]\n")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("aprove: [all]", "not understood: aprove: a form has no such list"),
        ("approve: all", "not understood: approve: this should be a list"),
        ("- all", "not understood: top level: this should be the two lists"),
        ("approve: [1]", r"approve\.0: this should be the name of a change"),
        ("approve: [", "neither YAML nor JSON"),
    ],
)
def test_what_is_no_form_is_wrong_usage_and_says_where(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        form(tmp_path, text)


def test_a_form_that_is_not_there_or_no_text_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_form(tmp_path / "missing.yaml")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="neither YAML nor JSON"):
        read_form(tmp_path / "bytes")


def test_a_form_runs_no_code(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        form(tmp_path, "approve: !!python/object/apply:os.getcwd []")
