"""Which events are steps on the way to the macro where their names say nothing; and what is counted for it."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from adsync.journeys import Journey, channels_of, funnel_of
from adsync.model.funnel import VISITORS, FunnelCount, Order
from adsync.model.lead_up import Done, LeadUp
from adsync.model.segment import EVERYBODY
from adsync.score.steps import (
    ENOUGH_BUYERS,
    MOST_STEPS,
    in_order_of_log,
    is_one_step,
    may_be_one,
    parts_of_macro,
    steps_in,
)
from adsync.wiring import event_log
from tests.journeys import a_time, event, write_log


def done(days: int, buyers: int, lead_seconds: float = 60.0) -> Done:
    return Done(days=days, buyers=buyers, lead_seconds=lead_seconds)


def found(buyers: int = 100, **by_name: Done) -> LeadUp:
    return LeadUp(days=1_000, buyers=buyers, by_name=by_name)


@pytest.mark.parametrize(
    ("one", "is_step"),
    [
        (done(days=250, buyers=50), True),
        (done(days=251, buyers=50), False),  # Less than twice as often as on other days.
        (done(days=100, buyers=49), False),  # Less than half of the buyers.
        (done(days=1_000, buyers=100), False),  # What everybody does every day.
        (done(days=0, buyers=0), False),
    ],
)
def test_a_step_is_done_by_half_of_the_buyers_and_twice_as_often_as_usual(one: Done, is_step: bool) -> None:
    assert steps_in(found(own=one), (), ["own"]) == (("own",) if is_step else ())


def test_steps_stand_in_the_order_in_which_buyers_take_them() -> None:
    log = found(pay=done(200, 90, 30.0), add_to_cart=done(300, 20, 300.0), ship=done(250, 90, 120.0))
    assert steps_in(log, ["add_to_cart"], ["pay", "ship"]) == ("add_to_cart", "ship", "pay")
    assert steps_in(log, ["add_to_cart"], []) == ("add_to_cart",)


def test_only_the_clearest_steps_are_taken_and_few_buyers_show_no_habit() -> None:
    many = {f"step{n}": done(100 + n, 90, float(n)) for n in range(9)}
    assert steps_in(LeadUp(days=1_000, buyers=100, by_name=many), (), sorted(many)) == tuple(
        f"step{n}" for n in reversed(range(MOST_STEPS))
    )
    assert steps_in(found(buyers=ENOUGH_BUYERS - 1, own=done(10, 19)), (), ["own"]) == ()
    assert steps_in(found(buyers=ENOUGH_BUYERS, own=done(10, 19)), (), ["own"]) == ("own",)


@pytest.mark.parametrize(
    ("one", "is_part"),
    [
        (done(days=100, buyers=95), True),
        (done(days=101, buyers=95), False),  # More than one in twenty goes no further.
        (done(days=100, buyers=94), False),
        (done(days=99, buyers=95), False),  # Fewer than scores ask for.
    ],
)
def test_what_nearly_all_buyers_did_and_hardly_anybody_else_is_the_macro_by_another_name(
    one: Done, is_part: bool
) -> None:
    log = LeadUp(days=1_000, buyers=100, by_name={"own": one})
    assert parts_of_macro(log, ["own"], 200) == (("own",) if is_part else ())
    # Where most visitors buy, all that they do would be the macro.
    assert parts_of_macro(log, ["own"], 199) == ()


def test_a_twin_of_the_macro_is_no_step_and_no_micro_and_said(tmp_path: Path) -> None:
    monday = date(2026, 6, 1)
    rows = [event(f"w{n}", a_time(monday, 60 * n), "look", channel="Search") for n in range(150)]
    for n in range(120):
        for seconds, name in enumerate(("look", "own_step", "order_sent", "paid")):
            if name != "own_step" or n % 4:
                rows.append(event(f"v{n}", a_time(monday, 60 * n + 14 * seconds), name, channel="Search"))
    with event_log([write_log(tmp_path / "log.csv", rows)]) as log:
        funnel, channels = funnel_of(log, Journey(macro="paid")), channels_of(log, Journey(macro="paid", by="channel"))
        named = funnel_of(log, Journey(macro="paid", steps=("order_sent",)))
    assert [step.event for step in funnel.steps] == [VISITORS, "own_step", "paid"]
    assert [credit.event for credit in channels.total.credits] == ["own_step", "paid"]
    said = "Left out is order_sent: paid by another name, for nearly all who did one did the other."
    assert funnel.log.notes[-1] == channels.log.notes[-1] == said
    assert [step.event for step in named.steps] == [VISITORS, "order_sent", "paid"] and not named.log.notes


def counted(*reached: int, seconds: float | None, in_any_order: int = 0) -> FunnelCount:
    medians = (None, 60.0, *(seconds for _ in reached[2:]))
    return FunnelCount(segment=EVERYBODY, reached=reached, median_seconds=medians, in_any_order=in_any_order)


@pytest.mark.parametrize(
    ("pair", "is_one"),
    [
        (counted(500, 100, 95, seconds=10.0, in_any_order=100), True),
        (counted(500, 100, 95, seconds=10.1, in_any_order=100), False),  # Not at the same moment.
        (counted(500, 100, 94, seconds=2.0, in_any_order=94), False),  # One goes no further.
        (counted(500, 100, 95, seconds=2.0, in_any_order=101), False),  # The other is done by others as well.
        (counted(500, 99, 99, seconds=2.0, in_any_order=99), False),  # Fewer than scores ask for.
        (counted(500, 100, 0, seconds=None, in_any_order=0), False),
    ],
)
def test_two_steps_that_nearly_all_do_at_the_same_moment_are_one(pair: FunnelCount, is_one: bool) -> None:
    assert is_one_step(pair) is is_one
    assert may_be_one(counted(500, 300, 285, 270, seconds=10.0)) == (False, True, False)
    assert may_be_one(counted(500, 300, 300, seconds=None)) == (False, False)


@pytest.mark.parametrize(
    ("truth", "steps"),
    [
        (["abcM"], "abc"),
        (["cbaM"], "cba"),
        (["bcaM"], "bca"),
        (["acMb"], "ac"),
        (["Mabc"], ""),
        (["M"], "abc"),  # of which nobody knows anything
        (["cab", "bcM"], "cab"),  # c and b before and after each other: no order between them
        (["ca", "ab"], "cab"),  # nobody does all, and the order follows all the same
        (["ab", "bc", "ca"], "abc"),  # a circle
        (["bc", "cb", "ba", "ca"], "bca"),  # what is behind one is not of it
        (["bc", "cd", "db", "ba", "ca", "da"], "bcda"),
    ],
)
def test_steps_stand_as_the_logs_visitors_take_them_where_these_are_clear(truth: list[str], steps: str) -> None:
    """Each way is that of 20 visitors."""
    came_first = Counter[tuple[str, str]]()
    for way in truth:
        for place, one in enumerate(way):
            came_first.update({(one, other): ENOUGH_BUYERS for other in way[place + 1 :]})
    both = {frozenset(pair): came_first[pair] + came_first[pair[::-1]] for pair in came_first}
    orders = {pair: Order(earlier=n, both=both[frozenset(pair)]) for pair, n in came_first.items()}
    known = "abcd" if "d" in steps else "abc"
    assert in_order_of_log(known, "M", orders) == tuple(steps)


@pytest.mark.parametrize(
    ("forth", "at_once", "back", "is_so"),
    [
        (0, 0, 20, True),
        (0, 0, 19, False),
        (10, 0, 90, True),
        (11, 0, 90, False),
        (90, 0, 90, False),
        (0, 11, 90, False),
        (0, 284, 112, False),
    ],
)
def test_an_order_is_another_one_where_nearly_all_take_it(forth: int, at_once: int, back: int, is_so: bool) -> None:
    both = forth + at_once + back
    orders = {("a", "b"): Order(earlier=forth, both=both), ("b", "a"): Order(earlier=back, both=both)}
    assert (in_order_of_log("ab", "M", orders) == ("b", "a")) is is_so


@pytest.mark.parametrize("late", ["view_item", "add_to_cart"])
def test_a_tag_that_came_later_than_the_others_turns_no_funnel_round(late: str, tmp_path: Path) -> None:
    """Visitors come every ten days and take all three steps each time; one tag comes on the 60th day, and is tried before."""
    names, rows = ("view_item", "add_to_cart", "purchase"), [event("try", a_time(date(2026, 6, 2)), late)]
    for visitor in range(60):
        for visit in range(9):
            at = a_time(date(2026, 6, 1) + timedelta(days=10 * visit + visitor % 10), 61 * visitor)
            sent = [(place, name) for place, name in enumerate(names) if name != late or visit >= 6]
            rows += [event(f"v{visitor}", at + timedelta(minutes=place), name, visit) for place, name in sent]
    for visitor in range(25):
        at = a_time(date(2026, 8, 20), 61 * visitor)
        rows += [event(f"new{visitor}", at + timedelta(minutes=place), name) for place, name in enumerate(names)]
    with event_log([write_log(tmp_path / "log.csv", rows)]) as log:
        funnel = funnel_of(log, Journey(macro="purchase"))
        came_first = log.came_first(names, log.summary.last)
    assert came_first["view_item", "add_to_cart"] == Order(earlier=25, both=25), "of those who began with both tags"
    assert came_first["add_to_cart", "view_item"] == Order(earlier=0, both=25)
    assert [step.event for step in funnel.steps] == [VISITORS, *names]
    assert not [note for note in funnel.log.notes if "order" in note or "Left out" in note]


def test_members_who_all_come_in_the_first_days_are_asked_where_no_tag_came_late(tmp_path: Path) -> None:
    rows = []
    for visitor in range(30):
        for day in range(0, 90, 9):
            at = a_time(date(2026, 6, 1) + timedelta(days=day + visitor % 3), 61 * visitor)
            rows += [event(f"v{visitor}", at + timedelta(minutes=k), name, day) for k, name in enumerate(("b", "a"))]
    with event_log([write_log(tmp_path / "log.csv", rows)]) as log:
        assert log.came_first(("a", "b"), log.summary.last)["b", "a"] == Order(earlier=30, both=30)


def test_first_times_of_one_moment_are_of_no_order(tmp_path: Path) -> None:
    rows = [event(f"v{n}", a_time(date(2026, 6, 1), 61 * n), name) for n in range(9) for name in ("a", "b")]
    rows += [
        event(f"w{n}", a_time(date(2026, 6, 1), 61 * n + k), name) for n in range(4) for k, name in enumerate("ba")
    ]
    with event_log([write_log(tmp_path / "log.csv", rows)]) as log:
        assert log.came_first(("a", "b"), log.summary.last) == {
            ("a", "b"): Order(earlier=0, both=13),
            ("b", "a"): Order(earlier=4, both=13),
        }


def test_where_the_catalogues_order_is_not_the_logs_the_logs_is_taken_and_said(tmp_path: Path) -> None:
    """A trial before the tour, which the catalogue has first, and colleagues who are invited by those who pay."""
    way, rows = ("view_pricing", "start_trial", "tutorial_begin", "purchase", "invite_member"), list[str]()
    for n in range(150):
        for place, name in enumerate(way[: 5 if n < 30 else 4 if n < 40 else 3]):  # 40 pay
            rows.append(event(f"v{n}", a_time(date(2026, 6, 1), 61 * n + 121 * place), name, channel="Search"))
    # Who comes again does not turn it.
    rows += [event(f"v{n}", a_time(date(2026, 6, 2), n), "view_pricing", 2, channel="Search") for n in range(90)]
    with event_log([write_log(tmp_path / "log.csv", rows)]) as log:
        asked = Journey(macro="purchase", by="channel")
        funnel, channels = funnel_of(log, asked), channels_of(log, asked)
        assert log.came_first(("purchase", "invite_member"), log.summary.last) == {
            ("purchase", "invite_member"): Order(earlier=30, both=30),
            ("invite_member", "purchase"): Order(earlier=0, both=30),
        }
        assert log.came_first(("purchase", "invite_member"), log.summary.first) == {}
    assert [step.event for step in funnel.steps] == [VISITORS, *way[:4]]
    assert [step.visitors for step in funnel.steps] == [150, 150, 150, 150, 40]
    assert [credit.event for credit in channels.total.credits] == [*way[:4]]
    said = (
        "The order of the steps is the log's, not the catalogue's, where nearly all visitors keep to one. Left out is "
        "invite_member: nearly all who did it and purchase did it afterwards."
    )
    assert funnel.log.notes == (f"{said} --steps names others.",)
    assert channels.log.notes == (f"{said} --micros names others.",)


@pytest.mark.parametrize("names", [("own_trial", "own_trial_server"), ("start_trial", "own_trial_server")])
def test_a_step_that_is_the_next_one_by_another_name_is_left_out_and_said(
    names: tuple[str, str], tmp_path: Path
) -> None:
    monday = date(2026, 6, 1)
    rows = [event(f"w{n}", a_time(monday, 60 * n), "look", channel="Search") for n in range(150)]
    for n in range(120):
        for seconds, name in zip((0, 40, 42, 200), ("look", *names, "paid"), strict=True):
            if name != "paid" or n % 2:
                rows.append(event(f"v{n}", a_time(monday, 60 * n + seconds), name, channel="Search"))
    with event_log([write_log(tmp_path / "log.csv", rows)]) as log:
        funnel, channels = funnel_of(log, Journey(macro="paid")), channels_of(log, Journey(macro="paid", by="channel"))
    # Of two names the catalogue's stays, else the later one.
    kept, left = names if names[0] == "start_trial" else reversed(names)
    assert [step.event for step in funnel.steps] == [VISITORS, kept, "paid"]
    assert [credit.event for credit in channels.total.credits] == [kept, "paid"]
    said = f"Left out is {left}: {kept} by another name, for nearly all who did one did the other within seconds."
    assert said in funnel.log.notes
    assert (said in channels.log.notes) == (kept == "own_trial_server")  # else channels look for no others


@pytest.mark.parametrize(
    ("buyers", "says"),
    [(30, "nor was any other one done by half or more of those who did paid"), (5, "5 visitors who did")],
)
def test_a_funnel_without_a_step_says_what_was_looked_for_and_how_to_name_some(
    buyers: int, says: str, tmp_path: Path
) -> None:
    monday = date(2026, 6, 1)
    rows = [event(f"v{n}", a_time(monday, n), "demo_requested", channel="Search") for n in range(60)]
    rows += [event(f"v{n}", a_time(monday + timedelta(days=3), n), "paid", 2, channel="Search") for n in range(buyers)]
    with event_log([write_log(tmp_path / "log.csv", rows)]) as log:
        (funnel,) = (n for n in funnel_of(log, Journey(macro="paid")).log.notes if "catalogue knows none" in n)
        (channels,) = channels_of(log, Journey(macro="paid", by="channel")).log.notes
    assert says in funnel and funnel.endswith("Name the steps, early to late: --steps EVENT,EVENT")
    assert channels == funnel.replace("--steps", "--micros")


def test_where_the_way_takes_longer_than_a_quarter_of_the_period_it_is_said(tmp_path: Path) -> None:
    """Of each day's demo a contract 12 days later; the period sees the way as long as it is, or not at all."""
    first = date(2026, 3, 1)
    rows = []
    for n in range(84):
        rows.append(event(f"v{n}", a_time(first + timedelta(days=n)), "demo", 1))
        rows.append(event(f"v{n}", a_time(first + timedelta(days=n + 12)), "contract", 2))

    def notes(days: int) -> list[str]:
        with event_log([tmp_path / "log.csv"]) as log:
            asked = Journey(macro="contract", steps=("demo",), days=days, as_of=date(2026, 5, 23))
            return [note for note in funnel_of(log, asked).log.notes if "visitors take" in note]

    write_log(tmp_path / "log.csv", rows)
    for days in (10, 28, 47):
        (said,) = notes(days)
        assert said.startswith(
            f"From Demo to Contract visitors take about 12 days, and counted are {days} days: who began late"
        )
        assert said.endswith("So the shares are too low; --days 48 counts more of them.")
    assert notes(48) == []


def test_what_is_counted_before_the_macro(tmp_path: Path) -> None:
    """By hand: the first macro counts, a day back from it, all but its last ten seconds; an hour of lead at most."""
    monday, tuesday = date(2026, 6, 1), date(2026, 6, 2)
    rows = [
        event("a", a_time(monday, 0), "look"),
        event("a", a_time(monday, 7_200), "look"),
        event("a", a_time(monday, 9_000), "pay"),
        event("a", a_time(monday, 9_195), "receipt"),
        event("a", a_time(monday, 9_200), "order"),
        event("a", a_time(tuesday, 0), "pay"),
        event("a", a_time(tuesday, 60), "order"),
        event("b", a_time(monday, 0), "look"),
        event("b", a_time(monday + timedelta(days=2), 1), "order"),
        event("c", a_time(tuesday, 0), "look"),
    ]
    with event_log([write_log(tmp_path / "log.csv", rows)]) as log:
        told = log.lead_up("order", log.summary.last)
        early = log.lead_up("order", log.summary.first)
    assert (told.days, told.buyers) == (5, 2)
    assert told.by_name == {
        "look": Done(days=3, buyers=1, lead_seconds=3_600.0),
        "pay": Done(days=2, buyers=1, lead_seconds=200.0),
        "receipt": Done(days=1, buyers=0, lead_seconds=0.0),
    }
    assert (early.days, early.buyers) == (2, 0)


def test_what_begins_every_visit_and_what_strays_did_is_no_step(tmp_path: Path) -> None:
    rows = [event("stray", a_time(date(2020, 1, 1), 0), "begin_checkout")]
    for n in range(30):
        rows += [
            event(f"v{n}", a_time(date(2026, 6, 1), 600 * n), "first_visit"),
            *(event(f"v{n}", a_time(date(2026, 6, 1 + day), 600 * n), "look") for day in range(4)),
            event(f"v{n}", a_time(date(2026, 6, 1), 600 * n + 60), "own_step"),
            event(f"v{n}", a_time(date(2026, 6, 1), 600 * n + 120), "paid"),
        ]
    rows += [event(f"w{n}", a_time(date(2026, 6, 1 + n % 9), n), "look") for n in range(300)]
    with event_log([write_log(tmp_path / "log.csv", rows)]) as log:
        funnel = funnel_of(log, Journey(macro="paid"))
    assert [step.event for step in funnel.steps] == [VISITORS, "own_step", "paid"]
    assert "own_step" in funnel.log.notes[-1] and "--steps names others" in funnel.log.notes[-1]
