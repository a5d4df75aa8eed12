"""The scores of event logs, from files to the report, on made-up sites whose truth is known."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from adsync.backtest.run import with_demand
from adsync.events.duckdb_engine import DuckDBEngine
from adsync.events.files import find_files
from adsync.events.loading import load
from adsync.events.patterns import macro_value
from adsync.events.reading import read_files
from adsync.model.activity import DAY_MICROS, HORIZONS
from adsync.model.channel import TouchQuestion
from adsync.model.condition import Condition, conditions
from adsync.model.evidence import Verdict
from adsync.model.exposure import Question
from adsync.model.patterns import LANDMARKS
from adsync.model.policy import Policy
from adsync.model.score import ScoreReport
from adsync.render.score import score_lines
from adsync.score.activity import fit_activity
from adsync.scoring import Asked, score_log
from adsync.wiring import event_log
from tests.event_worlds import MACRO, World, draw, write_csv, write_parquet
from tests.journeys import a_time, event, write_log


def scored(world: World, folder: Path, asked: Asked | None = None) -> ScoreReport:
    path = folder / "events.parquet"
    write_parquet(world, path)
    asked = asked or Asked(macro=world.macro, candidates=tuple(Condition(event=name) for name in world.candidates))
    with event_log([path], world.macro, asked.candidates) as log:
        return score_log(log, asked, Policy())


def test_planted_helpers_are_found_in_their_order_and_nothing_else_is(tmp_path: Path) -> None:
    world = draw("planted helpers", seed=3)
    report = scored(world, tmp_path)
    good = [s.event for s in report.scores if s.verdict is Verdict.GOOD]
    assert good == list(world.helpers)
    (after,) = [s for s in report.scores if s.event in world.after]
    assert after.verdict is Verdict.AFTER_MACRO and after.exposed == 0 and after.lift is None


@pytest.mark.parametrize("regime", ["busy and idle", "loyal", "bots"])
def test_where_nothing_announces_anything_nothing_is_called_good(regime: str, tmp_path: Path) -> None:
    world = draw(regime, seed=1)
    report = scored(world, tmp_path)
    assert not [s.event for s in report.scores if s.verdict is Verdict.GOOD]
    naive = [s.naive_lift for s in report.scores if s.naive_lift is not None and s.event not in world.after]
    assert min(naive) > 1.2
    # Activity is said to be an explanation, and not to be the only one.
    busy = [s.because for s in report.scores if s.verdict is Verdict.NOT_BETTER and (s.naive_lift or 0) > 1.5]
    assert busy and all(because.endswith("which their activity may explain as well.") for because in busy)
    # Of one code: what is no better, and what nobody can tell.
    unsure = {s.event: s.cannot_tell for s in report.scores if s.verdict is Verdict.NOT_BETTER}
    said = {s.event: not s.because.startswith(("No better than ", "Only ")) for s in report.scores if s.event in unsure}
    assert said == unsure


def test_the_same_events_as_csv_say_the_same(tmp_path: Path) -> None:
    world = draw("planted helpers", seed=4, visitors=3_000)
    write_csv(world, tmp_path / "events.csv")
    asked = Asked(macro=world.macro)
    with event_log([tmp_path / "events.csv"], world.macro) as log:
        from_text = score_log(log, asked, Policy())
    assert from_text == scored(world, tmp_path, asked)


def test_conditions_are_counted_as_they_are_written(tmp_path: Path) -> None:
    world = draw("planted helpers", seed=5, visitors=2_000)
    asked = Asked(macro=world.macro, candidates=conditions("page_view*3,view_item*2/7d,60s,search"))
    counted = {score.event: score for score in scored(world, tmp_path, asked).scores}
    did = first_times(world, {"page_view*3": 3, "search": 1}) | {
        "view_item*2/7d": twice_within_a_week(world),
        "60s": after_a_minute(world),
    }
    last = world.columns["event_timestamp"].max()
    bought = first_times(world, {world.macro: 1})[world.macro]
    for name, times in did.items():
        ripe = {
            who: at
            for who, at in times.items()
            if at <= last - 30 * DAY_MICROS and bought.get(who, 1 << 62) - at > 10_000_000
        }
        assert counted[name].exposed == len(ripe), name
        assert counted[name].converted == sum(
            bought.get(who, 1 << 62) - at <= 30 * DAY_MICROS for who, at in ripe.items()
        )


def test_patterns_unions_and_segments_are_counted_as_loops_count_them(tmp_path: Path) -> None:
    world = draw("planted helpers", seed=6, visitors=1_500)
    path = tmp_path / "events.parquet"
    write_parquet(world, path)
    names = ("add_to_wishlist", "store_locator")
    with event_log([path], world.macro) as log:
        question = Question(
            macro=world.macro, candidates=names, horizon_days=14, as_of=log.summary.last, settling_days=0
        )
        answers = log.ask(question)
        activity = answers.activity()
        for horizon in HORIZONS:
            answers.rate(horizon, fit_activity(activity, horizon))
        counted, alone = answers.together(names), answers.plain()
    first = first_times(world, dict.fromkeys((*names, world.macro), 1))
    in_month: dict[tuple[str, int], set[str]] = {}
    newest = int(world.columns["event_timestamp"].max())
    oldest = int(world.columns["event_timestamp"].min())
    months = max(1, (newest - oldest + DAY_MICROS) // (30 * DAY_MICROS))
    for who, _, did, at in rows_of(world):
        if (month := (newest - at) // (30 * DAY_MICROS)) < months:
            in_month.setdefault((who, month), set()).add(did)
    counted_names = (*names, world.macro)
    patterns = Counter(sum((n in done) << place for place, n in enumerate(counted_names)) for done in in_month.values())
    assert counted.unions.names == counted_names
    counted_patterns = zip(counted.unions.pattern.tolist(), counted.unions.visitors.tolist(), strict=True)
    assert dict(counted_patterns) == {pattern: n for pattern, n in patterns.items() if pattern}
    plain = {name: sum(name in done for done in in_month.values()) for name in (*names, world.macro)}
    assert [asked.months for asked in alone.by_candidate.values()] == [plain[name] for name in names]
    assert alone.buyer_months == plain[world.macro]
    begun: dict[str, int] = {}
    for who, _, _, at in rows_of(world):
        begun.setdefault(who, at)
    last = int(world.columns["event_timestamp"].max()) - 14 * DAY_MICROS
    table = counted.landmarks
    for place, seconds in enumerate(LANDMARKS):
        found: Counter[tuple[int, bool]] = Counter()
        for who, start in begun.items():
            at = start + seconds * 1_000_000
            bought = first[world.macro].get(who, 1 << 62)
            if at <= last and bought > at:
                pattern = sum((first[name].get(who, 1 << 62) <= at) << n for n, name in enumerate(names))
                found[pattern, bought <= at + 14 * DAY_MICROS] += 1
        rows = table.landmark == place
        for pattern in range(4):
            mine = rows & (table.pattern == pattern)
            assert int(table.bought[mine].sum()) == found[pattern, True]
            assert int(table.visitors[mine].sum()) == found[pattern, True] + found[pattern, False]
    for name in names:
        assert sum(s.exposed for s in counted.segments[name]) == len(ripe(world, first, name, 14))


def ripe(world: World, first: dict[str, dict[str, int]], name: str, days: int) -> list[str]:
    """Who did an event before the macro and long enough ago."""
    last = int(world.columns["event_timestamp"].max()) - days * DAY_MICROS
    bought = first[world.macro]
    return [who for who, at in first[name].items() if at <= last and bought.get(who, 1 << 62) - at > 10_000_000]


def test_what_is_worth_bidding_on_is_said_with_its_worth(tmp_path: Path) -> None:
    world = draw("planted helpers", seed=3)
    macros = world.columns["event_name"] == world.macro
    refunds = macros & (np.cumsum(macros) % 3 == 0)
    columns = {**world.columns, "value": np.where(refunds, -80.0, np.where(macros, 80.0, np.nan))}
    report = scored(replace(world, columns=columns), tmp_path)
    assert report.gains[0].event == world.helpers[0]
    assert all(gain.added > 2 * gain.error for gain in report.gains)
    # 173 purchases in 30 days: enough alone for 30, and not for 300.
    assert report.selection is not None and report.selection.events == () and report.selection.reached
    assert [
        line for line in printed(report) if line.startswith("Worth, for information only, as no helper is needed: ")
    ]
    values = {worth.event: worth for worth in report.worths}
    assert set(values) == set(world.helpers)
    for worth in values.values():
        assert worth.value == pytest.approx(80 * worth.share, rel=0.06)
    told = f"{refunds.sum():,} {world.macro} values are 0 or below (refunds?) and not used in the mean."
    assert told in report.notes and told in printed(report)


def test_a_component_of_the_macro_is_left_out_and_a_step_that_some_leave_is_not(tmp_path: Path) -> None:
    """An order is sent a minute before it is confirmed; a form is filled by every buyer, and by some who then go."""
    ways = ["view", "view filled", "view filled sent purchase"]
    rows = [
        f"u{n},{1_780_000_000_000_000 + n * 7_200_000_000 + step * 60_000_000},{name}"
        for n in range(900)
        for step, name in enumerate(ways[0 if n % 3 else 1 + (n % 12 > 0)].split())
    ]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["user_pseudo_id,event_timestamp,event_name", *rows]))
    with event_log([path], "purchase") as log:
        report = score_log(log, Asked(macro="purchase", horizon_days=7), Policy())
    sent, filled = (next(s for s in report.scores if s.event == name) for name in ("sent", "filled"))
    assert (sent.p.point, sent.coverage) == (1.0, 1.0)
    assert sent.verdict is Verdict.DUPLICATE and "some time before it" in sent.because
    assert filled.coverage == 1.0 and filled.p.point == pytest.approx(0.75, abs=0.02)
    assert filled.verdict is not Verdict.DUPLICATE


def test_a_log_without_a_good_candidate_says_whether_one_is_needed(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = [
        f"u{n},{1_780_000_000_000_000 + n * 3_600_000_000},{name}" for n in range(60) for name in ("view", "purchase")
    ]
    path.write_text("\n".join(["user_pseudo_id,event_timestamp,event_name", *rows]))
    said = {}
    for demand in (30.0, 900.0):
        with event_log([path], "purchase") as log:
            report = score_log(log, Asked(macro="purchase", horizon_days=1), with_demand(Policy(), demand))
        assert report.worths == () and report.selection is not None
        (said[demand],) = [line for line in printed(report) if line.startswith("To bid on: ")]
    assert said[30.0].startswith("To bid on: purchase, ")
    assert "from ads or not; 39 are needed. The main conversion is frequent enough alone if 39 of them" in said[30.0]
    assert said[900.0].startswith("To bid on: nothing yet; purchase, ")
    assert "1,170 are needed. No candidate is good enough." in said[900.0]


def test_where_the_macro_has_stopped_nothing_is_chosen_until_it_is_known_why(tmp_path: Path) -> None:
    """Neither the macro, of which there was enough before, nor a helper; and that all of them announce less is no news."""
    world = draw("planted helpers", seed=4, visitors=4_000)
    stops = 1_000_000 * int(datetime(2026, 7, 15, tzinfo=UTC).timestamp())
    columns = world.columns
    stays = (columns["event_name"] != MACRO) | (columns["event_timestamp"] < stops)
    path = tmp_path / "a.csv"
    write_csv(replace(world, columns={name: column[stays] for name, column in columns.items()}), path)
    with event_log([path], MACRO) as log:
        report = score_log(log, Asked(macro=MACRO, horizon_days=7), with_demand(Policy(), 1.0))
        before = score_log(log, Asked(macro=MACRO, horizon_days=7, as_of=date(2026, 7, 14)), with_demand(Policy(), 1.0))
    assert report.selection is not None and not report.selection.reached and report.selection.events == ()
    assert report.selection.because == f"No {MACRO} has come since 2026-07-14: find out why first."
    assert report.worths == () and {score.drift for score in report.scores} == {None}
    assert before.selection is not None and before.selection.reached


def test_of_a_log_in_which_nobody_has_had_the_time_nothing_is_chosen(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = [f"u{n},{1_780_000_000_000_000 + n * 3_600_000_000},{e}" for n in range(60) for e in ("view", "purchase")]
    path.write_text("\n".join(["user_pseudo_id,event_timestamp,event_name", *rows]))
    with event_log([path], "purchase") as log:
        assert score_log(log, Asked(macro="purchase"), Policy()).selection is None


def test_a_stray_event_too_near_to_be_told_from_a_quiet_end_makes_no_old_log_young(tmp_path: Path) -> None:
    world = draw("planted helpers", seed=6, visitors=500)
    path = tmp_path / "events.csv"
    write_csv(world, path)
    with event_log([path]) as log:
        before = log.summary
    assert before.last.date() - before.lively_until <= timedelta(days=3)
    with path.open("a") as file:
        columns = path.read_text().splitlines()[0].split(",")
        late = {"user_id": "zz", "user_pseudo_id": "zz", "event_name": "page_view", "session_id": "zz"}
        late["event_timestamp"] = str(int((before.last + timedelta(days=8)).timestamp() * 1_000_000))
        file.write(",".join(late.get(column, "") for column in columns) + "\n")
    with event_log([path]) as log:
        assert (log.summary.last - before.last).days == 8 and log.summary.lively_until == before.lively_until


def test_a_campaign_that_is_not_set_is_none(tmp_path: Path) -> None:
    world = draw("planted helpers", seed=6, visitors=500)
    path = tmp_path / "events.csv"
    for nothing in ("", "(not set)"):
        campaign = np.where(world.columns["campaign_id"] == "c1", nothing, world.columns["campaign_id"])
        write_csv(replace(world, columns={**world.columns, "campaign_id": campaign}), path)
        with event_log([path]) as log:
            assert set(log.summary.labels["campaign"][2:]) == {"c2", "c3", "c4", "c5"}


def printed(report: ScoreReport) -> list[str]:
    out = Console(record=True, width=400, file=StringIO())
    for line in score_lines(report):
        out.print(line)
    return out.export_text().splitlines()


def test_on_an_earlier_day_nothing_later_is_known(tmp_path: Path) -> None:
    """Neither later visitors nor later values: the log that ends on that day says the same."""
    world = draw("planted helpers", seed=3)
    at = world.columns["event_timestamp"]
    day = datetime.fromtimestamp(int(at.min() + (at.max() - at.min()) * 2 // 3) / 1e6, UTC).date()
    end = int(datetime.combine(day + timedelta(days=1), time(), UTC).timestamp()) * 1_000_000
    value = np.where(world.columns["event_name"] == world.macro, np.where(at < end, 80.0, 500.0), np.nan)
    whole = replace(world, columns={**world.columns, "value": value})
    short = replace(world, columns={name: column[at < end] for name, column in whole.columns.items()})
    asked = Asked(macro=world.macro, candidates=tuple(Condition(event=name) for name in world.candidates), as_of=day)
    now, then = scored(whole, tmp_path, asked), scored(short, tmp_path, asked)
    assert (now.visitors, now.buyers, now.base_share) == (then.visitors, then.buyers, then.base_share)
    assert now.worths and now.worths == then.worths
    said = str(next(iter(score_lines(now))))
    assert f"By {day} {now.buyers:,} of {now.visitors:,} did {world.macro}" in said


def test_an_event_that_comes_later_is_no_candidate_on_an_earlier_day(tmp_path: Path) -> None:
    world = draw("planted helpers", seed=3)
    at, names = world.columns["event_timestamp"], world.columns["event_name"]
    day = datetime.fromtimestamp(int(at.min() + (at.max() - at.min()) * 2 // 3) / 1e6, UTC).date()
    end = int(datetime.combine(day + timedelta(days=1), time(), UTC).timestamp()) * 1_000_000
    names = np.where((at >= end) & np.isin(names, ["page_view", "scroll"]), "of_tomorrow", names)
    whole = replace(world, columns={**world.columns, "event_name": names})
    short = replace(world, columns={name: column[at < end] for name, column in whole.columns.items()})
    asked = Asked(macro=world.macro, as_of=day)
    now, then = scored(whole, tmp_path, asked), scored(short, tmp_path, asked)
    assert [score.event for score in now.scores] == [score.event for score in then.scores]
    assert [(score.lift, score.q) for score in now.scores] == [(score.lift, score.q) for score in then.scores]
    assert now.compared_with == then.compared_with


def test_sessions_that_bear_their_visitors_id_are_sessions_of_each_of_them(tmp_path: Path) -> None:
    """Some tables have one column that stands for both: then it is as if there were one long session for each visitor."""
    world = draw("planted helpers", seed=3, visitors=4_000)
    ids = world.columns["user_pseudo_id"]
    alone = replace(world, columns={**world.columns, "user_pseudo_id": ids, "session_id": ids})
    apart = replace(alone, columns={**alone.columns, "session_id": np.char.add(ids, " ")})
    one, other = (scored(w, tmp_path) for w in (alone, apart))
    assert [(s.event, s.lift, s.q) for s in one.scores] == [(s.event, s.lift, s.q) for s in other.scores]


def test_a_twin_of_the_macro_is_left_out_of_what_others_are_compared_with(tmp_path: Path) -> None:
    """An order that is sent half a minute before it is confirmed; asked about or not."""
    world = draw("planted helpers", seed=3, visitors=4_000)
    macro = world.columns["event_name"] == world.macro
    sent = {name: column[macro] for name, column in world.columns.items()}
    sent["event_name"] = np.full(int(macro.sum()), "order_submit")
    sent["event_timestamp"] = sent["event_timestamp"] - 30_000_000
    columns = {name: np.concatenate([column, sent[name]]) for name, column in world.columns.items()}
    twofold = replace(world, columns=columns)
    asked = Asked(
        macro=world.macro, candidates=tuple(Condition(event=name) for name in (*world.candidates, "order_submit"))
    )
    alone, beside = scored(world, tmp_path), scored(twofold, tmp_path)
    lifts = {s.event: s.lift.point for s in alone.scores if s.lift}
    # What lies in between has one event more before it.
    assert {s.event: s.lift.point for s in beside.scores if s.lift} == pytest.approx(lifts, rel=0.05)
    (twin,) = (s for s in scored(twofold, tmp_path, asked).scores if s.event == "order_submit")
    assert twin.verdict is Verdict.DUPLICATE and twin.lift is None


@pytest.mark.parametrize("odd", ["nan", "inf", "-inf", "1e308"])
def test_a_value_that_is_no_amount_of_money_is_none(odd: str, tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    rows = [f"u{n},{1_780_000_000_000_000 + n},purchase,{value}" for n, value in enumerate(["80", odd, odd, "80"])]
    path.write_text("\n".join(["user_pseudo_id,event_timestamp,event_name,value", *rows]))
    with DuckDBEngine([path]) as engine:
        log = load(engine, read_files(engine, find_files([path])), datetime.now(UTC), "purchase")
        value = macro_value(engine, log.events, log.code["purchase"])
    counted = {"nan": (0, 0), "-inf": (2, 0)}.get(odd, (0, 2))
    assert (value.mean, value.too_low, value.too_high) == (80.0, *counted)


def test_a_condition_that_is_an_event_by_another_name_is_a_duplicate(tmp_path: Path) -> None:
    world = draw("planted helpers", seed=3)
    pages = np.where(world.columns["event_name"] == "add_to_wishlist", "/wish", "/else")
    named = replace(world, columns={**world.columns, "page_location": pages})
    asked = Asked(macro=world.macro, candidates=conditions("add_to_wishlist[/wish],add_to_wishlist,60s"))
    verdicts = sorted(s.verdict for s in scored(named, tmp_path, asked).scores if s.event.startswith("add_to"))
    assert verdicts == [Verdict.DUPLICATE, Verdict.GOOD]


Rows = list[tuple[str, int, str, int]]


def rows_of(world: World) -> Rows:
    """Visitor, session, name and time, in order of time."""
    c = world.columns
    return sorted(
        zip(
            c["user_pseudo_id"].tolist(),
            c["session_id"].tolist(),
            c["event_name"].tolist(),
            c["event_timestamp"].tolist(),
            strict=True,
        ),
        key=lambda row: row[3],
    )


def first_times(world: World, nth: dict[str, int]) -> dict[str, dict[str, int]]:
    """When each visitor did an event for the nth time in a session, the name being what stands before a star."""
    found: dict[str, dict[str, int]] = {name: {} for name in nth}
    seen: Counter[tuple[str, int, str]] = Counter()
    for who, session, name, at in rows_of(world):
        seen[who, session, name] += 1
        for wanted, times in nth.items():
            if wanted.split("*")[0] == name and seen[who, session, name] == times:
                found[wanted].setdefault(who, at)
    return found


def twice_within_a_week(world: World) -> dict[str, int]:
    found: dict[str, int] = {}
    last: dict[str, int] = {}
    for who, _, name, at in rows_of(world):
        if name == "view_item":
            if who in last and at - last[who] <= 7 * DAY_MICROS:
                found.setdefault(who, at)
            last[who] = at
    return found


def after_a_minute(world: World) -> dict[str, int]:
    found: dict[str, int] = {}
    start: dict[tuple[str, int], int] = {}
    for who, session, _, at in rows_of(world):
        if at - start.setdefault((who, session), at) >= 60_000_000:
            found.setdefault(who, at)
    return found


def test_activity_tells_more_campaigns_apart_than_tables_name(tmp_path: Path) -> None:
    rows = [
        event(f"v{campaign}-{n}", a_time(date(2026, 6, 1), seconds), name, campaign=f"campaign-{campaign}")
        for campaign in range(205)
        for n in range(1 + (campaign < 200))
        for name, seconds in (("page_view", 0), ("purchase", 60), ("page_view", 8 * 86_400))
    ]
    with event_log([write_log(tmp_path / "log.csv", rows)]) as log:
        question = Question(
            macro="purchase", candidates=("page_view",), horizon_days=7, as_of=log.summary.last, settling_days=0
        )
        classes = log.ask(question).activity().classes["campaign"]
        named = log.summary.labels["campaign"]
        shown = log.touches(
            TouchQuestion(
                events=("purchase",),
                dimension="campaign",
                first=log.summary.first,
                last=log.summary.last,
                lookback_days=7,
            )
        )
    assert sorted(set(classes.tolist())) == list(range(1, 202))
    assert (len(named), named[:3]) == (32, ("(not known)", "(others)", "campaign-0"))
    assert (len(shown.visitors), shown.visitors["campaign-0"], shown.visitors["(others)"]) == (31, 2, 345)


@pytest.mark.parametrize("days", [20, 30, 31, 45, 59, 92])
def test_who_comes_every_few_days_counts_once_a_month_however_long_the_log_is(days: int, tmp_path: Path) -> None:
    rows = [
        event(f"v{n}", a_time(date(2026, 1, 1) + timedelta(days=day), 60 * n), name)
        for n in range(40)
        for day in range(0, days + 1, 5)
        for name in ("page_view", "view_item")
    ]
    rows.append(event("v1", a_time(date(2026, 1, 1) + timedelta(days=days), 9_000), "purchase"))
    with event_log([write_log(tmp_path / "log.csv", rows)]) as log:
        report = score_log(log, Asked(macro="purchase", horizon_days=1), Policy())
    assert all(abs(s.volume_30d - 40 * 30 / min(days, 30)) <= 1 for s in report.scores)


def test_where_activity_explains_nothing_there_are_scores_all_the_same(tmp_path: Path) -> None:
    rows = [event(f"v{n}", a_time(date(2026, 6, 1), 600 * n), "view_item") for n in range(600)]
    rows += [event(f"v{n}", a_time(date(2026, 6, 1), 600 * n + 300), "purchase") for n in range(0, 600, 3)]
    with event_log([write_log(tmp_path / "log.csv", rows)]) as log:
        (found,) = score_log(log, Asked(macro="purchase", horizon_days=1), Policy()).scores
    assert found.converted == pytest.approx(found.exposed / 3, abs=1)
