"""Taking back a stretch of the change log restores what stood before it; taking that back restores what stood after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from adsync.changelog import net_rollback
from adsync.model.ads import AccountState, ConversionAction
from adsync.model.change import Change, Fields, fields
from adsync.model.decision import Verb
from adsync.model.log import ChangeLogEntry, Outcome, Past
from adsync.plan import make_plan
from adsync.plan.outcome import state_after
from tests.builders import NOW, a_change, a_state, an_account, an_action, an_entry
from tests.property.generated import Dice, thrown

IDS = ("200", "201")
LAWS = settings(max_examples=250)


def a_random_change(dice: Dice, action: ConversionAction) -> Change | None:
    """One that a night, a person or a rollback could have made of the action as it stands; None where none fits."""
    hidden, primary = action.status != "ENABLED", action.primary_for_goal
    choices: list[tuple[Verb, Fields]] = [
        (Verb.VALUE, fields(default_value=dice.pick(2.0, 5.0, 7.5), always_use_default_value=True)),
        (Verb.UPDATE, fields(counting_type="ONE_PER_CLICK")),
    ]
    if hidden:
        choices.append((Verb.ENABLE, fields(status="ENABLED", primary_for_goal=False)))
    elif primary:
        choices.append((Verb.DEMOTE, fields(primary_for_goal=False)))
    else:
        choices += [
            (Verb.PROMOTE, fields(primary_for_goal=True)),
            (Verb.RESTORE, fields(primary_for_goal=True)),
            (Verb.HIDE, fields(status="HIDDEN", primary_for_goal=False)),
        ]
    verb, after = dice.pick(*choices)
    before = fields(**{name: getattr(action, name) for name, _ in after})
    return a_change(verb, object_id=action.id, before=before, after=after) if before != after else None


def lived(dice: Dice) -> tuple[list[AccountState], list[ChangeLogEntry]]:
    """Some changes one after the other: the account before each and after the last, and the log."""
    helpers = [
        an_action(
            key,
            status=dice.pick("HIDDEN", "ENABLED"),
            default_value=dice.pick(0.0, 3.0),
            counting_type=dice.pick("MANY_PER_CLICK", "ONE_PER_CLICK"),
        )
        for key in IDS
    ]
    states, log = [a_state(*helpers)], []
    for number in range(dice.pick(1, 2, 4, 8)):
        action = states[-1].action(dice.pick(*IDS))
        assert action is not None
        change = a_random_change(dice, action)
        if change is not None:
            outcome = dice.pick(Outcome.APPLIED, Outcome.APPLIED, Outcome.FAILED)
            log.append(an_entry(number + 1, change, outcome=outcome))
            states.append(state_after(states[-1], change) if outcome is Outcome.APPLIED else states[-1])
    return states, log


def carried_out(state: AccountState, changes: Sequence[Change]) -> tuple[AccountState, list[ChangeLogEntry]]:
    """In the order of a plan, each change finding what it expects."""
    plan = make_plan(an_account(), state, changes, Past(managed=frozenset(IDS)), now=NOW, number=1, origin="rollback")
    log = []
    for number, planned in enumerate(plan.changes, start=100):
        change = planned.change
        action = state.action(change.object_id)
        assert action is not None
        assert change.before == fields(**{name: getattr(action, name) for name, _ in change.before or ()})
        assert change.update_mask()
        state = state_after(state, change)
        log.append(an_entry(number, change))
    return state, log


@LAWS
@given(thrown(80), st.integers(0, 8))
def test_a_stretch_taken_back_leaves_what_stood_before_it(dice: Dice, since: int) -> None:
    states, log = lived(dice)
    since = min(since, len(log))
    changes, left = net_rollback(log[since:])
    assert left == ()
    back, made = carried_out(states[-1], changes)
    assert back == replace(states[since], as_of=back.as_of)
    again, _ = net_rollback(made)
    assert carried_out(back, again)[0] == states[-1]


@LAWS
@given(thrown(80))
def test_each_object_and_field_is_moved_once_and_only_where_it_moved(dice: Dice) -> None:
    states, log = lived(dice)
    changes, _ = net_rollback(log)
    moved = [(c.object_id, name) for c in changes for name, _ in c.after or ()]
    flags = [pair for pair in moved if pair[1] != "primary_for_goal"]
    assert len(flags) == len(set(flags))
    assert net_rollback([e for e in log if e.outcome is Outcome.FAILED]) == ((), ())
    if states[-1] == states[0]:
        assert carried_out(states[-1], changes)[0] == states[0]
