"""GA4's own export through `adsync score --events`: the sandbox's with its truth, a real one, and what tables do in real life."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from adsync.errors import UsageError
from adsync.model.channel import TouchQuestion
from adsync.model.evidence import Verdict
from adsync.model.exposure import LogSummary
from adsync.model.policy import Policy
from adsync.model.score import ScoreReport
from adsync.sandbox.export import Export, export_events
from adsync.sandbox.stored import Recipe
from adsync.sandbox.world import CHANNELS, SOURCES
from adsync.scoring import Asked, score_log
from adsync.wiring import event_log
from tests.sandboxes import LocalSandbox, local_sandbox, run_adsync

START = int(datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()) * 1_000_000
HOUR = 3_600_000_000


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSandbox]:
    with local_sandbox(tmp_path_factory.mktemp("site"), "starved-shop") as running:
        yield running


def export(site: LocalSandbox, folder: Path, days: int = 25, **options: Any) -> Export:
    (customer, *_) = site.running.estate.accounts
    recipe = Recipe(scenario="starved-shop", seed=7)
    return export_events(recipe, site.running.estate, customer, folder, days=days, **options)


def read(*paths: Path, macro: str = "purchase") -> LogSummary:
    with event_log(paths, macro) as log:
        return log.summary


def score(*paths: Path, macro: str = "purchase", horizon_days: int = 30) -> ScoreReport:
    with event_log(paths, macro) as log:
        return score_log(log, Asked(macro=macro, horizon_days=horizon_days), Policy())


def ask(query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        return connection.execute(query).fetchall()


def whole(log: LogSummary) -> int:
    return sum(log.names.values()) + sum(log.excluded.values())


def test_parquet_and_ndjson_of_the_same_days_say_the_same(site: LocalSandbox, tmp_path: Path) -> None:
    made = export(site, tmp_path / "parquet")
    export(site, tmp_path / "ndjson", file_format="ndjson")
    assert (tmp_path / "ndjson" / "truth.json").exists()
    parquet, ndjson = (score(tmp_path / form, horizon_days=7) for form in ("parquet", "ndjson"))
    assert parquet == ndjson
    assert parquet.log.rows == made.rows == whole(parquet.log)
    assert parquet.log.excluded["no_visitor"] == made.denied > 0


def test_channels_are_ga4s_groups_and_before_those_were_exported_source_and_medium(
    site: LocalSandbox, tmp_path: Path
) -> None:
    export(site, tmp_path / "parquet")
    export(site, tmp_path / "ndjson", file_format="ndjson")
    for form in ("parquet", "ndjson"):
        assert set(read(tmp_path / form).labels["channel"][2:]) == set(CHANNELS)
    old = tmp_path / "old.parquet"
    without = "struct_pack(manual_campaign := session_traffic_source_last_click.manual_campaign)"
    files = f"read_parquet('{tmp_path}/parquet/*.parquet')"
    ask(f"copy (select * replace ({without} as session_traffic_source_last_click) from {files}) to '{old}'")
    assert set(read(old).labels["channel"][2:]) == {" / ".join(SOURCES[name]) for name in CHANNELS}
    ask(f"copy (select * exclude (session_traffic_source_last_click) from {files}) to '{tmp_path / 'older.parquet'}'")
    assert read(tmp_path / "older.parquet").labels["channel"][2:] == ("google / cpc",)


def test_rows_that_stand_twice_change_nothing(site: LocalSandbox, tmp_path: Path) -> None:
    export(site, tmp_path / "once", days=9)
    export(site, tmp_path / "twice", days=9, duplicates=0.2)
    once, twice = (score(tmp_path / name, horizon_days=2) for name in ("once", "twice"))
    assert [s.event for s in once.scores] == [s.event for s in twice.scores]
    for one, other in zip(once.scores, twice.scores, strict=True):
        # A copy may stand earlier in its batch than the original: neighbours change places, and sums are rounded elsewhere.
        assert (one.exposed, one.converted, one.p, one.coverage) == (
            other.exposed,
            other.converted,
            other.p,
            other.coverage,
        )
        assert one.verdict == other.verdict and (one.lift is None) == (other.lift is None)
        if one.lift and other.lift:
            assert one.lift.point == pytest.approx(other.lift.point, rel=1e-6)
    assert whole(twice.log) == twice.log.rows > once.log.rows
    assert twice.log.excluded["duplicate"] > once.log.excluded["duplicate"]


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["starved-shop", "saas-trial"])
def test_what_announces_is_found_and_what_does_not_is_not(scenario: str, tmp_path: Path) -> None:
    with local_sandbox(tmp_path / "site", scenario) as running:
        estate = running.running.estate
        (customer, *_) = estate.accounts
        export_events(Recipe(scenario=scenario, seed=7), estate, customer, tmp_path / "out")
    truth: Mapping[str, Any] = json.loads((tmp_path / "out" / "truth.json").read_text())
    report = score(tmp_path / "out", macro=truth["macro"])
    found = {s.event: s for s in report.scores}
    helpers = {name: true for name, true in truth["events"].items() if true["verdict"] == "announces"}
    good = {name for name, one in found.items() if one.verdict is Verdict.GOOD}
    # Of 1 % more chance so small a part is seen in this time that it is no miss.
    assert good == {name for name, true in helpers.items() if true["risk_difference"] > 0.02}
    by_share = sorted(good, key=lambda name: found[name].p.point)
    assert by_share == sorted(good, key=lambda name: helpers[name]["risk_if_done"])
    for name, true in truth["events"].items():
        if name in found and true["verdict"] in ("duplicate", "after_macro"):
            assert found[name].verdict.value == true["verdict"]


# By hand --------------------------------------------------------------------------------------------------------------


def event(who: str | None, at: int, name: str, session: object = 1, **more: Any) -> dict[str, Any]:
    field = "string_value" if isinstance(session, str) else "int_value"
    value = session if isinstance(session, str) else str(session)
    params = [] if session is None else [{"key": "ga_session_id", "value": {field: value}}]
    known = {"user_pseudo_id": who} if who else {}
    return {"event_timestamp": str(at), "event_name": name, "event_params": params, **known, **more}


def ndjson(path: Path, *events: Mapping[str, Any]) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(one) + "\n" for one in events), encoding="utf-8")
    return path


SIMPLE = [
    event(f"u{n}", START + n * HOUR + k * 9_000_000, name)
    for n in range(30)
    for k, name in enumerate(("page_view", "purchase"))
]


def test_of_a_days_tables_only_the_most_final_is_read(tmp_path: Path) -> None:
    for name in (
        "events_20260301",
        "events_intraday_20260301",
        "events_fresh_20260302",
        "events_intraday_20260302",
        "events_intraday_20260303",
    ):
        ndjson(tmp_path / f"{name}.ndjson", event(name, START, "page_view"), *SIMPLE[:2])
    log = read(tmp_path)
    assert log.files == 3
    assert log.notes == ("2 intraday or fresh files were not read: there is a more final one of the same day.",)


def test_parts_of_one_daily_table_are_all_read(tmp_path: Path) -> None:
    for part in ("000000000000", "000000000001"):
        ndjson(tmp_path / f"events_20260301_{part}.ndjson", event(f"visitor {part}", START, "page_view"))
    assert read(tmp_path).visitors == 2


def test_a_session_over_midnight_is_one_in_two_tables(tmp_path: Path) -> None:
    midnight = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp()) * 1_000_000
    late = [event(f"u{n}", midnight - 60_000_000, "page_view", n) for n in range(20)]
    early = [event(f"u{n}", midnight + 60_000_000, name, n) for n in range(20) for name in ("view_item", "purchase")]
    ndjson(tmp_path / "two" / "events_20260301.ndjson", *late)
    ndjson(tmp_path / "two" / "events_20260302.ndjson", *early)
    ndjson(tmp_path / "one" / "events.ndjson", *early, *late)
    two, one = (score(tmp_path / name, horizon_days=1) for name in ("two", "one"))
    assert two.scores == one.scores


def test_who_signs_in_is_one_visitor_on_all_devices_and_before_it(tmp_path: Path) -> None:
    rows = [
        event("phone", START, "page_view"),
        event("phone", START + HOUR, "login", user_id="anna"),
        event("laptop", START + 2 * HOUR, "purchase", user_id="anna"),
        event("shared", START, "login", user_id="anna"),
        event("shared", START + HOUR, "login", user_id="ben"),
    ]
    assert read(ndjson(tmp_path / "a.ndjson", *rows)).visitors == 2


def test_events_of_one_moment_keep_the_order_of_their_batch(tmp_path: Path) -> None:
    def rows(macro_comes: str) -> list[dict[str, Any]]:
        order = {"first": ("0", "1"), "last": ("1", "0")}[macro_comes]
        return [
            event(f"u{n}", START + n, name, n, batch_ordering_id="1", batch_event_index=index)
            for n in range(0, 3_000, 100)
            for name, index in zip(("purchase", "zoom"), order, strict=True)
        ]

    first, last = (
        score(ndjson(tmp_path / f"{name}.ndjson", *rows(name)), horizon_days=1) for name in ("first", "last")
    )
    assert {s.verdict for report in (first, last) for s in report.scores} == {Verdict.DUPLICATE}
    assert first.log.last.microsecond != last.log.first.microsecond


def test_session_ids_as_numbers_and_as_text_are_the_same(tmp_path: Path) -> None:
    mixed = [event(f"u{n}", START + n, "page_view", "17" if n % 2 else 17) for n in range(30)]
    log = read(ndjson(tmp_path / "a.ndjson", *mixed, event("u1", START + 1, "page_view", "not a number")))
    assert log.names["page_view"] == 31
    assert log.notes[0].startswith("1 of 31 events has no session id: it belongs to the session of what")


def test_parquet_files_whose_types_drifted_are_one_log(tmp_path: Path) -> None:
    tables = {
        "old": "[{'key': 'ga_session_id', 'value': {'string_value': '7'}}] event_params, 'u1' user_pseudo_id",
        "new": "[{'key': 'ga_session_id', 'value': {'string_value': null::varchar, 'int_value': 7::bigint}}] "
        "event_params, 'u1' user_pseudo_id, 5 user_id, {'category': 'mobile'} device",
        "text": "[{'key': 'ga_session_id', 'value': {'int_value': '7'}}] event_params, 'u2' user_pseudo_id, "
        "{'transaction_id': 9} ecommerce",
    }
    for number, (name, columns) in enumerate(tables.items()):
        at = START + number
        duckdb.sql(
            f"copy (select {at} event_timestamp, 'page_view' event_name, {columns}) to '{tmp_path / name}.parquet'"
        )
    log = read(tmp_path)
    assert (log.rows, log.names, sum(log.excluded.values()), log.visitors) == (3, {"page_view": 3}, 0, 2)


def test_flat_rows_as_ndjson_are_refused_rather_than_read_without_their_sessions(tmp_path: Path) -> None:
    row = {"user_pseudo_id": "u1", "event_timestamp": START, "event_name": "page_view", "session_id": 1}
    with pytest.raises(UsageError, match=r"is a flat log as NDJSON\. Write it as CSV or Parquet"):
        read(ndjson(tmp_path / "a.ndjson", row))
    (tmp_path / "b.json").write_text("[\n{}\n]")
    with pytest.raises(UsageError, match="one event is wanted in each line"):
        read(tmp_path / "b.json")


def test_events_alike_but_for_their_parameters_are_two_and_the_order_of_these_means_nothing(tmp_path: Path) -> None:
    def seen(*products: str) -> dict[str, Any]:
        one = event("u1", START, "view_item")
        more = [{"key": f"item_{n}", "value": {"string_value": product}} for n, product in enumerate(products)]
        return {**one, "event_params": [*one["event_params"], *more]}

    same = seen("mug", "cup")
    turned = {**same, "event_params": same["event_params"][::-1]}
    log = read(ndjson(tmp_path / "a.ndjson", *SIMPLE, same, same, turned, seen("mug", "jar"), seen()))
    assert log.names["view_item"] == 3 and log.excluded["duplicate"] == 2
    assert whole(log) == log.rows


def test_an_order_that_is_sent_twice_is_counted_once(tmp_path: Path) -> None:
    def order(at: int) -> dict[str, Any]:
        return event("u1", at, "purchase", ecommerce={"transaction_id": "T1"})

    log = read(ndjson(tmp_path / "a.ndjson", *SIMPLE, order(START), order(START + HOUR), order(START + 2 * HOUR)))
    assert log.excluded["duplicate_order"] == 2 and whole(log) == log.rows


# Real ones --------------------------------------------------------------------------------------------------------------


def test_a_real_export_is_read_to_the_last_row(shared_data: Path, tmp_path: Path) -> None:
    file = shared_data / "ga4_export_sample" / "ga4_events_sampled.snappy.parquet"
    with event_log([file], "purchase") as loaded:
        log = loaded.summary
        asked = TouchQuestion(
            events=("purchase",), dimension="channel", first=log.first, last=log.last, lookback_days=90
        )
        channels = loaded.touches(asked).visitors
    # As counted with SQL over the parameters source, medium and gclid: the first known ones of each visitor.
    assert [channels[c] for c in ("google / organic", "(direct) / (none)", "google / cpc")] == [1488, 718, 133]
    (rows, visitors, names) = ask(
        f"select count(*), count(distinct user_pseudo_id), count(distinct event_name) from '{file}'"
    )[0]
    assert (log.rows, len(log.names), log.form) == (rows, names, "GA4 export") == (24_219, 17, "GA4 export")
    assert whole(log) == rows
    faults = ("no_visitor", "no_time", "past", "no_name", "future", "machine")
    assert {reason: n for reason, n in log.excluded.items() if n and reason in faults} == {}
    assert visitors - 5 <= log.visitors <= visitors
    shutil.copy(file, tmp_path / "events_20201101.parquet")
    assert read(tmp_path).names == log.names


def test_a_real_day_says_that_nobody_has_had_the_time(shared_data: Path, tmp_path: Path) -> None:
    file = shared_data / "ga3_session_day" / "ga_sample.parquet"
    duckdb.sql(
        f"""copy (
            select fullVisitorId user_id, visitId session_id, device.deviceCategory device,
                (visitStartTime * 1000 + hit.time) * 1000 event_timestamp,
                case hit.eCommerceAction.action_type when '2' then 'view_item' when '3' then 'add_to_cart'
                    when '5' then 'begin_checkout' when '6' then 'purchase' else 'page_view' end event_name
            from (select *, unnest(hits) hit from '{file}')
        ) to '{tmp_path / "day.parquet"}'"""
    )
    report = score(tmp_path / "day.parquet")
    counted = dict(ask(f"select event_name, count(distinct user_id) from '{tmp_path / 'day.parquet'}' group by 1"))
    assert (report.log.visitors, report.buyers) == (2_293, counted["purchase"]) == (2_293, 42)
    assert "nobody has had 30 days" in report.notes[0] and "--horizon-days" not in report.notes[0]
    assert {s.verdict for s in report.scores} <= {Verdict.NOT_ENOUGH, Verdict.DUPLICATE, Verdict.AFTER_MACRO}
    assert whole(report.log) == report.log.rows


def test_a_log_of_incidents_is_scored(shared_data: Path, tmp_path: Path) -> None:
    file = shared_data / "ecom_incidents" / "ecom.csv.gz"
    duckdb.sql(
        f"""copy (select user_id, session_id, event event_name, timestamp event_timestamp, platform device,
            acquisition_channel channel from read_csv('{file}')) to '{tmp_path / "flat.csv"}'"""
    )
    report = score(tmp_path / "flat.csv", horizon_days=14)
    buyers, rows = ask(f"select count(distinct user_id) filter (event = 'purchase'), count(*) from read_csv('{file}')")[
        0
    ]
    assert (report.buyers, report.log.rows, report.log.visitors) == (buyers, rows, 600)
    assert whole(report.log) == rows and report.log.excluded["duplicate"] == rows - 31_076
    with duckdb.connect() as connection:
        connection.sql(f"create table t as select user_id, event, timestamp from read_csv('{file}')")
        query = """
            with bought as (select user_id, min(timestamp) as moment from t where event = 'purchase' group by 1),
                did as (select user_id, min(timestamp) as moment from t where event = 'add_to_cart' group by 1),
                fin as (select max(timestamp) - interval 14 day as moment from t)
            select count(*), count(*) filter (bought.moment <= did.moment + interval 14 day)
            from did left join bought using (user_id)
            where did.moment <= (select moment from fin)
                and (bought.moment is null or bought.moment > did.moment + interval 10 second)
        """
        ((exposed, converted),) = connection.sql(query).fetchall()
    (cart,) = [s for s in report.scores if s.event == "add_to_cart"]
    assert (cart.exposed, cart.converted) == (exposed, converted)


# The command ------------------------------------------------------------------------------------------------------------


BASE = (
    "macro visitors buyers volume_30d share events used first last as_of mature_until horizon_days form files "
    "compared_with"
)
CANDIDATE = (
    "event exposed converted p risk_difference lift lift_day naive_lift q coverage overlap volume_30d announces helps_up_to "
    "grade verdict because weeks drift promoted by"
)


def test_the_commands_json_keeps_its_keys_and_nothing_else_is_printed(tmp_path: Path) -> None:
    first = ndjson(tmp_path / "a.ndjson", *SIMPLE[:30])
    second = ndjson(tmp_path / "b.ndjson", *SIMPLE[30:])
    command = ("score", "--events", str(first), "--events", str(second), "--macro", "purchase", "--json")
    ran = run_adsync("-q", *command, cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    told = json.loads(ran.stdout)
    assert (told["schema"], told["data"]["base"]["events"], told["data"]["base"]["files"]) == (1, 60, 2)
    top = "level base excluded left_out gains selection worths currency knows cannot_know raised_by notes candidates"
    assert " ".join(told["data"]) == top
    assert " ".join(told["data"]["base"]) == BASE
    assert told["data"]["base"]["used"] + sum(told["data"]["excluded"].values()) == 60
    (candidate,) = told["data"]["candidates"]
    assert " ".join(candidate) == CANDIDATE
    assert run_adsync(*command, cwd=tmp_path).stderr == ""


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--events", "a.ndjson"), "Which event is the main conversion?"),
        (("--macro", "purchase"), "Which log?"),
        (("--events", "none.csv", "--macro", "purchase"), "There is no file none.csv."),
        (("--events", "a.ndjson", "--macro", "purchase", "--horizon-days", "0"), "--horizon-days"),
    ],
)
def test_wrong_usage_ends_with_two(arguments: tuple[str, ...], says: str, tmp_path: Path) -> None:
    ndjson(tmp_path / "a.ndjson", *SIMPLE)
    ran = run_adsync("score", *arguments, cwd=tmp_path)
    assert ran.returncode == 2 and says in ran.stderr and ran.stdout == ""
