"""The report in a real browser: wide, narrow and printed, with no script, no network, and foreign text as text."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from adsync.cli import run
from adsync.model.decision import Standing, Verb
from adsync.model.dropoff import DropOff, Step
from adsync.model.evidence import Evidence, Interval, Verdict
from adsync.model.overview import Overview, Urgency
from adsync.model.page import Page, Week
from adsync.model.plan import Consent, PlannedChange
from adsync.model.window import Window
from adsync.render.charts import share_chart
from adsync.render.report import report_html
from tests.builders import NOW, TODAY, a_change, an_entry
from tests.sandboxes import run_adsync

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = shutil.which("chromium")
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\x1b[31m\u202e&{{7*7}}"

CLOSE_BY = tuple(
    an_entry(2 + n, a_change(verb, event_name=event), opened_at=NOW - timedelta(days=days))
    for n, (verb, event, days) in enumerate(
        [(Verb.PROMOTE, "add_to_cart", 26), (Verb.PROMOTE, "begin_checkout", 25), (Verb.DEMOTE, "add_to_cart", 12)]
    )
)
"""Changes that follow each other on the heels."""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium, which `make test` installs as root on Debian")


def a_page(name: str = "shop") -> Page:
    """A page on which everything foreign is hostile."""
    standing = Standing(
        last_day=TODAY, demand=30, counted=97, needed=101, effective_days=84, dispersion=1.2, above_chance=0.9, recent=35,
        recent_days=28, return_line=20, returns_at=14, below_chance=0.1, starved=False,
    )  # fmt: skip
    evidence = Evidence(
        event_name="add_to_cart", window=Window.ending(TODAY, days=90), horizon_days=30, entered=150, completed=114,
        visitors=9000, buyers=150, share=Interval(0.76, 0.69, 0.87), without=Interval(0.003, 0.002, 0.005),
        lift=Interval(86, 60, 120), difference=Interval(0.29, 0.25, 0.34), coverage=0.8, q_value=0.0, monthly=133,
        verdict=Verdict.GOOD, reason=HOSTILE, cannot_know="association only",
    )  # fmt: skip
    from adsync.model.decision import Decision

    return Page(
        overview=Overview(
            account=name, urgency=Urgency.FINE, stands=f"Helpers stay. {HOSTILE}", as_of=TODAY, pulled_at=NOW,
            primary=(HOSTILE,), next_check=TODAY + timedelta(days=7),
            line="The demand line is 30 a month, because campaigns bid for conversions.",
            soon="Sale begins on 2026-06-05 and lasts until 2026-06-09: nothing changes inside.",
        ),
        macro="purchase",
        made_at=NOW,
        time_zone="Europe/Berlin",
        standing=standing,
        weeks=tuple(Week(first=w, macros=8.0, counted=30.0) for w in Window.ending(TODAY, days=28)),
        drop_off=DropOff(
            steps=(
                Step(event_name="session_start", title="Visitors", users=9000, kept=1),
                Step(event_name="add_to_cart", title=HOSTILE, users=400, kept=0.044),
            ),
            advice="Few carts: look at the traffic.",
        ),
        decisions=(Decision(event_name="add_to_cart", because=HOSTILE, evidence=evidence),),
        minimum_share=0.2,
        entries=(an_entry(change=a_change(Verb.PROMOTE, title=HOSTILE), note=HOSTILE), *CLOSE_BY),
        pending=(),
        no_ways=f"The log of single events says nothing here. {HOSTILE}",
    )  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    quiet = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=quiet)
        yield running
        running.close()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(report_html([a_page(), a_page("second")]))
    return path


def visit(browser: Browser, file: Path, width: int) -> tuple[Any, list[str]]:
    """The opened page, and everything that it asked for or complained about."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("dialog", lambda dialog: heard.append(dialog.message))
    page.on("request", lambda request: None if request.url == file.as_uri() else heard.append(request.url))
    page.goto(file.as_uri())
    return page, heard


def too_wide(page: Any) -> list[str]:
    """Charts and tables of which a part lies off the screen."""
    found: list[str] = page.evaluate(
        "() => [...document.querySelectorAll('.chart, .scroll')].filter(e => e.scrollWidth > e.clientWidth + 1)"
        ".map(e => e.textContent)"
    )
    return found


@pytest.mark.parametrize("width", [1280, 390], ids=["wide", "narrow"])
def test_the_page_fits_its_window_and_asks_nothing_of_the_network(browser: Browser, file: Path, width: int) -> None:
    page, heard = visit(browser, file, width)
    assert heard == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    shown = page.locator("svg:visible")
    assert shown.count() == 6
    for chart in shown.all():
        assert chart.bounding_box()["width"] > 300
    assert too_wide(page) == []


def test_foreign_text_is_shown_and_does_nothing(browser: Browser, file: Path) -> None:
    page, heard = visit(browser, file, 1280)
    assert heard == []
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 0
    shown = page.inner_text("body")
    assert "<script>alert(1)</script>" in shown
    assert "The log of single events says nothing here. <script>alert(1)</script>" in shown
    assert "{{7*7}}" in shown
    assert "\x1b" not in shown
    assert "\u202e" not in page.content()


def test_it_says_which_line_applies_and_which_season_begins(browser: Browser, file: Path) -> None:
    page, _ = visit(browser, file, 1280)
    shown = page.inner_text("body")
    assert a_page().overview.line in shown and a_page().overview.soon in shown
    assert "12 weeks" not in shown, "how many weeks are looked at is for the policy to say"


def test_a_lift_of_which_anything_may_be_true_is_no_more_shown_than_in_the_terminal() -> None:
    (decision,) = a_page().decisions
    assert decision.evidence is not None
    for lift, shown in ((Interval(0.7, 0.04, 11.6), False), (Interval(0.7, 0.1, 11.6), True)):
        known = replace(decision, evidence=replace(decision.evidence, lift=lift))
        drawn = report_html([replace(a_page(), decisions=(known,))])
        assert ('data-column="Times as likely">0.7<' in drawn) == shown == (" to 11.6<" in drawn)


def test_a_group_is_one_pending_row_with_its_calendar() -> None:
    first, second = (
        PlannedChange(
            change=a_change(verb, object_id=verb, title=verb),
            consent=Consent.REVIEW,
            consent_because=HOSTILE,
            group="shop-1/1",
            not_before=TODAY + timedelta(days=days),
        )
        for days, verb in ((0, Verb.PROMOTE), (14, Verb.DEMOTE))
    )
    shown = report_html([replace(a_page(), pending=(("shop-1/1", first), ("shop-1/2", second)))])
    table = shown[shown.index("<h2>Pending</h2>") :].split("</table>")[0]
    assert table.count("<tr>") == 2 and "shop-1/2" not in table
    assert f"{second.not_before}: demote" in table and "<script>" not in table


def test_it_prints_on_paper_with_each_account_on_a_page_of_its_own(browser: Browser, file: Path) -> None:
    page, _ = visit(browser, file, 1280)
    printed = page.pdf(format="A4")
    assert (
        printed.count(b"/Type /Page\n") >= 2 or printed.count(b"/Type /Page ") >= 2 or printed.count(b"/Type/Page") >= 2
    )


def labels_outside(page: Any) -> list[str]:
    """Labels of charts that the chart cuts off; foreign ones may be of any length."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('svg')].flatMap(svg => {
            const frame = svg.getBoundingClientRect();
            return [...svg.querySelectorAll('text')].filter(t => !t.textContent.includes('<')).filter(t => {
                const box = t.getBoundingClientRect();
                return box.left < frame.left - 1 || box.right > frame.right + 1;
            }).map(t => t.textContent);
        })"""
    )
    return found


def labels_over_each_other(page: Any) -> list[str]:
    """Pairs of labels of one chart that cover each other, or stand in one line with no room between them."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('svg')].flatMap(svg => {
            const labels = [...svg.querySelectorAll('text')]
                // Where an axis has no room for all its labels, some are drawn without being seen.
                .filter(t => t.textContent.trim() && t.getAttribute('opacity') !== '0');
            return labels.flatMap((t, n) => labels.slice(n + 1).filter(other => {
                const a = t.getBoundingClientRect(), b = other.getBoundingClientRect();
                const room = Math.abs(a.top - b.top) < 2 ? -3 : 1;
                return Math.min(a.right, b.right) - Math.max(a.left, b.left) > room
                    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2;
            }).map(other => `${t.textContent} / ${other.textContent}`));
        })"""
    )
    return found


@pytest.mark.parametrize("width", [1280, 390], ids=["wide", "narrow"])
def test_every_label_of_the_charts_lies_inside_its_chart_and_over_no_other(
    browser: Browser, file: Path, width: int
) -> None:
    page, _ = visit(browser, file, width)
    assert labels_outside(page) == []
    assert labels_over_each_other(page) == []
    assert "begin_checkout used for bidding" in page.locator("svg").first.text_content()


def test_what_fits_for_value_only_is_not_drawn_as_what_fits() -> None:
    """Of it the table says that it is of no use here where no campaign bids for value."""
    (decision,) = a_page().decisions
    assert decision.evidence is not None
    early = replace(decision.evidence, event_name="view_item", share=Interval(0.1, 0.08, 0.12))
    just_below = replace(early, event_name="sign_up", share=Interval(0.18, 0.14, 0.23))
    drawn = share_chart([decision.evidence, early, just_below], minimum_share=0.2)
    assert "event: sign_up; verdict: fits where bidding is for value only" in drawn
    assert ">20 % asked, where bidding counts conversions<" in drawn
    assert 'event: add_to_cart; verdict: fits"' in drawn
    assert "event: view_item; verdict: fits where bidding is for value only" in drawn


@pytest.mark.parametrize("command", ["funnel --by device", "channels"])
def test_pages_of_visitors_ways_hide_nothing_on_a_narrow_screen(
    command: str, browser: Browser, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "page.html"
    log = str(root / "docs" / "events.csv")
    assert run([*command.split(), "--events", log, "--macro", "purchase", "--html", str(path)]) == 0
    assert capsys.readouterr().err == ""
    page, heard = visit(browser, path, 390)
    assert heard == [] and too_wide(page) == [] and page.evaluate("document.documentElement.scrollWidth") == 390
    assert labels_outside(page) == [] and labels_over_each_other(page) == []
    shown = page.locator("table.stacked td:visible").first
    assert shown.evaluate("e => getComputedStyle(e).display") == "block"


@pytest.fixture(scope="module")
def replayed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a backtest whose source has a hostile name."""
    folder = tmp_path_factory.mktemp("backtest")
    hostile = folder / "<script>alert(1)<.csv"
    hostile.write_text((root / "docs" / "counts.csv").read_text())
    ran = run_adsync("backtest", "--counts", hostile.name, "--helpers", "6", "--html", "page.html", cwd=folder)
    assert ran.returncode == 0, ran.stderr
    return folder / "page.html"


@pytest.mark.parametrize("width", [1280, 390], ids=["wide", "narrow"])
def test_a_backtests_page_fits_its_window_and_names_its_changes_in_the_chart(
    browser: Browser, replayed: Path, width: int
) -> None:
    page, heard = visit(browser, replayed, width)
    assert heard == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.locator("script").count() == 0
    assert "<script>alert(1)<.csv, replayed" in page.inner_text("h1")
    written = " ".join(page.locator("svg text").all_text_contents())
    for said in ("helper 1 retired", "back", "demand line (30 a month)", "30 in the last 30 days", "helpers bid on"):
        assert said in written
    assert labels_outside(page) == []
    assert labels_over_each_other(page) == []
