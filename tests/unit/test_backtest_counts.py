"""Files of counts, through the command: what is wrong is said with its line, what is assumed is said as well."""

from __future__ import annotations

import io
import json
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from adsync.cli import run

FIRST = date(2025, 1, 1)
HEADER = "date,macro"


def days(number: int = 120, first: date = FIRST, macro: str = "2") -> list[str]:
    return [f"{first + timedelta(days=n)},{macro}" for n in range(number)]


def a_file(path: Path, *lines: str, ends: str = "\n") -> Path:
    file = path / "counts.csv"
    file.write_bytes(ends.join([*lines, ""]).encode())
    return file


def said(file: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    code = run(["backtest", "--counts", str(file), *options])
    shown = capsys.readouterr()
    assert "Traceback" not in shown.err
    return code, shown.err


def replayed(file: Path, capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    code = run(["backtest", "--counts", str(file), "--json", *options])
    shown = capsys.readouterr()
    assert (code, shown.err) == (0, ""), shown.err
    data: dict[str, Any] = json.loads(shown.out)["data"]
    return data


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([], ["counts.csv is empty", "date,macro"]),
        (["", "   "], ["counts.csv is empty"]),
        ([HEADER], ["a header and no days"]),
        (["date,sales", *days()], ["line 1", "'sales'", "date,macro"]),
        (["date,micro", *days()], ["line 1", "no column macro"]),
        (["macro,clicks", "2,3"], ["line 1", "no column date"]),
        (["date,macro,macro", "2025-01-01,1,2"], ["line 1", "macro stands twice"]),
        (["2025-01-01,3", *days()], ["line 1", "'2025-01-01'", "The first line must be"]),
        (["date;macro", "2025-01-01;3"], ["line 1", "semicolons", "commas between columns"]),
        (["date\tmacro", "2025-01-01\t3"], ["line 1", "tabs"]),
        ([HEADER, *days(3), "04/01/2025,2"], ["line 5", "'04/01/2025'", "2026-11-21"]),
        ([HEADER, *days(3), "20250104,2"], ["line 5", "'20250104'"]),
        ([HEADER, *days(3), "2025-02-30,2"], ["line 5", "'2025-02-30'"]),
        ([HEADER, *days(3), ",2"], ["line 5", "'' is no date"]),
        ([HEADER, "0001-01-01,2", *days(3)], ["line 2", "0001-01-01", "2000 to 2100"]),
        ([HEADER, *days(3), "", "2025-01-02,9"], ["line 6", "2025-01-02 stands twice", "line 3"]),
        ([HEADER, *days(3), "2025-01-04,-1"], ["line 5", "macro is -1", "no negative counts"]),
        ([HEADER, *days(3), "2025-01-04,nan"], ["line 5", "'nan'", "Write a number"]),
        ([HEADER, *days(3), "2025-01-04,inf"], ["line 5", "'inf'"]),
        ([HEADER, *days(3), "2025-01-04,1e400"], ["line 5", "'1e400'"]),
        ([HEADER, *days(3), "2025-01-04," + "9" * 400], ["line 5", "not believed"]),
        ([HEADER, *days(3), "2025-01-04,1_000"], ["line 5", "'1_000'"]),
        ([HEADER, *days(3), "2025-01-04,٣"], ["line 5", "no number"]),
        ([HEADER, *days(3), '2025-01-04,"3,5"'], ["line 5", "'3,5'", "with a point"]),
        ([HEADER, *days(3), '2025-01-04,"1.234,5"'], ["line 5", "'1.234,5'", "1234.5"]),
        ([HEADER, *days(3), "2025-01-04,3,5"], ["line 5", "3 cells", "names 2", "with a point"]),
        ([HEADER, *days(3), "2025-01-04"], ["line 5", "1 cell.", "names 2"]),
        (["date,macro,clicks", "2025-01-01,2,many"], ["line 2", "clicks is 'many'"]),
        ([HEADER, '"2025-01-01,2'], ["line 2", "no CSV"]),
        ([HEADER, *days(3), "2025-01-04;2"], ["line 5", "semicolons"]),
        ([HEADER, *days(3), "2025-01-04\t2"], ["line 5", "tabs"]),
        ([HEADER, *days(3), "2025-01-04,2\0"], ["no text", "zero bytes", "CSV UTF-8"]),
        ([HEADER, "2025-01-01,2\x0c", "2025-01-02\u2028,2", "2025-01-03,-1"], ["line 4", "macro is -1"]),
        ([HEADER, *days(3), "2025-01-04," + "x" * 100_000], ["line 5", "xxxx…', which is no number"]),
        ([HEADER, *(line + "," for line in days(3))], ["line 2", "3 cells"]),
        ([HEADER, *days(120, macro="")], ["120 days and not one count", "has a 0"]),
        ([HEADER, *days(3), "Total,6"], ["line 5", "'Total' is no date"]),
        ([HEADER, *days(97)], ["too few days to replay: 97", "14 weeks", "98 days"]),
    ],
    ids=lambda value: value[-1][:40] if isinstance(value, list) and value else "",
)
def test_what_is_wrong_with_a_file_is_said_with_what_is_wanted(
    lines: list[str], says: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, error = said(a_file(tmp_path, *lines), capsys)
    assert code == 2
    assert error.startswith("adsync: ")
    for words in says:
        assert words in error


def test_an_error_tells_its_line_in_json_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["backtest", "--counts", str(a_file(tmp_path, HEADER, "2025-01-01,-1")), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["line"] == 2


def test_a_file_that_is_no_text_or_not_there_or_a_folder_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    utf16 = tmp_path / "utf16.csv"
    utf16.write_text("\n".join([HEADER, *days()]), encoding="utf-16")
    assert "no UTF-8 text" in said(utf16, capsys)[1]
    assert "cannot be read" in said(tmp_path / "nowhere.csv", capsys)[1]
    assert "cannot be read" in said(tmp_path, capsys)[1]
    assert "larger than 16 MB" in said(Path("/dev/zero"), capsys)[1], "what never ends is not read for ever"


def test_98_days_are_one_night(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = replayed(a_file(tmp_path, HEADER, *days(98)), capsys)
    assert [night["date"] for night in found["nights"]] == ["2025-04-09"]


def test_a_byte_order_mark_windows_line_ends_and_spaces_are_no_trouble(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = replayed(a_file(tmp_path, HEADER, *days()), capsys)
    spaced = [line.replace(",", " , ") for line in days()]
    assert replayed(a_file(tmp_path, "\ufeffDate,Macro", *spaced, ends="\r\n"), capsys) == plain


def test_lines_in_another_order_are_sorted_and_it_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ordered = replayed(a_file(tmp_path, HEADER, *days()), capsys)
    turned = replayed(a_file(tmp_path, HEADER, *reversed(days())), capsys)
    assert turned["nights"] == ordered["nights"]
    assert any("sorted" in note for note in turned["notes"])
    assert not any("sorted" in note for note in ordered["notes"])


@pytest.mark.parametrize("left_out", [True, False], ids=["no line", "an empty cell"])
def test_gaps_are_unknown_and_zero_on_request_and_both_is_said(
    left_out: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = days(120)
    for n in range(30, 100, 7):
        lines[n] = "" if left_out else lines[n].split(",")[0] + ","
    file = a_file(tmp_path, HEADER, *lines)
    unknown, zero = replayed(file, capsys), replayed(file, capsys, "--gaps", "zero")
    assert any(
        "10 days have no count" in n and "unknown, not zero" in n and "--gaps zero" in n for n in unknown["notes"]
    )
    assert any("10 days have no count" in n and "taken for zero" in n for n in zero["notes"])
    assert "10 of the 84 days are unknown" in unknown["nights"][0]["because"]
    assert unknown["nights"][0]["needed"] < zero["nights"][0]["needed"]


def test_days_to_come_are_days_like_any_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert replayed(a_file(tmp_path, HEADER, *days(first=date(2090, 1, 1))), capsys)["days"]["last"] == "2090-04-30"


def test_ten_thousand_lines_are_replayed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = replayed(a_file(tmp_path, HEADER, *days(10_000, date(2001, 1, 1))), capsys)
    assert len(found["nights"]) == 9_903
    assert [change["verb"] for change in found["changes"]] == ["demote"]


def test_cost_stands_in_for_clicks_to_tell_a_pause_from_a_broken_tag(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def held(cost: str) -> str:
        lines = [f"{line},{10 if n < 110 else 0},{50 if n < 110 else cost}" for n, line in enumerate(days(110))]
        lines += [f"{line.split(',')[0]},0,8,{cost}" for line in days(120)[110:]]
        found = replayed(a_file(tmp_path, "date,macro,micro,cost", *lines), capsys)
        return " ".join(stretch["because"] for stretch in found["held"])

    assert "seem to be paused" in held("0")
    assert "looks like a broken tag" in held("50")


def test_stdin_is_read_where_a_dash_stands(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("\n".join([HEADER, *days()]).encode())))
    assert run(["backtest", "--counts", "-", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["data"]["source"] == "stdin"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--first", "2025-04-08"), ["--first 2025-04-08", "2025-04-09 to 2025-05-01"]),
        (("--last", "2025-05-02"), ["--last 2025-05-02", "2025-04-09 to 2025-05-01"]),
        (("--first", "2025-04-20", "--last", "2025-04-19"), ["--last 2025-04-19", "2025-04-20 to 2025-05-01"]),
        (("--account", "shop"), ["One history is wanted"]),
    ],
)
def test_nights_that_cannot_be_replayed_are_refused_with_those_that_can(
    options: tuple[str, ...], says: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, error = said(a_file(tmp_path, HEADER, *days()), capsys, *options)
    assert code == 2
    assert all(words in error for words in says), error


def test_without_a_history_two_ways_to_name_one_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["backtest"]) == 2
    error = capsys.readouterr().err
    assert "--counts counts.csv" in error and "--account shop" in error
