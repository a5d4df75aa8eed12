"""Candidates by device and channel: which parts differ beyond chance, and what is asked of GA4 for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import pytest
from scipy.stats import chi2_contingency

from adsync.errors import AccessDenied, AdsyncError, GoogleRefused, GoogleUnavailable, QuotaExhausted, UnexpectedAnswer
from adsync.model.analytics import FunnelPart, FunnelQuota
from adsync.model.history import History
from adsync.model.tier import TierScore
from adsync.model.window import Window
from adsync.ports import Analytics
from adsync.pull.funnel_parts import FEWEST_COMPLETED, NO_ROOM, pull_funnel_parts
from adsync.score import score_candidates
from adsync.score.fidelity import helps_up_to, spread
from adsync.score.parts import OTHERS, p_alike, pooled, with_parts
from adsync.score.tiers import account_scores
from tests.builders import TODAY, a_baseline, a_candidate, a_funnel, an_account

PLENTY = FunnelQuota(day=200_000, hour=40_000, project_hour=14_000)


def a_part(segment: str, entered: int, completed: int, **different: Any) -> FunnelPart:
    values = {"event_name": "add_to_cart", "by": "device", **different}
    return FunnelPart(segment=segment, entered=entered, completed=completed, **values)


def scored(*parts: FunnelPart, events: tuple[str, ...] = ("add_to_cart",)) -> tuple[TierScore, ...]:
    account = an_account(candidates=tuple(a_candidate(name) for name in events))
    funnels = (a_baseline(), *(a_funnel(name, 900, 130) for name in events))
    found = account_scores(account, History(as_of=TODAY, funnels=funnels), score_candidates(account, funnels))
    return with_parts(found.scores, parts, account.policy.false_discovery_rate)


# What is made of them ------------------------------------------------------------------------------------------------


def test_the_test_is_pearsons() -> None:
    parts = [a_part("mobile", 500, 60), a_part("desktop", 300, 55), a_part("tablet", 100, 15)]
    table = np.array([[p.completed, p.entered - p.completed] for p in parts])
    assert p_alike(pooled(parts)) == pytest.approx(chi2_contingency(table, correction=False).pvalue)


def test_parts_of_one_chance_differ_in_one_of_twenty() -> None:
    rng = np.random.default_rng(5)
    entered = (400, 150, 60)
    p_values = [p_alike(pooled([a_part(str(n), n, int(rng.binomial(n, 0.2))) for n in entered])) for _ in range(2_000)]
    assert 0.035 <= np.mean(np.array(p_values) < 0.05) <= 0.065


def test_small_parts_are_taken_together_and_left_out_of_the_test() -> None:
    parts = [a_part("desktop", 300, 30), a_part("mobile", 600, 60), a_part("tablet", 20, 9), a_part("tv", 9, 1)]
    assert [(s.label, s.exposed, s.bought) for s in pooled(parts)] == [
        ("mobile", 600, 60), ("desktop", 300, 30), (OTHERS, 29, 10),
    ]  # fmt: skip
    assert p_alike(pooled(parts)) == pytest.approx(1.0)
    assert pooled([a_part("mobile", 600, 0)]) == () and pooled([]) == ()


def test_shares_are_drawn_towards_that_of_all_the_more_the_fewer_there_are() -> None:
    (score,) = scored(a_part("mobile", 500, 50), a_part("desktop", 100, 40))
    (parts,) = score.parts
    assert parts.differ and parts.q < 1e-9
    mobile, desktop = parts.shares
    assert mobile.p == pytest.approx((50 + 20 * 0.15) / 520) and desktop.p == pytest.approx((40 + 20 * 0.15) / 120)


def test_it_helps_up_to_what_the_parts_that_differ_leave() -> None:
    parts = [a_part("mobile", 500, 40), a_part("desktop", 300, 60), a_part("tablet", 100, 30)]
    alike = [a_part(name, 300, 43, by="channel") for name in ("Direct", "Email", "Paid Search")]
    (score,) = scored(*parts, *alike)
    assert [(p.by, p.differ) for p in score.parts] == [("device", True), ("channel", False)]
    assert score.p is not None
    assert score.helps_up_to == helps_up_to(score.p.point, spread(pooled(parts)))
    (score,) = scored(*alike)
    assert score.helps_up_to is None


def test_every_candidate_device_and_channel_is_a_chance_to_differ() -> None:
    parts = [a_part("mobile", 500, 60), a_part("desktop", 400, 70)]
    (alone,) = scored(*parts)
    names = ("add_to_cart", "b", "c", "d")
    others = [a_part(s, 450, 65, event_name=name) for name in names[1:] for s in ("mobile", "desktop")]
    among = next(s for s in scored(*parts, *others, events=names) if s.event == "add_to_cart")
    assert among.parts[0].q == pytest.approx(4 * alone.parts[0].q)


# What is asked -------------------------------------------------------------------------------------------------------


@dataclass
class Property:
    """Answers each request for parts with one of its own, and with what is left."""

    quotas: list[FunnelQuota] = field(default_factory=lambda: [PLENTY] * 9)
    error: AdsyncError | None = None
    asked: list[tuple[str, str]] = field(default_factory=list)

    def funnel_quota(self) -> FunnelQuota:
        return self.quotas.pop(0)

    def funnel_parts(
        self, first: str, then: str, window: Window, horizon_days: int, by: str
    ) -> tuple[tuple[FunnelPart, ...], FunnelQuota]:
        self.asked.append((first, by))
        if self.error is not None and len(self.asked) > 1:
            raise self.error
        return (a_part("mobile", 100, 20, event_name=first, by=by),), self.quotas.pop(0)


def pulled(ga4: Property, *completed: int) -> tuple[tuple[FunnelPart, ...], str]:
    funnels = [a_funnel(f"event_{n}", 900, count) for n, count in enumerate(completed)]
    return pull_funnel_parts(cast("Analytics", ga4), [a_baseline(), *funnels], "purchase")


def test_only_candidates_with_enough_after_them_are_asked_for_once_by_device_and_once_by_channel() -> None:
    ga4 = Property()
    parts, fault = pulled(ga4, FEWEST_COMPLETED, FEWEST_COMPLETED - 1)
    assert ga4.asked == [("event_0", "device"), ("event_0", "channel")]
    assert (len(parts), fault) == (2, "")
    silent = Property(quotas=[])
    assert pulled(silent, 59) == ((), "") and silent.asked == []


@pytest.mark.parametrize("short", [{"day": 99_999}, {"hour": 19_999}, {"project_hour": 6_999}])
def test_with_less_than_half_of_the_quota_nothing_more_is_asked(short: dict[str, int]) -> None:
    left = FunnelQuota(**{"day": 200_000, "hour": 40_000, "project_hour": 14_000, **short})
    none = Property(quotas=[left])
    assert pulled(none, 90) == ((), NO_ROOM) and none.asked == []
    one = Property(quotas=[PLENTY, left])
    parts, fault = pulled(one, 90)
    assert (len(parts), fault) == (1, NO_ROOM)


@pytest.mark.parametrize("kind", [AccessDenied, GoogleRefused, QuotaExhausted, GoogleUnavailable, UnexpectedAnswer])
def test_what_google_does_not_answer_is_said_and_what_it_did_is_kept(kind: type[AdsyncError]) -> None:
    ga4 = Property(error=kind("GA4 said no.", "The dimension is not served."))
    parts, fault = pulled(ga4, 90)
    assert len(parts) == 1 and fault == "GA4 said no. The dimension is not served."
