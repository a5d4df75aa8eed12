"""Replayed histories whose story is known: what would have been changed, why, and how rules compare."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from io import StringIO

from rich.console import Console

from adsync.backtest.counts import Counts, nights_of
from adsync.backtest.run import Case, backtest, with_demand
from adsync.backtest.span import nights_to_replay
from adsync.decide.replay import Answers
from adsync.model.backtest import Backtest, Standstill
from adsync.model.freeze import Freeze
from adsync.model.policy import Policy
from adsync.model.volume import DailySeries
from adsync.model.window import Window
from adsync.render.backtest import backtest_lines, timeline
from adsync.render.backtest_chart import HELD, SAND, backtest_chart
from adsync.render.charts import WIDTH
from adsync.render.document import as_json

FIRST = date(2024, 1, 1)


def a_case(*levels: tuple[int, float], **different: object) -> Case:
    """Stretches of days at a level a month; a helper four times as frequent goes with it."""
    values = tuple(per_month / 30 for days, per_month in levels for _ in range(days))
    macro = DailySeries(FIRST, values)
    counts = Counts(columns={"macro": macro, "micro": DailySeries(FIRST, tuple(4 * value for value in values))})
    nights = nights_of(counts, nights_to_replay(Policy(), macro.first, macro.last + timedelta(days=1)))
    return replace(Case(source="counts.csv", macro="conversion", nights=nights, policy=Policy()), **different)  # type: ignore[arg-type]


RISE_AND_FALL = ((120, 60.0), (120, 60.0), (150, 6.0))


def test_a_helper_goes_on_the_third_check_and_comes_back_after_a_fall_with_the_sentences_of_the_night() -> None:
    found = backtest(a_case(*RISE_AND_FALL))
    down, up = found.changes
    assert (down.verb, up.verb) == ("demote", "restore")
    assert down.date == found.replayed.first + timedelta(days=14)
    assert (down.helpers, down.helpers_primary) == (("helper 1",), 0)
    assert (up.helpers, up.helpers_primary) == (("helper 1",), 1)
    assert "168 conversions in the last 12 weeks; 100 are needed" in down.because
    assert "Shown on 3 weekly checks in a row" in down.because
    assert "conversions in the last four weeks" in up.because
    ours = found.rules[0]
    assert (ours.retirements, ours.returns) == ((down.date,), (up.date,))
    assert ours.without_helpers == (Window(down.date, up.date - timedelta(days=1)),)
    assert (ours.sustained, ours.judged) == (1, 1)


def test_the_nights_carry_their_decisions_and_numbers_where_evidence_was_weighed() -> None:
    found = backtest(a_case(*RISE_AND_FALL))
    assert [night.date for night in found.nights] == list(found.replayed)
    weighed = [n for n, night in enumerate(found.nights) if night.counted is not None]
    assert weighed == list(range(0, len(found.nights), 7))
    first = found.nights[0]
    assert (first.verdict, first.helpers_primary, first.counted, first.needed) == ("keep", 1, 168.0, 100)
    assert {night.verdict for night in found.nights} == {"keep", "demote", "restore"}


def test_helpers_go_one_by_one_and_come_back_together() -> None:
    found = backtest(a_case(*RISE_AND_FALL, helpers=2))
    assert [(c.verb, c.helpers, c.helpers_primary) for c in found.changes] == [
        ("demote", ("helper 1",), 1),
        ("demote", ("helper 2",), 0),
        ("restore", ("helper 1", "helper 2"), 2),
    ]


def test_a_person_who_takes_nine_days_is_waited_for() -> None:
    at_once, later = backtest(a_case(*RISE_AND_FALL)), backtest(a_case(*RISE_AND_FALL, answers=Answers.of((), 9)))
    assert later.changes[0].date == at_once.changes[0].date + timedelta(days=9)
    assert "Shown on" in later.changes[0].because


def test_a_second_retirement_within_a_year_is_shown_as_left_to_a_person_once() -> None:
    found = backtest(a_case(*RISE_AND_FALL, (240, 60.0)))
    assert [c.verb for c in found.changes] == ["demote", "restore"]
    (left,) = found.proposals
    assert (left.verb, left.helpers, left.helpers_primary) == ("demote", ("helper 1",), 0)
    assert "this time a person decides" in left.because
    assert found.nights[-1].helpers_primary == 1


def test_where_nothing_changes_the_last_sentence_says_why() -> None:
    found = backtest(a_case((200, 15.0)))
    assert found.changes == ()
    assert found.stands.startswith("Helpers stay. 42 conversions in the last 12 weeks; 100 are needed")
    assert "No change. Helpers stay." in shown(found)


def test_days_that_are_regretted_are_counted_from_what_the_thirty_days_before_had() -> None:
    naive = backtest(a_case((130, 45.0), (100, 0.0))).rules[1]
    # 45 a month from the first night on: no helper; 30 days fall under 30 after ten empty ones, and under 20 after 17.
    assert naive.retirements == (date(2024, 4, 8),)
    assert naive.returns == (FIRST + timedelta(days=130 + 11),)
    assert naive.starved_days == 0 and naive.spare_days == 0
    ours = backtest(a_case((400, 60.0))).rules[0]
    assert ours.spare_days == 14, "the nights before the third check"


def test_a_retirement_whose_sixty_days_are_not_over_is_not_judged() -> None:
    ours = backtest(a_case((150, 60.0))).rules[0]
    assert (len(ours.retirements), ours.judged) == (1, 0)
    assert "- (1 not over)" in shown(backtest(a_case((150, 60.0))))


def test_a_lower_demand_line_takes_the_return_line_with_it() -> None:
    assert with_demand(Policy(), 24).return_per_30_days == 16
    assert with_demand(Policy(), 50).return_per_30_days == 20
    rows = {row.demand: row for row in backtest(a_case(*RISE_AND_FALL, policy=with_demand(Policy(), 35))).sensitivity}
    assert sorted(rows) == [25, 30, 35, 40, 50]
    assert rows[25].changes == 2 and rows[25].first_retirement is not None
    assert rows[25].return_line == 16.67


def test_a_fast_tag_holds_and_the_hold_is_in_the_timeline() -> None:
    case = a_case((250, 30.0))
    macro = next(iter(case.nights.values())).watched.macro
    twice = replace(macro, values=(*macro.values[:180], *[3.0] * 20, *macro.values[200:]))
    nights = {on: replace(k, watched=replace(k.watched, macro=twice)) for on, k in case.nights.items()}
    (held,) = backtest(replace(case, nights=nights)).held
    assert FIRST + timedelta(days=180) < held.first < held.last < FIRST + timedelta(days=240)
    assert "rose" in held.because and f"held until {held.last}" in shown(backtest(replace(case, nights=nights)))
    until = {on: known for on, known in nights.items() if on <= held.first + timedelta(days=1)}
    assert "still held" in shown(backtest(replace(case, nights=until)))


def test_a_hold_of_one_night_is_said_of_that_night() -> None:
    found = backtest(a_case((150, 60.0)))
    first = found.replayed.first
    whats = {
        last: [e.what for e in timeline(replace(found, held=(Standstill(first=first, last=last, because="because"),)))]
        for last in (first, first + timedelta(days=1), found.replayed.last)
    }
    assert [said[0] for said in whats.values()] == [
        "held this night",
        f"held until {first + timedelta(days=1)}",
        "still held",
    ]


def test_the_tables_line_up_and_fit_a_narrow_terminal() -> None:
    found = backtest(a_case(*RISE_AND_FALL))
    for width in (80, 140):
        lines = shown(found, width).splitlines()
        assert all(len(line) <= width for line in lines)
    numbers = [line for line in lines if line.startswith(("Retirements ", "Returns ", "Changes a year"))]
    assert len({len(line.rstrip()) for line in numbers}) == 1
    assert lines[-1].startswith("Nothing here says what sales would have been")


def test_the_document_has_the_promised_keys() -> None:
    data = json.loads(as_json(backtest(a_case(*RISE_AND_FALL))))["data"]
    assert set(data["changes"][0]) == {"date", "verb", "helpers", "helpers_primary", "because"}
    assert set(data["nights"][0]) >= {
        "date",
        "verdict",
        "helpers_primary",
        "counted",
        "needed",
        "because",
        "approximate",
    }
    assert data["nights"][1]["counted"] is None
    assert [rule["name"] for rule in data["rules"]] == ["adsync", "30 in the last 30 days", "40/20, three checks"]


def shown(found: Backtest, width: int = 140) -> str:
    terminal = Console(width=width, record=True, file=StringIO())
    for line in backtest_lines(found):
        terminal.print(line)
    return terminal.export_text()


def test_the_chart_shades_each_held_stretch_and_names_the_shade() -> None:
    case = a_case((300, 60.0))
    season = Freeze(days=Window(FIRST + timedelta(days=150), FIRST + timedelta(days=170)))
    held = backtest(replace(case, policy=Policy(freezes=(season,))))
    assert [(each.first, each.last) for each in held.held] == [(season.days.first, season.days.last)]
    drawn = backtest_chart(held)
    assert drawn.count(SAND) > backtest_chart(backtest(case)).count(SAND) == 0
    assert HELD in drawn and HELD not in backtest_chart(backtest(case))
    one, other = (float(x) for x in re.findall(rf'd="M([\d.]+),[\d.]+h([\d.]+)[^"]*" fill="{SAND}"', drawn)[0])
    share = len(season.days) / ((held.days.last - held.weeks[0].first).days + 1)
    assert one > 0 and abs(other / WIDTH - share) < 0.005, "as wide as its nights"
