"""Grade C: whether two rates move together within campaigns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from adsync.model.activity import Floats
from adsync.model.evidence import Verdict
from adsync.model.policy import Policy
from adsync.model.weekly import CampaignWeeks
from adsync.score.daily import broke_in, elasticity, refused
from adsync.score.moving import different_attribution, moving_scores
from tests.builders import a_macro_action, an_action
from tests.campaign_worlds import drawn, weeks_of

POLICY = Policy()


def a_table(campaigns: int = 9, weeks: int = 22) -> CampaignWeeks:
    """Numbers that look drawn and are not."""
    i, t = np.meshgrid(np.arange(campaigns), np.arange(weeks), indexing="ij")
    mixed = (7 * i * i + 3 * t * t + 5 * i * t) % 19
    clicks = 40.0 + 37 * ((3 * i + 1) % 7) + 11 * ((i * i + 5 * t) % 13)
    return weeks_of(clicks, (5 * i + 7 * t + 2 * i * t) % 6 + mixed // 7 + 0.0, mixed + 3 * (i % 4) + 1.0)


def test_slope_and_error_are_those_of_statsmodels() -> None:
    # statsmodels 0.15.0, GLM of the Poisson family on dummies of campaigns and weeks with log(clicks) as offset, tol=1e-12;
    # the error from its nine fits without one campaign each. Clustered by campaign it says 0.1633.
    found = elasticity(a_table())
    assert found is not None and (found.campaigns, found.weeks) == (9, 22)
    assert found.of_micros.point == pytest.approx(0.5713397576590697, abs=1e-9)
    student = 2.306004135033371
    assert (found.of_micros.high - found.of_micros.low) / 2 / student == pytest.approx(0.1723891448944774, abs=1e-8)


def test_neither_order_nor_scale_nor_what_is_common_changes_the_slope() -> None:
    table, found = a_table(), elasticity(a_table())
    rows, columns = np.arange(9)[::-1], np.arange(22)[::-1]
    turned = weeks_of(*(each[np.ix_(rows, columns)] for each in (table.clicks, table.macros, table.micros)))
    # A campaign without a sale and a week without one have nothing to say.
    wider = weeks_of(
        *(np.pad(each, ((0, 1), (0, 1)), constant_values=value) for each, value in
          ((table.clicks, 50.0), (table.macros, 0.0), (table.micros, 5.0)))
    )  # fmt: skip
    wider.micros[:9, 22], wider.clicks[:9, 22] = 0.0, 0.0
    for same in (turned, wider):
        again = elasticity(same)
        assert found is not None and again is not None
        assert again.of_micros.point == pytest.approx(found.of_micros.point, abs=1e-7)
        assert again.p_value == pytest.approx(found.p_value, rel=1e-4)


def test_what_follows_the_other_rate_is_found_and_what_only_follows_the_clicks_is_not() -> None:
    rng = np.random.default_rng(7)
    useful, useless = ([elasticity(drawn(rng, 12, 40, useful=by)) for _ in range(25)] for by in (1.5, 0.0))
    found = [e is not None and e.of_micros.low > 0 for e in useful]
    false = [e is not None and e.of_micros.low > 0 for e in useless]
    assert sum(found) >= 23 and sum(false) <= 3


@pytest.mark.slow
@pytest.mark.parametrize(("campaigns", "weeks"), [(8, 20), (12, 30), (30, 52)])
def test_a_rate_that_moves_by_itself_is_called_helper_in_one_of_forty(campaigns: int, weeks: int) -> None:
    rng = np.random.default_rng(1)
    p_values = np.array([e.p_value if (e := elasticity(drawn(rng, campaigns, weeks))) else 1.0 for _ in range(600)])
    assert (p_values < 0.025).mean() <= 0.025 + 3 * np.sqrt(0.025 * 0.975 / 600)
    assert (p_values < 0.05).mean() <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 600)


def test_where_nothing_varies_nothing_is_said() -> None:
    table = a_table()
    assert elasticity(replace(table, micros=table.clicks * 0.1)) is None
    assert elasticity(a_table(campaigns=7)) is None


@pytest.mark.parametrize(
    ("different", "why"),
    [
        ({"weeks": 19}, "19 whole weeks are known, 20 are needed."),
        ({"campaigns": 7}, "7 campaigns brought the main conversion, 8 are needed."),
        ({"weeks": 20}, ""),
        ({"campaigns": 8}, ""),
    ],
)
def test_too_few_weeks_or_campaigns_are_refused(different: dict[str, int], why: str) -> None:
    assert refused(a_table(**different)) == why


def test_too_few_sales_and_one_campaign_that_has_most_clicks_are_refused() -> None:
    table = a_table()
    few = replace(table, macros=table.macros * (149 / table.macros.sum()))
    assert refused(few) == "149 main conversions were counted in these weeks, 150 are needed."
    clicks = table.clicks.copy()
    clicks[3] *= 1.53 * (clicks.sum() - clicks[3].sum()) / clicks[3].sum()
    assert refused(replace(table, clicks=clicks)) == "One campaign has 60 % of the clicks; 60 % are the most."
    clicks[3] *= 1.45 / 1.53
    assert refused(replace(table, clicks=clicks)) == ""


def flat(count: float, weeks: int = 24) -> Floats:
    return np.full(weeks, count)


def test_a_rate_that_doubles_from_one_week_on_is_a_break_and_one_that_swings_is_none() -> None:
    clicks = flat(1000.0)
    counts = flat(50.0)
    assert broke_in(counts, clicks) is None
    counts[15:] *= 2.2
    assert broke_in(counts, clicks) in (14, 15, 16)
    assert broke_in(counts, clicks * np.where(np.arange(24) >= 15, 2.2, 1.0)) is None, "more clicks, the same rate"
    silent = flat(50.0)
    silent[10:14] = 0.0
    assert broke_in(silent, clicks) is not None
    assert broke_in(np.tile([2.0, 5.0, 1.0, 4.0], 6), clicks) is None, "few are not sure"
    assert broke_in(counts * 0.02, clicks) is None


def test_verdicts_say_how_far_they_move_rank_and_name_what_was_not_asked() -> None:
    rng = np.random.default_rng(3)
    tables = {"useless": drawn(rng, 12, 40), "useful": drawn(rng, 12, 40, useful=1.5), "new": drawn(rng, 12, 40)}
    tables["new"].micros[:, :25] = 0.0
    scores, unasked = moving_scores(
        tables, {"other": "No conversion action of Google Ads counts it."}, "purchase", POLICY
    )
    assert [(s.event, s.verdict, s.grade) for s in scores] == [
        ("useful", Verdict.GOOD, "C"),
        ("useless", Verdict.NOT_BETTER, "C"),
    ]
    assert scores[0].because.startswith(
        "In weeks in which a campaign had 10 % more of it for each click than usual it had "
    )
    assert scores[0].because.endswith("in 12 campaigns over 40 weeks.") and "may be chance" in scores[1].because
    assert scores[0].p is None and scores[0].lift is None and "no share, no value" in scores[0].cannot_know
    assert {u.events: u.because for u in unasked} == {
        ("new",): "15 whole weeks are known, 20 are needed.",
        ("other",): "No conversion action of Google Ads counts it.",
    }


def test_a_tag_that_changed_is_named_with_its_day() -> None:
    table = drawn(np.random.default_rng(3), 12, 40)
    table.micros[:, 20:] *= 4
    _, (unasked,) = moving_scores({"cart": table}, {}, "purchase", POLICY)
    assert "its conversions for each click became another number" in unasked.because
    assert "2025-10-" in unasked.because and "the site or a tag changed" in unasked.because


def test_mixed_attribution_is_refused() -> None:
    macro, mirror = a_macro_action(), an_action()
    assert different_attribution((macro,), mirror) == ""
    driven = replace(mirror, attribution_model="GOOGLE_SEARCH_ATTRIBUTION_DATA_DRIVEN")
    assert "attributed by different models" in different_attribution((macro,), driven)
