"""How often each guard speaks up in simulated years in which nothing is wrong.

`python -m tests.guard_figures` prints the table of docs/statistics.md, "Guards"; a slow test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from adsync.decide.episodes import NOTHING_SEEN, Watch, Watched
from adsync.decide.notices import notice
from adsync.decide.watch import look
from adsync.model.policy import Policy
from adsync.model.volume import DailySeries
from adsync.simulate.draw import FIRST_NIGHT, draw
from adsync.simulate.kinds import KINDS, YEAR

CLEAN = ("steady-10", "steady-25", "steady-60", "lumpy-25", "lumpy-60", "growing")
HOLDS = ("outage", "paused", "silence", "not_recording", "traffic", "ratio", "ratio_ga4")
NOTES = ("fell", "ad_sessions", "spike", "value_zeros", "value_same", "value_shift")
OF_CLICKS = ("ratio_clicks",)
CODES = (*HOLDS, *NOTES, *OF_CLICKS)

ACCOUNTS = 100


@dataclass(frozen=True, slots=True)
class Figure:
    """Of one guard and kind: the share of account years in which it spoke up, and of nights on which it did."""

    years: float
    nights: float


def clean_year(kind: str, seed: int) -> Watched:
    """An account to which nothing happens, with everything that guards compare.

    Ads bring a third of the buyers that GA4 sees. A click costs what it likes, and baskets vary by as much as they are worth.
    Of each day's clicks about three quarters are sessions in GA4, on nine of ten days 58 to 89 %.
    """
    dice = np.random.default_rng((seed, tuple(KINDS).index(kind)))
    seen = draw(KINDS[kind], dice).with_helpers
    macro = np.array(seen.macro.values, dtype=float)
    smooth = np.convolve(np.pad(macro, 30, mode="edge"), np.ones(61) / 61, mode="valid")
    assert seen.clicks is not None
    clicks = np.array(seen.clicks.values, dtype=float)
    values = [float(dice.lognormal(4, 0.8, int(n)).sum()) for n in macro]
    return replace(
        seen,
        sold=_series(seen, macro + dice.poisson(2 * smooth)),
        cost=_series(seen, clicks * dice.lognormal(0, 0.2, len(clicks))),
        value=_series(seen, np.array(values)),
        ad_sessions=_series(seen, dice.binomial(clicks.astype(int), dice.beta(15, 5, len(clicks))).astype(float)),
    )


def _series(seen: Watched, days: np.ndarray) -> DailySeries:
    return DailySeries(seen.macro.first, tuple(days.tolist()))


def figures(kind: str, accounts: int, seed: int) -> dict[str, Figure]:
    """What each guard did; those on clicks in accounts of which nothing else is known."""
    policy = Policy()
    spoke = dict.fromkeys(CODES, 0)
    nights = dict.fromkeys(CODES, 0)
    for number in range(accounts):
        whole = clean_year(kind, seed * 10_000 + number)
        bare = replace(whole, companion=None, sold=None)
        by_code: dict[str, int] = dict.fromkeys(spoke, 0)
        for seen, fold, codes in (
            (whole, look, HOLDS),
            (whole, notice, NOTES),
            (bare, notice, OF_CLICKS),
        ):
            for day, watch in _nights(seen, fold, policy):
                for code in {e.code for e in watch.lasting(day)}.intersection(codes):
                    by_code[code] += 1
        for code, held in by_code.items():
            spoke[code] += held > 0
            nights[code] += held
    return {code: Figure(spoke[code] / accounts, nights[code] / accounts / YEAR) for code in spoke}


def _nights(seen: Watched, fold, policy: Policy) -> Iterator[tuple[date, Watch]]:  # type: ignore[no-untyped-def]
    found, day = NOTHING_SEEN, seen.macro.first
    while day <= seen.macro.last:
        found = fold(found, seen, day, policy)
        if day >= FIRST_NIGHT:
            yield day, found
        day += timedelta(days=1)


def main(accounts: int = ACCOUNTS) -> None:
    found = {kind: figures(kind, accounts, seed=3) for kind in CLEAN}
    print(f"| | {' | '.join(CLEAN)} |")
    print("|---" * (len(CLEAN) + 1) + "|")
    for code in CODES:
        cells = [f"{100 * f[code].years:.0f} / {100 * f[code].nights:.1f}" for f in found.values()]
        print(f"| `{code}` | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
