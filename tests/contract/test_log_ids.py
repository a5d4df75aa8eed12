"""Ids: those that stand for nobody, and whose a device is. Flat logs and exports know both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from adsync.errors import UsageError
from adsync.events.coding import MOST_EVENTS_OF_A_VISITOR
from adsync.events.ids import NOBODY
from adsync.events.log import LoadedLog
from adsync.journeys import Journey, funnel_of
from adsync.model.condition import conditions
from adsync.model.exposure import LogSummary
from adsync.model.policy import Policy
from adsync.model.score import ScoreReport
from adsync.scoring import Asked, score_log
from adsync.wiring import event_log

START = int(datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()) * 1_000_000
WRITTEN = (
    *NOBODY,
    *(f" {word.upper()} " for word in NOBODY),
    "NaN",
    "0",
    "0.0",
    "-",
    " ",
    "00000000-0000-0000-0000-000000000000",
    *(
        "-1",
        "-1.0",
        "(not set)",
        "not_set",
        "(not logged in)",
        "undefined.undefined",
        "GA1.2.undefined",
        "#N/A",
        "#NULL!",
    ),
    *("no_user", "[]", "{}", "''", "'null'", "<null>", "(none)", "[object Object]", "NULL\u00a0", "\u00a0", "-inf"),
)
SOMEBODY = (
    *("1", "100", "10.07", "nobody", "nullable", "undefined1", "0-1", "Guestrin", "test", "-10", "-12"),
    *("nan-1", "GA1.2.123.456", "anna", "set", "[1]"),
)


def score(*paths: Path) -> ScoreReport:
    asked = conditions("page_view,1500s")
    with event_log(paths, "purchase", asked) as log:
        return score_log(log, Asked(macro="purchase", candidates=asked, horizon_days=7), Policy())


def read(*paths: Path) -> LogSummary:
    with event_log(paths, "purchase") as log:
        return log.summary


A_MINUTE = 60_000_000


def flat(path: Path, ids: Sequence[tuple[str, str]]) -> Path:
    rows = [f'"{account}","{device}",{START + n * A_MINUTE + 1},purchase' for n, (account, device) in enumerate(ids)]
    path.write_text("\n".join(["user_id,user_pseudo_id,event_timestamp,event_name", *rows]))
    return path


def export(path: Path, ids: Sequence[tuple[str, str]]) -> Path:
    source = f"read_csv('{flat(path.with_suffix('.csv'), ids)}', all_varchar = true)"
    value = "{'string_value': null::varchar, 'int_value': 1::bigint, 'float_value': 1.0, 'double_value': 1.0}"
    rows = (
        f"select * replace (event_timestamp::bigint as event_timestamp), [{{'key': 'ga_session_id', 'value': {value}}}]"
    )
    duckdb.sql(f"copy ({rows} as event_params from {source}) to '{path}'")
    return path


@pytest.mark.parametrize("form", [flat, export])
def test_an_id_that_stands_for_nobody_gives_way_to_the_other_and_is_no_visitor_by_itself(
    form: Callable[[Path, Sequence[tuple[str, str]]], Path], tmp_path: Path
) -> None:
    path = tmp_path / ("log.parquet" if form is export else "log.csv")
    log = read(form(path, [(word, f"device {n}") for n, word in enumerate(WRITTEN)]))
    assert (log.visitors, log.excluded["no_visitor"]) == (len(WRITTEN), 0)
    log = read(form(path, [*((word, word) for word in WRITTEN), *(("", name) for name in SOMEBODY)]))
    assert (log.visitors, log.excluded["no_visitor"]) == (len(SOMEBODY), len(WRITTEN))


@pytest.mark.parametrize("form", [flat, export])
def test_what_was_taken_for_no_id_is_named_with_its_rows(
    form: Callable[[Path, Sequence[tuple[str, str]]], Path], tmp_path: Path
) -> None:
    path = tmp_path / ("log.parquet" if form is export else "log.csv")
    ids = [("Guest", "phone"), (" guest", "laptop"), ("", "(not set)"), ("anna", ""), ("", " "), ("0", "tablet")]
    (note,) = read(form(path, ids)).notes
    assert note == 'Taken for no visitor\'s id: "guest" (2 events), "(not set)" (1 event) and "0" (1 event).'


def test_of_many_words_that_were_taken_for_no_id_the_most_frequent_are_named(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    assert read(flat(path, [("anna", ""), ("", " ")])).notes == ()
    many = read(flat(path, [(word, f"device {n}") for n, word in enumerate(WRITTEN)])).notes[0]
    assert many.endswith(" more.") and many.count("event") == 5


@pytest.mark.parametrize(("visitors", "share", "is_told"), [(99, 0.5, False), (100, 0.11, True), (100, 0.05, False)])
def test_one_id_with_much_of_a_log_is_told_and_not_shown(
    visitors: int, share: float, is_told: bool, tmp_path: Path
) -> None:
    each = 10
    of_one = round(each * (visitors - 1) * share / (1 - share))
    ids = [("nemo", ""), *((f"u{n}", "") for n in range(visitors - 1))]
    log = read(flat(tmp_path / "log.csv", [ids[0]] * of_one + ids[1:] * each))
    begin = f"One visitor has {of_one} of {len(ids[1:]) * each + of_one:,} events"
    assert [note.startswith(begin) for note in log.notes] == [True] * is_told
    assert "nemo" not in "".join(log.notes)


def test_one_id_with_much_of_a_log_is_told_where_it_is_taken_for_a_machine(tmp_path: Path) -> None:
    ids = [("{{user_id}}", "")] * (MOST_EVENTS_OF_A_VISITOR + 1) + [(f"u{n}", "") for n in range(120)]
    (note,) = read(flat(tmp_path / "log.csv", ids)).notes
    assert note == (
        "One visitor has 10,001 of 10,121 events (99 %) and is left out as a machine. If that id stands for many, such as all "
        "who have not signed in, leave it empty: else all of them are left out."
    )


def with_sessions(path: Path, session: str | None) -> Path:
    """Visitors who come on three days, for two quarters of an hour each, and some of whom buy on the last. session: SQL of a
    visitor n and a day."""
    column = "" if session is None else f", {session} as session_id"
    row = f"""select 'u' || n as user_id, {START} + n * {60 * A_MINUTE} + day * {24 * 60 * A_MINUTE} + step * {A_MINUTE * 15}
        + n * 1001 as event_timestamp, if(step = 2, if(day = 2 and n % 3 = 0, 'purchase', 'scroll'), 'page_view') as
        event_name {column} from range(60) a(n), range(3) b(day), range(3) c(step)"""
    duckdb.sql(f"copy ({row}) to '{path}'")
    return path


@pytest.mark.parametrize(
    ("session", "word"),
    [
        ("'undefined'", "undefined"),
        ("' NULL'", "null"),
        ("'(not set)'", "(not set)"),
        ("'00000000-0000-0000-0000-000000000000'", "00000000-0000-0000-0000-000000000000"),
        ("'0'", "0"),
        ("'nan'::double", "nan"),
        ("-1", "-1"),
        ("0", "0"),
        ("0.0::double", "0"),
        ("if(n % 2 = 0, 'null', '')", "null"),
    ],
)
def test_a_session_id_that_stands_for_none_is_none_and_told(session: str, word: str, tmp_path: Path) -> None:
    with event_log([with_sessions(tmp_path / "log.parquet", session)], "purchase") as log:
        (note,) = log.summary.notes
        assert isinstance(log, LoadedLog) and not log.has_sessions
    some = 270 if "if" in session else 540
    assert note.startswith("540 of 540 events have no session id: ")
    assert note.endswith(f' Taken for no session\'s id: "{word}" ({some} events).')


def test_where_some_session_ids_stand_for_none_the_visits_around_are_the_sessions(tmp_path: Path) -> None:
    some = score(with_sessions(tmp_path / "log.parquet", "if(step = 1, 'undefined', 's' || day)"))
    assert some.scores == score(with_sessions(tmp_path / "whole.parquet", "'s' || day")).scores
    (note,) = some.log.notes
    assert note.startswith("180 of 540 events have no session id: ") and '"undefined" (180 events)' in note


@pytest.mark.parametrize("session", ["day", "day::varchar", "day::double", "n || '-' || day", "'0-0-' || day"])
def test_the_session_0_of_those_who_count_from_it_is_one(session: str, tmp_path: Path) -> None:
    with event_log([with_sessions(tmp_path / "log.parquet", session)], "purchase") as log:
        assert isinstance(log, LoadedLog) and log.has_sessions and log.summary.notes == ()


@pytest.mark.parametrize("session", ["1", "'u' || n", "if(step = 1, null, 7)"])
def test_a_session_id_that_lasts_for_days_is_none_and_told(session: str, tmp_path: Path) -> None:
    """One id for everybody, or the visitor's own."""
    lasting = score(with_sessions(tmp_path / "log.parquet", session))
    assert lasting.scores == score(with_sessions(tmp_path / "without.parquet", None)).scores
    (note,) = lasting.log.notes
    assert note.startswith(
        "Session ids are not used: 100 % of their sessions last longer than a day, as where a tag sends"
    )


@pytest.mark.parametrize(("lasting", "are_ids"), [(8, True), (9, False)])
def test_up_to_a_twentieth_of_the_sessions_may_last_for_days(lasting: int, are_ids: bool, tmp_path: Path) -> None:
    """So many of sixty visitors have one session, the others one on each of three days."""
    path = with_sessions(tmp_path / "log.parquet", f"if(n < {lasting}, 0, day) + 1")
    with event_log([path], "purchase") as log:
        assert isinstance(log, LoadedLog) and log.has_sessions == are_ids


@pytest.mark.parametrize("kind", ["double", "bigint"])
def test_numbers_that_stand_for_nobody_are_no_visitors(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    missing = "'nan'" if kind == "double" else "0"
    who = f"if(i < 4, {missing}::{kind}, i::{kind})"
    row = f"select {who} as user_pseudo_id, {START} + i as event_timestamp, 'purchase' as event_name"
    duckdb.sql(f"copy ({row} from range(10) r(i)) to '{path}'")
    log = read(path)
    assert (log.visitors, log.excluded["no_visitor"]) == (6, 4)


def numbered(path: Path, who: str, rows: int = 10) -> Path:
    """who: of the row i."""
    row = f"select {who} as user_pseudo_id, {START} + i as event_timestamp, 'purchase' as event_name"
    duckdb.sql(f"copy ({row} from range({rows}) r(i)) to '{path}'")
    return path


@pytest.mark.parametrize("kind", ["double", "float"])
@pytest.mark.parametrize("other", ["varchar", "bigint", "double"])
def test_a_whole_number_is_the_same_id_in_files_of_other_types(kind: str, other: str, tmp_path: Path) -> None:
    one = numbered(tmp_path / "[a].parquet", f"(i + 7)::{kind}")
    log = read(one, numbered(tmp_path / "b.parquet", f"(i + 12)::{other}"))
    assert (log.visitors, log.notes) == (15, ())


@pytest.mark.parametrize(("kind", "beyond"), [("double", 53), ("float", 24)])
def test_ids_that_are_too_large_for_their_type_are_told_and_beside_other_types_refused(
    kind: str, beyond: int, tmp_path: Path
) -> None:
    numbered(tmp_path / "a.parquet", f"(i + 1)::{kind}")
    one = numbered(tmp_path / "[b].parquet", f"({2 ** (beyond + 1)} + i * 1e10)::{kind}")
    log = read(tmp_path)
    told = f"{one}: its column user_pseudo_id is of type {kind.upper()} and goes beyond 2^{beyond},"
    assert log.visitors == 20 and log.notes[0].startswith(told)
    numbered(tmp_path / "c.parquet", f"{2**60} + i")
    with pytest.raises(UsageError, match=r"In .*c\.parquet it is of another type: .* Write ids as text\.") as refused:
        read(tmp_path)
    assert str(refused.value).startswith(told)


A_DEVICES_VISITORS: dict[str, tuple[list[tuple[str, str]], int]] = {
    "signs in": ([("", "phone"), ("anna", "phone"), ("", "phone")], 1),
    "two devices": ([("", "phone"), ("anna", "phone"), ("", "laptop"), ("anna", "laptop")], 1),
    "a word that is no id": ([("", "phone"), ("undefined", "phone"), ("anna", "phone")], 1),
    "a device of two": ([("anna", "shared"), ("ben", "shared")], 2),
    "nobody known on a device of two": ([("anna", "shared"), ("ben", "shared"), ("", "shared"), ("anna", "phone")], 3),
    "no device": ([("anna", ""), ("", "phone"), ("anna", "phone")], 1),
}


@pytest.mark.parametrize("form", [flat, export])
def test_a_device_is_its_accounts_before_the_sign_in_as_well(
    form: Callable[[Path, Sequence[tuple[str, str]]], Path], tmp_path: Path
) -> None:
    def own(id_: str, case: str) -> str:
        return id_ if id_ in ("", "undefined") else f"{id_} of {case}"

    cases = A_DEVICES_VISITORS.items()
    ids = [(own(account, case), own(device, case)) for case, (rows, _) in cases for account, device in rows]
    log = read(form(tmp_path / ("log.parquet" if form is export else "log.csv"), ids))
    assert log.visitors == sum(visitors for _, visitors in A_DEVICES_VISITORS.values())
    assert log.names == {"purchase": len(ids)}


def test_who_fills_a_cart_and_signs_in_to_buy_is_one_visitor_in_a_funnel(tmp_path: Path) -> None:
    steps = ("page_view", ""), ("add_to_cart", ""), ("login", "U"), ("purchase", "U")
    rows = [
        f"c{n},{account and account + str(n)},{START + n * 60 * A_MINUTE + place * A_MINUTE},{name}"
        for n in range(60)
        for place, (name, account) in enumerate(steps[: 4 if n % 3 == 0 else 3])
    ]
    path = tmp_path / "log.csv"
    path.write_text("\n".join(["user_pseudo_id,user_id,event_timestamp,event_name", *rows]))
    with event_log([path], "purchase") as log:
        steps_found = funnel_of(log, Journey(macro="purchase", steps=("add_to_cart",))).steps
    assert [step.visitors for step in steps_found] == [60, 60, 20]


def orders(path: Path, ids: Sequence[str]) -> Path:
    """Purchases of one visitor, an hour apart."""
    rows = [f'u1,{START + n * 60 * A_MINUTE},purchase,"{id_}"' for n, id_ in enumerate(ids)]
    path.write_text("\n".join(["user_id,event_timestamp,event_name,transaction_id", *rows]))
    return path


def exported_orders(path: Path, ids: Sequence[str]) -> Path:
    source = f"read_csv('{orders(path.with_suffix('.csv'), ids)}', all_varchar = true)"
    value = "{'string_value': null::varchar, 'int_value': 1::bigint}"
    duckdb.sql(
        f"copy (select user_id as user_pseudo_id, event_timestamp::bigint as event_timestamp, event_name, "
        f"{{'transaction_id': transaction_id}} as ecommerce, [{{'key': 'ga_session_id', 'value': {value}}}] "
        f"as event_params from {source}) to '{path}'"
    )
    return path


@pytest.mark.parametrize("form", [orders, exported_orders])
def test_what_stands_for_no_order_makes_no_purchase_a_repeat(
    form: Callable[[Path, Sequence[str]], Path], tmp_path: Path
) -> None:
    path = tmp_path / ("log.csv" if form is orders else "log.parquet")
    log = read(form(path, [*WRITTEN, *WRITTEN]))
    assert (log.excluded["duplicate_order"], log.names["purchase"]) == (0, 2 * len(WRITTEN))
    log = read(form(path, [*SOMEBODY, *SOMEBODY]))
    assert (log.excluded["duplicate_order"], log.names["purchase"]) == (len(SOMEBODY), len(SOMEBODY))
