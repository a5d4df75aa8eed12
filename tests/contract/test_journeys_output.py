"""What the commands about visitors' ways print and write: stable keys, whole pages, foreign text that stays text."""

from __future__ import annotations

import errno
import html
import io
import json
import os
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NoReturn

import pytest

from adsync.cli import run
from tests.journeys import a_time, event, write_log

MONDAY = date(2026, 6, 1)
HOSTILE = "<script>alert(1)</script>\x1b[31m"


@pytest.fixture
def log(tmp_path: Path) -> str:
    """Forty days, in eight of which nobody on one hostile device could buy."""
    rows = []
    for n in range(40):
        for k in range(12):
            who, device = f"v{n}-{k}", HOSTILE if k % 2 else "desktop"
            rows.append(event(who, a_time(MONDAY + timedelta(days=n)), "add_to_cart", 1, device, HOSTILE))
            if k % 3 and not (k % 2 and 20 <= n < 28):
                rows.append(event(who, a_time(MONDAY + timedelta(days=n), 60), "purchase", 1, device, HOSTILE))
    return str(write_log(tmp_path / "log.csv", rows))


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    code = run(words)
    said = capsys.readouterr()
    assert (code, said.err) == (0, "")
    return said.out


def test_a_promoted_name_may_be_quoted_as_well(log: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--macro", "purchase", "--horizon-days", "7", "--promoted", '"add_to_cart"=2026-06-20')
    assert "add_to_cart since 2026-06-20: " in told(capsys, "score", "--events", log, *words)


def test_a_condition_that_is_named_again_and_again_is_asked_about_once(
    log: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("score", "--events", log, "--macro", "purchase", "--horizon-days", "7", "--candidates")
    once = told(capsys, *words, "add_to_cart*2,60s")
    assert told(capsys, *words, ",".join(["add_to_cart*2", "60s"] * 40)) == once


def test_the_funnel_as_json_has_its_keys_and_its_incident(log: str, capsys: pytest.CaptureFixture[str]) -> None:
    data: Any = json.loads(told(capsys, "funnel", "--events", log, "--macro", "purchase", "--by", "device", "--json"))[
        "data"
    ]
    assert set(data) == {
        "macro", "as_of", "period", "compared_with", "steps", "in_any_order", "carts", "advice",
        "by", "segments", "differences", "incidents", "log",
    }  # fmt: skip
    assert [step["event"] for step in data["steps"]] == ["(visitors)", "add_to_cart", "purchase"]
    (incident,) = data["incidents"]
    assert (incident["first"], incident["last"]) == ("2026-06-21", "2026-06-28")
    assert incident["dimension"] == "device" and incident["share"] == 0


def test_an_incident_that_goes_over_into_another_is_not_said_to_have_been_as_usual_afterwards(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Half of the carts of 12 a day become orders; on mobile none from the 40th day on, from the 56th on none at all."""
    rows = []
    for n in range(84):
        for k in range(12):
            words = (f"v{n}-{k}", MONDAY + timedelta(days=n), "mobile" if k < 5 else "desktop")
            rows.append(event(words[0], a_time(words[1]), "add_to_cart", 1, words[2]))
            if (n < 56 and k % 2) and (n < 40 or k >= 5):
                rows.append(event(words[0], a_time(words[1], 60), "purchase", 1, words[2]))
    rows += [event("z", a_time(MONDAY + timedelta(days=85)), "page_view", 1, "desktop")]
    command = ("funnel", "--events", str(write_log(tmp_path / "log.csv", rows)), "--macro", "purchase")
    shown = " ".join(told(capsys, *command).split()).partition("Incidents, ")[2]
    mobile, everybody = shown.split("All visitors, ")
    assert "from 2026-07-11 to 2026-07-26 (it began between 20" in mobile and "ended between" not in mobile
    assert ": 0 % of 80 visitors go on in these days, 40 % before; what followed is told below. By chance" in mobile
    assert "from 2026-07-27 on, and not over yet" in everybody and "before. By chance" in everybody
    assert shown.count("who comes on two of its days counts twice") == 1
    data: Any = json.loads(told(capsys, *command, "--json"))["data"]
    assert [incident["visitors_after"] for incident in data["incidents"]] == [0, 0]


def test_channels_as_json_have_their_keys(log: str, capsys: pytest.CaptureFixture[str]) -> None:
    data: Any = json.loads(told(capsys, "channels", "--events", log, "--macro", "purchase", "--json"))["data"]
    assert set(data) == {"macro", "by", "as_of", "period", "lookback_days", "rows", "total", "log"}
    assert set(data["total"]["events"][0]) == {
        "event", "title", "did", "rate", "first_touch", "last_touch", "only_first", "only_last",
    }  # fmt: skip
    assert data["log"]["used"] + sum(data["log"]["excluded"].values()) == data["log"]["events"]


@pytest.mark.parametrize(
    ("command", "option", "quote"),
    [("funnel", "--steps", '"'), ("channels", "--micros", '"'), ("score", "--candidates", "")],
)
def test_a_name_is_the_same_with_and_without_double_quotes(
    command: str, option: str, quote: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        event(f"v{n}", a_time(MONDAY, 60 * n + step), name, 1, "desktop", "Search")
        for n in range(20)
        for step, name in enumerate(("Trial Started", "Sub Paid")[: 1 + n % 2])
    ]
    path = str(write_log(tmp_path / "log.csv", rows))
    trial, paid = f"{quote}Trial Started{quote}", f"{quote}Sub Paid{quote}"
    assert "trial started" in told(capsys, command, "--events", path, "--macro", paid, option, trial).casefold()


@pytest.mark.parametrize(("command", "charts"), [("funnel", 2), ("channels", 2)])
def test_foreign_text_stays_text_in_the_terminal_and_on_the_page(
    command: str, charts: int, log: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.html"
    words = ("--by", "device") if command == "funnel" else ()
    shown = told(capsys, command, "--events", log, "--macro", "purchase", "--html", str(page), *words)
    assert "\x1b" not in shown and "<script>" in shown
    written = page.read_text(encoding="utf-8")
    assert "<script" not in written and "&lt;script&gt;" in written
    # Each for wide and for narrow pages.
    assert written.count("<svg") == 2 * charts
    assert "http://" not in written.replace("http://www.w3.org", "")


def test_the_page_draws_incidents_under_their_heading_and_has_counts_and_intervals_of_segments(
    log: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.html"
    words = ("funnel", "--events", log, "--macro", "purchase", "--by", "device", "--html", str(page), "--json")
    desktop = next(s for s in json.loads(told(capsys, *words))["data"]["segments"] if s["segment"] == "desktop")
    bought = desktop["steps"][-1]
    assert bought["visitors"] == 112 and bought["went_on"]["point"] == pytest.approx(112 / 168)
    written = page.read_text(encoding="utf-8")
    assert '67 % (112)<br><span class="soft">59 to 73 %</span>' in written
    first, incidents = written.split("<h2>Incidents</h2>")
    where = "between &quot;Added to cart&quot; and &quot;Purchase&quot;"
    assert first.count("<svg") == incidents.count("<svg") == 2
    assert 'aria-label="Visitors a day who went on. Device &lt;script&gt;' in incidents and where in incidents
    assert "add_to_cart to purchase" not in incidents
    assert " % as many as the step before)" in first


def test_own_names_keep_their_capitals_stand_once_and_are_not_cut(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        event(f"v{n}", a_time(MONDAY, 60 * n + step), name, 1, "desktop", "Search")
        for n in range(20)
        for step, name in enumerate(("In den Warenkorb", "order_placed", "Bestellung abgeschlossen")[: 1 + n % 3])
    ]
    page = tmp_path / "page.html"
    words = ("--events", str(write_log(tmp_path / "log.csv", rows)), "--macro", "Bestellung abgeschlossen")
    steps = ("--steps", "In den Warenkorb,order_placed", "--html", str(page))
    shown = told(capsys, "funnel", *words, *steps)
    for whole in ("In den Warenkorb  ", "Order placed (order_placed)  ", "Bestellung abgeschlossen  "):
        assert whole in shown
    assert "warenkorb" not in shown
    narrow = page.read_text(encoding="utf-8").partition('class="chart narrow"')[2]
    assert ">Bestellung</tspan>" in narrow and ">abgeschlossen</tspan>" in narrow and "…" not in narrow
    told(capsys, "channels", *words, "--html", str(page))
    assert '>Visitors who did "Bestellung abgeschlossen"</text>' in page.read_text(encoding="utf-8")


def test_names_of_any_length_leave_room_and_no_two_steps_have_one_title(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    long = "Knopf " * 500
    rows = [event(f"w{n}", a_time(MONDAY, 60 * n), "look", 1, "desktop", "Search") for n in range(90)]
    rows += [
        event(f"v{n}", a_time(MONDAY, 60 * n + 12 * step), name, 1, long.strip(), long.strip())
        for n in range(40)
        for step, name in enumerate((long.strip(), "Order_Placed", "order placed", "Bestellt [/b]")[n % 4 // 3 :])
    ]
    path = str(write_log(tmp_path / "log.csv", rows))
    shown = told(capsys, "funnel", "--events", path, "--macro", "Bestellt [/b]", "--by", "device")
    for title in ("Order_Placed  ", "order placed  ", "Bestellt [/b]  "):
        assert title in shown
    assert f"catalogue are {long[:59]}…, Order_Placed and order placed," in " ".join(shown.split())
    assert "(" not in shown.partition("Visitors")[2].partition("The largest")[0] and long[:61] not in shown
    assert long[:61] not in told(capsys, "channels", "--events", path, "--macro", "Bestellt [/b]")
    assert long[:61] not in told(capsys, "score", "--events", path, "--macro", long.strip(), "--horizon-days", "1")
    assert run(["funnel", "--events", path, "--macro", "Bestellt [/b]", "--steps", long + "x"]) == 2
    assert long[:61] not in capsys.readouterr().err


def test_the_page_of_channels_draws_the_micros_that_most_visitors_did_and_counts_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        event(f"v{n}", a_time(MONDAY, 60 * n + step), f"step_{step}", 1, channel="Search" if n % 3 else "Email")
        for n in range(10)
        for step in range(8)
        if step or not n
    ]
    rows += [event("v1", a_time(MONDAY, 90 + again), "paid", 1) for again in range(10)]
    page = tmp_path / "page.html"
    words = ("--macro", "paid", "--micros", ",".join(f"step_{n}" for n in range(8)), "--html", str(page))
    told(capsys, "channels", "--events", str(write_log(tmp_path / "log.csv", rows)), *words)
    written = page.read_text(encoding="utf-8")
    drawn = [
        n for n in range(8) if f'aria-label="Visitors who did &quot;Step {n}&quot; by first and last touch"' in written
    ]
    assert drawn == [1, 2, 3, 4, 5, 6] and written.count("<svg") == 2 * 7
    # One visitor pays ten times: the chart counts who, and does not call it sales.
    assert 'Visitors who did "Paid"<' in written and "Paids" not in written
    assert "Drawn are the 6 that most visitors did; the table below has 2 more." in written


@pytest.mark.parametrize("command", ["score", "funnel", "channels"])
def test_a_macro_that_is_renamed_or_has_a_second_name_is_told_by_each_command(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [event(f"v{n}", a_time(MONDAY + timedelta(days=n)), "look", channel="Search") for n in range(60)]
    rows += [event(f"v{n}", a_time(MONDAY + timedelta(days=n), 60), "Bestellt!", channel="Search") for n in range(30)]
    rows += [
        event(f"v{n}", a_time(MONDAY + timedelta(days=n), 60), "bestellt", channel="Search") for n in range(30, 60)
    ]
    rows.append(event("v3", a_time(MONDAY + timedelta(days=3)), "BESTELLT", channel="Search"))
    words = (command, "--events", str(write_log(tmp_path / "log.csv", rows)), "--macro", "Bestellt!")
    shown = " ".join(told(capsys, *words).split())
    assert (
        "The last Bestellt! is of 2026-06-30, 30 days before the end. bestellt begins then: is it the new name?"
        in shown
    )
    assert (
        "Beside Bestellt! (30 events) the log has BESTELLT (1 event), the same but for capitals, spaces and signs."
        in shown
    )


def test_one_visitor_is_one_visitor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [event("one", a_time(MONDAY), "purchase"), event("two", a_time(MONDAY), "add_to_cart")]
    page = tmp_path / "page.html"
    words = ("--events", str(write_log(tmp_path / "log.csv", rows)), "--macro", "purchase", "--html", str(page))
    said = '1 visitor did "Purchase" in these days without all of these steps, in this order, before it.'
    assert said in " ".join(told(capsys, "funnel", *words).split())
    assert f"<p>{html.escape(said)}</p>".replace("&quot;", "&#34;") in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("funnel --macro purchaze", "The log has no event purchaze (--macro). Did you mean purchase?"),
        ("channels --macro purchase --micros add_to_kart", "The log has no event add_to_kart (--micros). Did you mean"),
        ("score --macro purchase --candidates add_to_kart*2", "The log has no event add_to_kart (--candidates)."),
        ("score --macro purchaze", "Did you mean purchase?"),
        ("score --macro add_to_cart[/thanks]", "--macro takes an event, and add_to_cart[/thanks] is a condition."),
        ("funnel --macro purchase --steps add_to_cart*2", "--steps takes an event, and add_to_cart*2 is a condition."),
        ("funnel --macro", "--macro names no event. Say which, such as: --macro purchase"),
    ],
)
def test_an_event_that_the_log_lacks_is_told_before_the_log_is_worked_through(
    log: str, words: str, says: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adsync.events.loading.row_counts", None)  # whoever comes so far fails
    given = words.split()
    code = run([*given, *([""] if given[-1] == "--macro" else []), "--events", log])
    assert code == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--events", ""], "It names nothing. Is a variable not set?"),
        (["--html", ""], "It names nothing. Is a variable not set?"),
        (["--events", "s3://bucket/log.csv"], "lies elsewhere: only files of this machine and bigquery:// are read."),
        (["--candidates", ""], "nothing stands there"),
        (["--candidates", ",".join(f"view_item*{n}" for n in range(2, 71))], "69 candidates are too many at once."),
    ],
)
def test_what_no_log_can_answer_is_refused_before_it_is_read(
    log: str, words: list[str], says: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adsync.events.files.find_files", None)  # whoever comes so far fails
    command = "funnel" if "--html" in words else "score"
    assert run([command, "--macro", "purchase", *([] if "--events" in words else ["--events", log]), *words]) == 2
    assert says in " ".join(capsys.readouterr().err.split())


class Closed(io.StringIO):
    """What nobody reads any more, or has no room; beneath it something that may be closed."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number, self.beneath = number, os.open(os.devnull, os.O_WRONLY)

    def write(self, _: str) -> NoReturn:
        raise OSError(self.number, os.strerror(self.number))

    def fileno(self) -> int:
        return self.beneath


@pytest.mark.parametrize(
    ("words", "number", "ends", "says"),
    [
        ("score --names", errno.EPIPE, 141, ""),
        ("score --names --json", errno.EPIPE, 141, ""),
        ("score --help", errno.EPIPE, 141, ""),
        ("score --json", errno.ENOSPC, 1, "Which event"),
        ("score --names", errno.ENOSPC, 1, "the output cannot be written: No space left on device."),
    ],
)
def test_output_that_nobody_takes_ends_a_command_alike_however_it_is_written(
    words: str, number: int, ends: int, says: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = Closed(number)
    monkeypatch.setattr("sys.stdout", closed)
    code = run([*words.split(), *(["--events", "none.csv"] if words == "score --json" else [])])
    os.close(closed.beneath)
    told = capsys.readouterr().err
    assert code == ends and says in told and ("cannot be written" in told) == (ends == 1)


@pytest.mark.parametrize(
    "raised", [MemoryError(), ImportError("libarrow.so: failed to map segment from shared object")]
)
def test_too_little_memory_is_told_as_such(
    log: str, raised: Exception, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> NoReturn:
        raise raised

    monkeypatch.setattr("adsync.wiring._in_files", fail)
    assert run(["score", "--events", log, "--macro", "purchase"]) == 1
    assert capsys.readouterr().err.startswith("adsync: the system gives no more memory.")
