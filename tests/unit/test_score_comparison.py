"""The estimate beside equally likely moments, against what can be worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, log, sqrt

import numpy as np
import pytest
from scipy.stats import t as student

from adsync.model.exposure import GROUPS, QUANTILES, STRATA, Compared, NamedSums, Sums
from adsync.score.comparison import adjusted, comparison_pool


def sums(cells: dict[tuple[int, int], tuple[int, int, float]]) -> Sums:
    """Moments, buyers and expected buyers by stratum and group; nothing elsewhere."""
    moments, bought = np.zeros((STRATA, GROUPS), np.int64), np.zeros((STRATA, GROUPS), np.int64)
    expected = np.zeros((STRATA, GROUPS))
    for cell, figures in cells.items():
        moments[cell], bought[cell], expected[cell] = figures
    return Sums(moments=moments, bought=bought, expected=expected)


def everywhere(moments: int, bought: Callable[[int], int], expected: float, stratum: int = 0) -> Sums:
    """The same in every group of visitors but for the buyers."""
    return sums({(stratum, group): (moments, bought(group), expected) for group in range(GROUPS)})


def test_the_interval_is_that_of_leaving_out_one_group_after_the_other() -> None:
    # In one stratum the ratio of buyers to expected ones needs no borrowing, so that all is a fraction of sums.
    x1, x0 = [1 + group % 3 for group in range(GROUPS)], [4 + group % 5 for group in range(GROUPS)]
    table = Compared(exposed=everywhere(20, lambda g: x1[g], 1.0), others=everywhere(200, lambda g: x0[g], 5.0))
    found = adjusted(table)
    as_others = sum(x0) / (5.0 * GROUPS) * GROUPS
    lift = sum(x1) / as_others
    assert found.expected == pytest.approx(as_others)
    without = [
        log((sum(x1) - x1[g]) / ((sum(x0) - x0[g]) / (5.0 * (GROUPS - 1)) * (GROUPS - 1))) for g in range(GROUPS)
    ]
    mean = sum(without) / GROUPS
    error = sqrt(sum((one - mean) ** 2 for one in without) * (GROUPS - 1) / GROUPS)
    half = student.ppf(0.975, GROUPS - 1) * error
    assert found.lift is not None
    assert (found.lift.point, found.lift.low, found.lift.high) == pytest.approx(
        (lift, lift * exp(-half), lift * exp(half))
    )
    assert found.p_value == pytest.approx(student.sf(log(lift) / error, GROUPS - 1))
    assert found.difference.point == pytest.approx((sum(x1) - as_others) / (20 * GROUPS))
    assert found.overlap == 1.0


@pytest.mark.parametrize(
    ("bought", "low", "high", "p_value"),
    [
        (0, 0.0, -log(0.025), 1.0),
        # P(one or more) and P(none or one) of a Poisson count, solved for its mean.
        (1, -log(0.975), 5.571643, 1 - exp(-2.0)),
        (2, 0.242209, 7.224688, 1 - exp(-2.0) * 3),
    ],
)
def test_of_few_buyers_the_interval_is_that_of_a_poisson_count(
    bought: int, low: float, high: float, p_value: float
) -> None:
    table = Compared(exposed=sums({(0, 0): (50, bought, 2.0)}), others=everywhere(1_000, lambda _: 1_000, 1_000.0))
    found = adjusted(table)
    assert found.lift is not None and found.expected == pytest.approx(2.0)
    assert found.lift.point == pytest.approx(bought / 2.0)
    assert (found.lift.low, found.lift.high) == pytest.approx((low / 2.0, high / 2.0), rel=1e-5)
    assert found.p_value == pytest.approx(p_value)


def test_a_stratum_of_few_expected_buyers_borrows_from_its_quantile() -> None:
    # 0.2 expected buyers: half of its own ratio, half of that of its quantile over all positions.
    others = sums({(3, 0): (10, 1, 0.2), (QUANTILES + 3, 1): (100, 4, 9.8)})
    found = adjusted(Compared(exposed=sums({(3, 2): (100, 3, 2.0)}), others=others))
    assert found.expected == pytest.approx(2.0 * (0.5 * 1 / 0.2 + 0.5 * 5 / 10.0))


def test_whom_no_moment_of_the_quantile_resembles_has_nothing_to_be_compared_with() -> None:
    exposed = sums({(1, 0): (30, 3, 1.0), (2, 0): (10, 1, 1.0)})
    found = adjusted(Compared(exposed=exposed, others=sums({(QUANTILES + 1, 0): (50, 5, 5.0)})))
    assert found.overlap == 0.75
    nothing = adjusted(Compared(exposed=exposed, others=sums({})))
    assert (nothing.lift, nothing.overlap, nothing.p_value) == (None, 0.0, 1.0)


def about(bought: int) -> Callable[[int], int]:
    """So many buyers in every other group, and one more in the rest."""
    return lambda group: bought + group % 2


def names(**buyers_per_group: tuple[int, int]) -> NamedSums:
    """Moments and buyers of each group under these names; one in a hundred was expected."""
    each = {name: everywhere(n, about(x), n / 100) for name, (n, x) in buyers_per_group.items()}
    return NamedSums(names=tuple(each), sums=list(each.values()))


def test_a_name_that_buyers_do_more_often_is_nothing_to_compare_with() -> None:
    table = names(page_view=(1_000, 10), scroll=(500, 5), planted=(200, 6), bounce=(100, 0))
    assert set(comparison_pool(table)) == {"page_view", "scroll"}


def test_a_helper_does_not_put_the_page_view_out_of_the_comparison() -> None:
    assert comparison_pool(names(page_view=(1_000, 10), add_to_cart=(300, 10))) == ("page_view",)


def test_a_fifth_of_all_moments_always_stays() -> None:
    table = names(page_view=(1_000, 2), add_to_cart=(100, 10), rare=(10, 0))
    assert "page_view" in comparison_pool(table)
    assert "add_to_cart" not in comparison_pool(table)
