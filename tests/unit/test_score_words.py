"""What `adsync score` says: nothing that its own table, or its next sentence, contradicts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from adsync.model.evidence import Interval, Verdict
from adsync.model.exposure import LogSummary
from adsync.model.patterns import Gain
from adsync.model.score import Score, ScoreReport
from adsync.model.stability import Drift, Span, Turn
from adsync.model.tier import AccountScores, TierScore
from adsync.render.account_scores import account_lines
from adsync.render.journeys import log_facts
from adsync.render.score import score_lines
from adsync.render.stability import drift_lines
from adsync.score.pace import not_enough_yet

LAST = datetime(2026, 3, 2, 1, tzinfo=UTC)
SOME = Interval(0.2, 0.1, 0.3)


def a_score(event: str, verdict: Verdict = Verdict.GOOD, **different: Any) -> Score:
    values: dict[str, Any] = {
        "event": event, "exposed": 400, "converted": 80, "p": SOME, "lift": Interval(4.0, 3.0, 5.0), "lift_day": None,
        "risk_difference": None, "naive_lift": 9.0, "q": 0.01, "coverage": 0.5, "overlap": 0.9, "volume_30d": 50.0,
        "announces": 10.0, "grade": "A", "verdict": verdict, "because": "Because.",
    }  # fmt: skip
    return Score(**{**values, **different})


def a_report(*scores: Score, labels: tuple[str, ...] = (), **different: Any) -> ScoreReport:
    log = LogSummary(
        rows=100, names={"purchase": 9}, excluded={}, visitors=90, first=datetime(2025, 1, 1, tzinfo=UTC), last=LAST,
        files=1, form="flat log", lively_until=LAST.date(), labels=dict.fromkeys(labels, ("a", "b")),
    )  # fmt: skip
    report = ScoreReport(
        macro="purchase", level=0.95, horizon_days=30, as_of=LAST, mature_until=date(2026, 1, 31), log=log, visitors=90,
        buyers=9, volume_30d=9.0, base_share=SOME, scores=scores, compared_with=(), left_out=(), notes=(),
    )  # fmt: skip
    return replace(report, **different)


def said(report: ScoreReport) -> str:
    return _printed(score_lines(report))


def _printed(lines: Any) -> str:
    out = Console(record=True, width=200, file=StringIO())
    for line in lines:
        out.print(line)
    return " ".join(out.export_text().split())


def a_drift(turn: Turn = Turn.STEADY) -> Drift:
    span = Span(first=date(2026, 1, 1), last=date(2026, 1, 28), exposed=100, converted=20, p=SOME)
    return Drift(turn=turn, q=0.5, now=span, before=span, because="It falls.")


def test_an_experiment_is_not_the_only_thing_where_columns_would_help() -> None:
    assert "An experiment tells more: whether making more visitors do it brings more sales." in said(
        a_report(a_score("a"))
    )
    assert "With campaigns and devices in the log activity would be judged by them as well." in said(
        a_report(a_score("a"))
    )
    assert "Only an experiment" not in said(a_report(a_score("a"))) and "So do" not in said(a_report(a_score("a")))
    assert "in the log activity" not in said(a_report(a_score("a"), labels=("campaign", "device")))


def test_nobody_is_said_to_have_enough_below_a_table_of_not_enough() -> None:
    few = a_score("a", Verdict.NOT_ENOUGH, drift=a_drift())
    assert [*drift_lines(a_report(few))] == []
    assert "Asked of 2 candidates" in " ".join(drift_lines(a_report(few, a_score("b", drift=a_drift()))))
    alarm = a_score("a", Verdict.NOT_ENOUGH, drift=a_drift(Turn.FALLS))
    assert "It falls." in " ".join(drift_lines(a_report(alarm)))


def test_what_is_together_says_of_what_and_in_which_unit() -> None:
    gains = (Gain(event="a", added=19.2, error=1, alone=19.2), Gain(event="b", added=0.5, error=0.1, alone=0.2))
    assert (
        "How much they tell of who will buy, taken together: a 19.2, b adds 0.5 to those before it (known by itself 0.2), c "
        "nothing certain. Only for comparing them: twice the number tells twice as much."
    ) in said(a_report(a_score("a"), a_score("b"), a_score("c"), gains=gains))


def test_what_stands_beside_the_tables_lift_and_an_empty_cell_are_explained_where_they_occur() -> None:
    day = said(a_report(a_score("a", because="20 % go on to buy; within a day 7.0 times as many.")))
    assert 'Lift in the table is of the 30 days after it, "within a day" of the one day after it' in day
    empty = said(a_report(a_score("a", naive_lift=None)))
    assert "Naive is empty where nobody did purchase without it" in empty
    assert "of the one day" not in empty and "Naive is empty" not in day
    assert "Naive is empty" not in said(a_report(a_score("a", naive_lift=None, coverage=0.0)))


def test_a_lift_says_with_whom_it_compares_where_one_is_shown() -> None:
    who = "who never does it may buy far more rarely than the lift says"
    assert who in said(a_report(a_score("a"))) and who in said(a_report(a_score("a", Verdict.NOT_BETTER)))
    assert who not in said(a_report(a_score("a", Verdict.NOT_ENOUGH), a_score("b", lift=None)))


@pytest.mark.parametrize(
    ("lift", "is_shown"),
    [
        (Interval(0.0, 0.0, 93_254.93), False),
        (Interval(0.7, 0.01, 11.6), False),
        (Interval(0.0, 0.0, 9.9), True),
        (Interval(39.96, 10.83, 147.41), True),
    ],
)
def test_a_lift_of_which_anything_may_be_true_is_not_in_the_tables(lift: Interval, is_shown: bool) -> None:
    of_log = said(a_report(a_score("a"), a_score("b", Verdict.NOT_ENOUGH, lift=lift)))
    tier = AccountScores(
        account="shop",
        macro="purchase",
        as_of=LAST.date(),
        scores=(replace(a_tier(Verdict.NOT_ENOUGH, None), lift=lift),),
    )
    assert (f"{lift.point:.2f} {lift.low:.2f}-{lift.high:.2f}" in of_log) == is_shown
    assert (f"{lift.low:.1f}-{lift.high:.1f}" in _printed(account_lines(tier))) == is_shown


def test_a_good_candidate_of_which_no_number_is_sure_announces_none_rather_than_nought() -> None:
    both = said(a_report(a_score("a"), a_score("form_start", announces=0.2)))
    assert "at least: a 10 purchases, form_start no number that is certain." in both
    assert "at least: nothing that is certain." in said(a_report(a_score("form_start", announces=0.0)))
    day = a_score("form_start", announces=0.0, lift=Interval(1.6, 0.8, 3.0), lift_day=Interval(7.1, 6.0, 8.4))
    assert "nothing that is certain; form_start is good by what follows within a day." in said(a_report(day))
    assert "within a day" not in said(a_report(replace(day, lift=Interval(4.0, 3.0, 5.0), announces=10.0)))


def test_what_grade_a_cannot_know_is_said_in_one_breath() -> None:
    said_once = said(a_report(a_score("a")))
    assert said_once.count("equally active visitors") == 1 and "Grade A. From single events" in said_once


def test_what_is_left_out_of_a_log_takes_one_line_with_the_most_first() -> None:
    report = a_report(a_score("a"))
    log = replace(report.log, excluded={"no_visitor": 1, "future": 0, "machine": 11_000})
    shown = said(replace(report, log=log))
    line = "Left out: 11,000 events of visitors with more than 10,000 events: machines; 1 event without a visitor id ("
    assert line in shown and shown.count("Left out") == 1 and "future" not in shown
    assert log_facts(log)[1].startswith(line) and len(log_facts(log)) == 2 and len(log_facts(report.log)) == 1


def test_the_days_of_a_log_are_those_of_utc() -> None:
    assert "2025-01-01 to 2026-03-02 (UTC)." in said(a_report(a_score("a")))


def a_tier(verdict: Verdict, up_to: float | None) -> TierScore:
    return TierScore(
        event="scroll", exposed=400, converted=9, p=SOME, lift=None, risk_difference=None, q=None, coverage=None,
        volume_30d=None, announces=None, grade="B", verdict=verdict, because="Because.", cannot_know="", raised_by="",
        helps_up_to=up_to,
    )  # fmt: skip


def test_only_a_good_candidate_is_said_to_help() -> None:
    def told(verdict: Verdict) -> str:
        return _printed(
            account_lines(AccountScores(account="shop", macro="purchase", as_of=None, scores=(a_tier(verdict, 9.0),)))
        )

    assert "Of help to a device or channel until it has so many purchases: scroll 9." in told(Verdict.GOOD)
    assert "Of help" not in told(Verdict.NOT_BETTER)


@pytest.mark.parametrize(
    ("have", "need", "weeks", "wait"),
    [
        (1, 10, 30, " At this pace it takes more than five years."),
        (99, 100, 30, " At this pace about 1 more week."),
        (5, 10, 30, " At this pace about 30 more weeks."),
        (0, 10, 30, ""),
        (5, 10, 0, ""),
    ],
)
def test_how_long_it_takes_is_said_wherever_there_is_a_pace(have: int, need: int, weeks: float, wait: str) -> None:
    assert (
        not_enough_yet(((have, need, f"{have} went on"),), weeks)
        == f"Not enough yet: {have} went on, {need} are needed.{wait}"
    )
