"""What stored numbers say of an account's candidates, read back from a real database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from adsync.account_scores import stored_scores
from adsync.model.evidence import Verdict
from adsync.model.pulled import Coverage, Report, Snapshot
from adsync.model.tier import AccountScores
from adsync.model.volume import ActionDay, CampaignDay
from adsync.model.weekly import CampaignWeeks
from adsync.model.window import Window
from adsync.ports import Axis, State
from adsync.pull import funnel_parts, pull_account
from adsync.render.account_scores import account_lines
from adsync.sandbox.ga4.quota import Limits
from adsync.state.database import Database
from adsync.state.holds import SqlHolds
from adsync.state.ledger import SqlLedger
from adsync.state.memory import SqlMemory
from adsync.state.numbers import SqlNumbers
from adsync.state.outcome_reviews import SqlOutcomeReviews
from tests.builders import (
    CUSTOMER_ID,
    MACRO_ID,
    NOW,
    TODAY,
    a_baseline,
    a_candidate,
    a_funnel,
    a_macro_action,
    a_snapshot,
    a_state,
    an_account,
    an_action,
)
from tests.campaign_worlds import drawn
from tests.sandboxes import LocalSandbox

CART = an_action(click_window_days=30)
MACRO = a_macro_action(click_window_days=30)
SETTINGS = a_snapshot(replace(a_state(CART), actions=(MACRO, CART)))
NEWEST = TODAY - timedelta(days=31)
"""The last day whose clicks have all had their thirty days."""


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    database = Database(f"sqlite:///{tmp_path / 'adsync.db'}")
    yield State(
        numbers=SqlNumbers(database),
        ledger=SqlLedger(database),
        memory=SqlMemory(database),
        holds=SqlHolds(database),
        reviews=SqlOutcomeReviews(database),
    )
    database.close()


def covering(report: Report, window: Window, fault: str = "", as_of: date = TODAY) -> Coverage:
    return Coverage(report=report, as_of=as_of, window=window, pulled_at=NOW, whole=not fault, fault=fault)


def store_settings(state: State, snapshot: Snapshot, as_of: date = TODAY) -> None:
    state.numbers.store_snapshot(CUSTOMER_ID, snapshot, covering(Report.ACCOUNT, Window(as_of, as_of), as_of=as_of))


def store_weeks(state: State, weeks: CampaignWeeks, last: date = NEWEST) -> None:
    """Each week's numbers on its first day, the newest week ending on ``last``; the days after it hold numbers of no week."""
    first = last - timedelta(days=7 * weeks.clicks.shape[1] - 1)
    actions, campaigns = [], []
    for (campaign, week), clicks in np.ndenumerate(weeks.clicks):
        day = first + timedelta(days=7 * week)
        campaigns.append(
            CampaignDay(date=day, campaign_id=str(campaign), cost_micros=0, clicks=int(clicks), impressions=0)
        )
        for action, counts in ((MACRO_ID, weeks.macros), (CART.id, weeks.micros)):
            count = float(counts[campaign, week])
            actions.append(
                ActionDay(
                    date=day, campaign_id=str(campaign), action_id=action, value=0, all_value=0,
                    conversions=count, all_conversions=count,
                )
            )  # fmt: skip
    window = Window(first, TODAY - timedelta(days=1))
    state.numbers.store_conversions(CUSTOMER_ID, Axis.CLICK, actions, covering(Report.CLICKS, window))
    state.numbers.store_campaign_days(CUSTOMER_ID, campaigns, covering(Report.COST, window))


def store_funnels(state: State, fault: str = "") -> None:
    funnels = [a_baseline(), a_funnel("add_to_cart", 400, 120), a_funnel("begin_checkout", 40, 20)]
    state.numbers.store_funnels(CUSTOMER_ID, funnels, covering(Report.FUNNELS, funnels[0].window, fault))


def found(state: State) -> AccountScores:
    candidates = (a_candidate("begin_checkout"), a_candidate("add_to_cart"))
    return stored_scores(an_account(candidates=candidates), state)


def test_before_the_first_pull_it_says_what_to_do(state: State) -> None:
    assert found(state).notes == ("Nothing is known yet: adsync pull --account shop",)
    assert found(state).scores == ()


def test_funnels_that_are_whole_are_grade_b_and_what_they_decide_is_asked_no_further(state: State) -> None:
    store_settings(state, SETTINGS)
    store_funnels(state)
    store_weeks(state, drawn(np.random.default_rng(3), 12, 40, useful=1.5))
    scores = found(state)
    assert [(s.event, s.grade, s.verdict) for s in scores.scores] == [
        ("add_to_cart", "B", Verdict.GOOD),
        ("begin_checkout", "B", Verdict.NOT_ENOUGH),
    ]
    assert [(u.events, u.because) for u in scores.unasked] == [
        (("begin_checkout",), "No conversion action of Google Ads counts it.")
    ]


def test_where_ga4_samples_the_days_of_campaigns_say_what_moves_with_the_macro(state: State) -> None:
    store_settings(state, SETTINGS)
    store_funnels(state, fault="sampled: 40 % of the events were read")
    store_weeks(state, drawn(np.random.default_rng(3), 12, 40, useful=1.5))
    by_grade = {(s.event, s.grade): s for s in found(state).scores}
    assert by_grade["add_to_cart", "B"].verdict is Verdict.UNKNOWN
    ranked = by_grade["add_to_cart", "C"]
    assert ranked.verdict is Verdict.GOOD and ranked.moves_with is not None and ranked.moves_with.low > 0
    assert ranked.because.endswith("in 12 campaigns over 40 weeks.")


@pytest.mark.parametrize(("weeks", "says"), [(24, "in 12 campaigns over 20 weeks"), (23, "19 whole weeks are known")])
def test_clicks_that_may_still_convert_and_days_that_were_not_copied_do_not_count(
    weeks: int, says: str, state: State
) -> None:
    store_settings(state, SETTINGS)
    store_funnels(state, fault="sampled: 40 % of the events were read")
    store_weeks(state, drawn(np.random.default_rng(3), 12, weeks), last=NEWEST + timedelta(days=28))
    scores = found(state)
    reasons = [s.because for s in scores.scores if s.grade == "C"] + [u.because for u in scores.unasked]
    assert any(says in reason for reason in reasons), reasons


def test_an_action_whose_settings_changed_within_the_year_is_not_asked(state: State) -> None:
    before = replace(CART, counting_type="MANY_PER_CLICK")
    earlier = a_snapshot(replace(a_state(before), actions=(MACRO, before)))
    store_settings(state, earlier, as_of=TODAY - timedelta(weeks=30))
    store_settings(state, SETTINGS)
    store_funnels(state, fault="sampled: 40 % of the events were read")
    store_weeks(state, drawn(np.random.default_rng(3), 12, 40, useful=1.5))
    scores = found(state)
    assert "C" not in {s.grade for s in scores.scores}
    (why,) = [u.because for u in scores.unasked if u.events == ("add_to_cart",)]
    assert why == f'"{CART.name}" counts otherwise than on {TODAY - timedelta(weeks=28)}: its settings were changed.'


# With a sandbox ------------------------------------------------------------------------------------------------------


def test_a_night_copies_parts_that_add_up_to_what_ga4_says_and_the_page_shows_them(
    sandbox: LocalSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(funnel_parts, "FEWEST_COMPLETED", 10)
    account = sandbox.settings.accounts[0]
    ports = sandbox.wiring().ports(account)
    night = pull_account(account, ports).as_of
    parts = ports.state.numbers.funnel_parts(account.customer_id, night)
    whole = {f.event_name: f for f in ports.state.numbers.funnels(account.customer_id, night)}
    assert {p.by for p in parts} == {"device", "channel"}
    # Nobody changes the device in the sandbox; by channel some count twice.
    for event in {p.event_name for p in parts}:
        channels = [p for p in parts if (p.event_name, p.by) == (event, "channel")]
        assert sum(p.entered for p in channels) >= whole[event].entered
        devices = [p for p in parts if (p.event_name, p.by) == (event, "device")]
        assert sum(p.entered for p in devices) == whole[event].entered
        assert sum(p.completed for p in devices) == whole[event].completed
    scores = stored_scores(account, ports.state)
    shown = {s.event: {p.by for p in s.parts} for s in scores.scores if s.parts}
    assert shown["add_to_cart"] == {"device", "channel"} and scores.notes == ()
    page = (Path(__file__).parents[2] / "docs" / "scores.md").read_text(encoding="utf-8")
    console = Console(width=200)
    with console.capture() as printed:
        for line in account_lines(scores):
            console.print(line)
    text = " ".join(printed.get().split())
    (example,) = re.findall(r"```text\n(.*?)```", page, flags=re.DOTALL)
    for line in example.splitlines():
        assert line == "..." or " ".join(line.split()) in text, line


def test_a_night_with_little_quota_left_goes_on_without_parts_and_says_so(
    sandbox: LocalSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(funnel_parts, "FEWEST_COMPLETED", 10)
    account = sandbox.settings.accounts[0]
    sandbox.running.estate.properties[account.property_id].quotas.limits = Limits(tokens_per_hour=19_000)
    ports = sandbox.wiring().ports(account)
    pulled = pull_account(account, ports)
    assert Report.FUNNELS in pulled.reports
    assert ports.state.numbers.funnel_parts(account.customer_id, pulled.as_of) == ()
    (note,) = stored_scores(account, ports.state).notes
    assert note == f"Not all candidates are known by device and channel: {funnel_parts.NO_ROOM}."
