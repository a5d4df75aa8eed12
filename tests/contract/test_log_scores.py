"""Scores of event logs in the night: when a log is read, what is kept of it, and what becomes of a log that cannot be read."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from adsync import wiring
from adsync.errors import AdsyncError, QuotaExhausted, UsageError
from adsync.judging import judge
from adsync.model.account import Account
from adsync.model.condition import condition
from adsync.model.decision import Counters
from adsync.model.evidence import Interval, Verdict
from adsync.model.log_scores import LogScores, PastShare
from adsync.model.pulled import Coverage, Report
from adsync.model.selection import Selection
from adsync.model.window import Window
from adsync.nightly import run_night
from adsync.ports import Ports, Scorable
from adsync.pull import night as pulling
from adsync.pull.event_log import is_due, read_log
from adsync.state.database import Database
from adsync.state.numbers import SqlNumbers
from adsync.wiring import event_log
from tests.builders import CUSTOMER_ID, a_candidate, a_log_reading, a_log_score, an_account
from tests.sandboxes import LocalSandbox

FIRST, SECOND = date(2026, 6, 1), date(2026, 6, 8)
POLICY = an_account().policy


# What is kept --------------------------------------------------------------------------------------------------------


@pytest.fixture
def numbers(tmp_path: Path) -> SqlNumbers:
    return SqlNumbers(Database(f"sqlite:///{tmp_path / 'state.db'}"))


def store(numbers: SqlNumbers, found: LogScores | None, night: date = FIRST, fault: str = "") -> None:
    coverage = Coverage(
        report=Report.EVENT_LOG,
        as_of=night,
        window=Window(night, night),
        pulled_at=datetime(2026, 6, 1, 4, tzinfo=UTC),
        whole=not fault,
        fault=fault,
    )
    numbers.store_log_scores(CUSTOMER_ID, found, coverage)


SELECTION = Selection(events=("add_to_cart",), need=39.0, volume=52.5, reached=True, because="It is the surest.")
READING = a_log_reading(
    a_log_score("add_to_cart", worth=0.28, lift=Interval(3.0, 2.5, float("inf"))),
    a_log_score("page_view*3", 50, 2, lift=None, lift_day=None, risk_difference=None, verdict=Verdict.NOT_ENOUGH),
    selection=SELECTION,
)


def test_a_reading_comes_back_as_it_was_and_only_from_its_night_on(numbers: SqlNumbers) -> None:
    later = replace(READING, as_of=SECOND, selection=None, scores=(a_log_score(converted=80),))
    store(numbers, READING)
    store(numbers, later, SECOND)
    day = timedelta(days=1)
    nights = [FIRST - day, FIRST, SECOND - day, SECOND, SECOND + day]
    assert [numbers.log_scores(CUSTOMER_ID, night, "purchase") for night in nights] == [
        None, READING, READING, later, later,
    ]  # fmt: skip
    assert numbers.log_scores(CUSTOMER_ID, SECOND, "sign_up") is None, "another macro asks another question"
    assert numbers.log_scores("9999999999", SECOND, "purchase") is None


def test_the_history_of_a_share_is_that_of_the_nights_that_had_enough_to_say(numbers: SqlNumbers) -> None:
    store(numbers, READING)
    store(numbers, replace(READING, as_of=SECOND, horizon_days=14), SECOND)
    share = READING.scores[0].p
    expected = [PastShare(as_of=FIRST, horizon_days=30, share=share)]
    assert numbers.log_shares(CUSTOMER_ID, FIRST, "purchase") == {"add_to_cart": tuple(expected)}
    expected.append(PastShare(as_of=SECOND, horizon_days=14, share=share))
    assert numbers.log_shares(CUSTOMER_ID, SECOND, "purchase") == {"add_to_cart": tuple(expected)}
    assert numbers.log_shares(CUSTOMER_ID, SECOND, "sign_up") == {}


def test_a_second_reading_of_a_night_takes_the_place_of_the_first_and_a_failed_one_does_not(
    numbers: SqlNumbers,
) -> None:
    store(numbers, READING)
    again = replace(READING, scores=READING.scores[:1])
    store(numbers, again)
    assert numbers.log_scores(CUSTOMER_ID, FIRST, "purchase") == again
    store(numbers, None, fault="It is broken.")
    assert numbers.log_scores(CUSTOMER_ID, FIRST, "purchase") == again
    assert numbers.newest_copies(CUSTOMER_ID, FIRST)[Report.EVENT_LOG].fault == "It is broken."


# When a log is read --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days_ago", "checked_days_ago", "failed", "due"),
    [
        (None, None, False, True),
        (1, None, False, False),
        (7, 7, False, True),
        (6, 6, False, False),
        (3, 7, False, True),
        (0, 7, False, False),
        (7, 3, False, False),
        (8, 3, False, True),
        (1, 20, False, False),
        (1, 1, True, True),
    ],
)
def test_a_log_is_read_on_the_day_of_a_check_and_when_its_scores_are_old(
    days_ago: int | None, checked_days_ago: int | None, failed: bool, due: bool
) -> None:
    newest = None if days_ago is None else FIRST - timedelta(days=days_ago)
    checked = None if checked_days_ago is None else FIRST - timedelta(days=checked_days_ago)
    counters = {"account": Counters(checked_on=checked)} if checked else {}
    assert is_due(newest, counters, 7, FIRST, failed=failed) == due


@contextmanager
def nothing() -> Iterator[Scorable]:
    raise AssertionError("the log is not opened where reading it is made up")
    yield


def test_nights_read_the_log_weekly_and_an_earlier_night_is_judged_by_what_it_knew(
    sandbox: LocalSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = replace(sandbox.settings.accounts[0], event_log=("export",))
    ports = replace(sandbox.wiring().ports(account), open_log=nothing)
    read: list[date] = []

    def reading(account: Account, _: object, policy: object, today: date) -> tuple[LogScores | None, str]:
        read.append(today)
        score = a_log_score("add_to_cart", 1000, 400 - 50 * len(read))
        days = {"first": today - timedelta(days=120), "last": today - timedelta(days=1)}
        return (a_log_reading(score, as_of=today, buyers=60, **days), "")

    monkeypatch.setattr(pulling, "read_log", reading)
    nights = [run_night(account, ports, apply=False) for _ in ("first", "again")]
    for days in (1, 6):
        sandbox.control.advance(days)
        nights.append(run_night(account, ports, apply=False))
    start = nights[0].pulled.as_of
    assert read == [start, start + timedelta(days=7)]
    assert [share_of(account, ports, night.pulled.as_of) for night in nights] == [0.35, 0.35, 0.35, 0.3]
    assert [night.decisions.each[0].evidence for night in nights[:2]] == [nights[0].decisions.each[0].evidence] * 2
    without = replace(account, event_log=())
    assert share_of(without, ports, start) != 0.35, "a config without a log goes by the funnels"


def share_of(account: Account, ports: Ports, night: date) -> float:
    snapshot = ports.state.numbers.snapshot(account.customer_id, night)
    assert snapshot is not None
    (cart,) = [e for e in judge(account, ports.state, night, snapshot).evidence if e.event_name == "add_to_cart"]
    return cart.share.point


def test_a_log_that_fails_is_told_once_and_tried_again_every_night(
    sandbox: LocalSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = replace(sandbox.settings.accounts[0], event_log=("export",))
    ports = replace(sandbox.wiring().ports(account), open_log=nothing)
    answers: list[tuple[LogScores | None, str]] = [(None, "Gone."), (None, "Gone."), (a_log_reading(a_log_score()), "")]
    told = []
    monkeypatch.setattr(pulling, "read_log", lambda *_: answers.pop(0))
    for _ in range(3):
        pulled = pulling.pull_account(account, ports)
        assert Report.EVENT_LOG in pulled.reports
        told.append((pulled.log_fault, pulled.log_fault_is_new))
        sandbox.control.advance(1)
    assert told == [("Gone.", True), ("Gone.", False), ("", False)] and answers == []


def test_of_a_log_that_has_ended_is_told_when_it_is_read(
    sandbox: LocalSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = replace(sandbox.settings.accounts[0], event_log=("export",))
    ports = replace(sandbox.wiring().ports(account), open_log=nothing)

    def reading(account: Account, _: object, policy: object, today: date) -> tuple[LogScores | None, str]:
        return a_log_reading(a_log_score(), as_of=today, last=today - timedelta(days=11)), ""

    monkeypatch.setattr(pulling, "read_log", reading)
    first, again = (run_night(account, ports, apply=False) for _ in range(2))
    assert "days before this night. Events are judged by GA4's funnels" in first.log_news
    assert again.log_news == "" and again.log_fault == first.log_fault
    assert {d.evidence.grade for d in first.decisions.each if d.evidence is not None} == {"B"}


def test_logs_are_read_one_after_the_other_by_the_accounts_clock(
    sandbox: LocalSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = replace(sandbox.settings.accounts[0], event_log=("export",))
    open_log = sandbox.wiring().ports(account).open_log
    assert open_log is not None
    reading, most = 0, 0

    @contextmanager
    def slow(*_: object, now: datetime) -> Iterator[None]:
        nonlocal reading, most
        assert abs(now - sandbox.control.now()) < timedelta(hours=1)
        reading += 1
        most = max(most, reading)
        time.sleep(0.02)
        yield
        reading -= 1

    monkeypatch.setattr(wiring, "event_log", slow)

    def read(_: int) -> None:
        with open_log():
            pass

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(read, range(4)))
    assert most == 1


# What a log says -----------------------------------------------------------------------------------------------------

SITE = an_account(
    candidates=(a_candidate("add_to_cart"), a_candidate("begin_checkout")),
    conditions=(condition("page_view*2"), condition("scroll*2")),
    event_log=("events.csv",),
)
DAY = 86_400


def a_log(folder: Path, macro: str = "purchase", cart: str = "add_to_cart") -> Path:
    """Half a year of visitors, of whom those who fill a cart buy half of the time, the others hardly ever."""
    rows = ["user_pseudo_id,event_timestamp,event_name"]
    begin = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
    for n in range(1200):
        at, filled = begin + n * DAY * 150 // 1200, n % 4 == 0
        names = ["page_view", "view_item", "page_view", *([cart] if filled else ["search"])]
        names += [macro] if (n % 8 == 0 if filled else n % 60 == 1) else []
        rows += [f"secret-{n},{(at + 60 * step) * 1_000_000},{name}" for step, name in enumerate(names)]
    path = folder / "events.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def opening(*paths: Path, conditions: Sequence[str] = ()) -> Callable[[], AbstractContextManager[Scorable]]:
    return lambda: event_log(paths, "purchase", [condition(each) for each in conditions])


def test_a_log_is_scored_as_of_the_night_and_nobody_in_it_is_kept(tmp_path: Path) -> None:
    path = a_log(tmp_path)
    night = date(2026, 5, 25)
    found, fault = read_log(SITE, opening(path, conditions=("page_view*2", "scroll*2")), POLICY, night)
    assert fault == "" and found is not None
    assert {score.event for score in found.scores} == {"add_to_cart", "page_view*2"}, "what the log lacks is not asked"
    assert (found.as_of, found.last, found.mature_until) == (night, night, date(2026, 4, 25))
    cart = found.of("add_to_cart")
    assert cart is not None and (cart.grade, cart.verdict) == ("A", Verdict.GOOD) and cart.p.point == 0.5
    assert found.selection is not None and set(found.selection.events) <= {"add_to_cart"}

    store(SqlNumbers(Database(f"sqlite:///{tmp_path / 'state.db'}")), found, night)
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("state.db*"))
    assert b"add_to_cart" in kept and b"secret-" not in kept


def broken(folder: Path) -> Path:
    path = folder / "events.parquet"
    path.write_bytes(b"PAR1 and then nothing")
    return path


@pytest.mark.parametrize(
    ("log", "night", "says"),
    [
        (lambda folder: folder / "gone", SECOND, "There is no file"),
        (broken, SECOND, "events.parquet cannot be read"),
        (lambda folder: a_log(folder, macro="sign_up"), SECOND, "has no purchase, which is the account's main event"),
        (lambda folder: a_log(folder, cart="wish"), SECOND, "none of the account's candidates"),
        (a_log, date(2025, 12, 1), "begins on 2026-01-01, after this night (2025-12-01)"),
    ],
)
def test_a_log_that_cannot_be_scored_says_why(
    log: Callable[[Path], Path], night: date, says: str, tmp_path: Path
) -> None:
    found, fault = read_log(replace(SITE, conditions=()), opening(log(tmp_path)), POLICY, night)
    assert found is None and says in fault


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (UsageError("Reading needs DuckDB.", next_step="pip install 'adsync[events]'"), "pip install 'adsync[events]'"),
        (QuotaExhausted("The quota is used up."), "The quota is used up."),
        (AdsyncError("No room is left."), "No room is left."),
        (PermissionError(13, "Permission denied", "/data/export"), "/data/export cannot be read: Permission denied."),
        (KeyError("column"), "A defect of adsync: KeyError."),
    ],
)
def test_whatever_stops_the_reading_stops_nothing_else(error: Exception, says: str) -> None:
    @contextmanager
    def stopped() -> Iterator[Scorable]:
        raise error
        yield

    found, fault = read_log(SITE, stopped, POLICY, SECOND)
    assert found is None and says in fault


def test_nights_import_no_engine_before_a_log_is_opened() -> None:
    program = "import sys, adsync.nightly, adsync.wiring; print({'duckdb', 'ibis', 'pyarrow'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.strip() == "set()"
