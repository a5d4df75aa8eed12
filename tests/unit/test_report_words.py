"""What the report's page says around its charts."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest

from adsync.model.decision import Decision, ScopeStanding, Standing
from adsync.model.overview import Overview, Urgency
from adsync.model.page import Page
from adsync.render.engine import engine_or_error
from adsync.render.report import in_order, lines_of
from adsync.score import score_candidates
from tests.builders import TODAY, a_baseline, a_funnel, an_account

ACCOUNT = an_account()
NOW = Standing(
    last_day=TODAY, demand=30, counted=97, needed=101, effective_days=84, dispersion=1.2, above_chance=0.9, recent=35,
    recent_days=28, return_line=20, returns_at=14, below_chance=0.1, starved=False,
)  # fmt: skip


def test_candidates_stand_as_in_the_chart_and_those_that_nobody_did_last() -> None:
    funnels = score_candidates(
        ACCOUNT, (a_baseline(), a_funnel("add_to_cart", 400, 120), a_funnel("begin_checkout", 250, 100))
    )
    known = {e.event_name: e for e in funnels}
    names = ("sign_up", "add_to_cart", "view_cart", "begin_checkout")
    decisions = tuple(Decision(event_name=name, because="", evidence=known.get(name)) for name in names)
    page = cast("Page", SimpleNamespace(decisions=decisions))
    assert [d.event_name for d in in_order(page)] == ["begin_checkout", "add_to_cart", "sign_up", "view_cart"]


class OnlyScopes:
    """Of a page, what is asked here."""

    def __init__(self, *standings: Standing) -> None:
        scopes = tuple(
            ScopeStanding(
                key=str(n), name=f'"C{n}"', on_value=False, spend=0.5, verdict="keep", standing=each, reason=""
            )
            for n, each in enumerate(standings)
        )
        self.overview = Overview(account="shop", urgency=Urgency.FINE, stands="", scopes=scopes)


def told(*standings: Standing) -> str:
    return lines_of(cast("Page", OnlyScopes(*standings)))


def test_lines_that_no_chart_shows_are_said_by_the_month_and_by_the_week() -> None:
    assert told(NOW) == "Helpers are retired above the demand line and come back under the return line."
    assert told(NOW, NOW).endswith(
        "each row below has its own: a demand line of 30 a month (7.0 a week) and a return line of 20 a month (4.7 a week)."
    )
    assert told(NOW, replace(NOW, demand=15, return_line=10)).endswith(
        'its own: "C0" a demand line of 30 a month (7.0 a week) and a return line of 20 a month (4.7 a week); "C1" a demand line '
        "of 15 a month (3.5 a week) and a return line of 10 a month (2.3 a week)."
    )


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("Name it under `events` in the config.", "Name it under <code>events</code> in the config."),
        ("`<b>` & <i>", "<code>&lt;b&gt;</code> &amp; &lt;i&gt;"),
        ("One ` alone & \x1b[31m", "One ` alone &amp; [31m"),
    ],
)
def test_keys_of_the_config_are_set_as_what_is_typed(sentence: str, shown: str) -> None:
    assert engine_or_error().from_string("{{ sentence | said }}").render(sentence=sentence) == shown
