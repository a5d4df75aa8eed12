"""Scores week by week, before and after a promotion, and by segment: from files to what is printed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from itertools import islice
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from adsync.cli.score import command
from adsync.errors import UsageError
from adsync.model.policy import Policy
from adsync.render.score import score_document, score_lines
from adsync.scoring import Asked, score_log
from adsync.wiring import event_log
from tests.journeys import event, write_log

MONDAY = date(2026, 3, 2)
WEEKS, FALLS = 16, 11
CHANNELS = ("Search", "Email", "(not set)")


def a_shop() -> Iterator[str]:
    """An hour brings one visitor who looks and one who fills a cart. Of carts one in two is bought, later one in ten."""
    for hour in range(WEEKS * 7 * 24):
        at = datetime.combine(MONDAY, time(), UTC) + timedelta(hours=hour)
        channel = CHANNELS[hour // 10 % 3]
        yield event(f"looks{hour}", at, "page_view", 1, "mobile", channel)
        for name, seconds in (("page_view", 60), ("add_to_cart", 90)):
            yield event(f"cart{hour}", at + timedelta(seconds=seconds), name, 1, "mobile", channel)
        if hour % (2 if hour < FALLS * 7 * 24 else 10) == 0:
            yield event(f"cart{hour}", at + timedelta(seconds=300), "purchase", 1, "mobile", channel)


def run(path: Path, *options: str) -> str:
    """Standard output."""
    arguments = ["--events", str(path), "--macro", "purchase", "--horizon-days", "1", *options]
    done = CliRunner().invoke(command, arguments, obj={"quiet": True}, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_weeks_drift_promotion_and_channels_are_told_and_printed(tmp_path: Path) -> None:
    asked = Asked(
        macro="purchase",
        horizon_days=1,
        by="channel",
        promoted={"add_to_cart": MONDAY + timedelta(weeks=FALLS)},
    )
    with event_log([write_log(tmp_path / "log.csv", list(a_shop()))]) as log:
        report = score_log(log, asked, Policy())
    cart = next(c for c in score_document(report)["candidates"] if c["event"] == "add_to_cart")
    weeks = cart["weeks"]
    assert len(weeks) == WEEKS and [w["whole"] for w in weeks] == [True] * 15 + [False]
    assert {(w["exposed"], w["converted"]) for w in weeks[:FALLS]} == {(168, 84)}
    assert sum(w["exposed"] for w in weeks) == cart["exposed"]
    drift = cart["drift"]
    assert drift["turn"] == "falls" and drift["q"] < 1e-6
    assert (drift["before"]["first"], drift["now"]["last"]) == (date(2026, 3, 16), date(2026, 6, 14))
    assert drift["now"]["p"]["point"] == pytest.approx(0.1, abs=0.005)
    promoted = cart["promoted"]
    assert promoted["before"]["exposed"] == FALLS * 168 and promoted["difference"]["high"] < -0.3
    assert promoted["after"]["volume_30d"] == pytest.approx(720, rel=0.01)
    by = cart["by"]
    assert {s["segment"] for s in by["segments"]} == {"Search", "Email", "(not known)"}
    assert sum(s["exposed"] for s in by["segments"]) == cart["exposed"] and by["differ"] is False
    out = Console(record=True, width=140, file=StringIO())
    for line in score_lines(report):
        out.print(line)
    said = " ".join(out.export_text().split())
    assert drift["because"] in said and promoted["because"] in said
    assert "add_to_cart announces less than before: 10 % of 672 in the 4 weeks up to 2026-06-14, 50 % of 1,512" in said
    assert "corrected for asking often (q of 5 %, Benjamini-Hochberg)" in said and "add_to_cart Search" in said
    assert "Grade A. From single events" in said and "With campaigns in the log activity would" in said


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two weeks of it."""
    return write_log(tmp_path_factory.mktemp("log") / "log.csv", list(islice(a_shop(), 1_000)))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--by", "campaign"], "says nothing of the campaign.*split by channel, device"),
        (["--promoted", "add_to_cart"], "no event with a date.*add_to_cart=2026-01-05"),
        (["--promoted", "=2026-04-01"], "no event with a date"),
        (["--promoted", "add_to_cart=2026-02-30"], "no event with a date"),
        (["--promoted", "add_to_card=2026-04-01"], "no candidate here.*Did you mean add_to_cart"),
        (["--promoted", "purchase=2026-04-01"], "purchase is no candidate here"),
        (["--promoted", f"add_to_cart={MONDAY}"], "no day before.*2026-03-02 to 2026-03-"),
        (["--promoted", "add_to_cart=2026-07-01"], "none after"),
        (["--promoted", "add_to_cart=2026-04-01", "--promoted", "add_to_cart=2026-04-02"], "add_to_cart twice"),
    ],
)
def test_what_the_log_does_not_have_is_refused_in_words(options: list[str], says: str, few: Path) -> None:
    with pytest.raises(UsageError) as told:
        run(few, *options)
    assert re.search(says, str(told.value).replace("\n", " "))


def test_a_condition_may_have_been_promoted_and_what_nobody_asked_is_null(few: Path) -> None:
    name = "add_to_cart[device=mobile]"
    document = json.loads(run(few, "--candidates", f"page_view,{name}", "--promoted", f"{name}=2026-03-10", "--json"))
    promoted = {c["event"]: c["promoted"] for c in document["data"]["candidates"]}
    assert promoted["page_view"] is None and promoted[name]["before"]["exposed"] == 8 * 24
    assert all(c["by"] is None for c in document["data"]["candidates"])


def test_a_log_of_which_nobody_counts_yet_says_so_and_shows_no_empty_table(tmp_path: Path) -> None:
    path = write_log(tmp_path / "log.csv", list(islice(a_shop(), 40)))
    said = run(path, "--by", "channel")
    assert "Nobody is counted yet, so that nothing can be split by channel." in said and "Channel" not in said
