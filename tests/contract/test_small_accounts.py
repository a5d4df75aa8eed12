"""A shop that stays small for ever: its helper stays, is looked at anew every week, and nobody is nagged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from adsync.applying import apply_open_plans
from adsync.model.decision import Verb
from adsync.model.plan import Consent
from adsync.model.pulled import Report
from adsync.nightly import NightReport, run_night
from adsync.overview import overview
from adsync.review import choose, verdicts
from adsync.sandbox.scenarios import SCENARIOS, STARVED_SHOP
from adsync.sandbox.scenarios.words import Redesign
from tests.sandboxes import local_sandbox

pytestmark = pytest.mark.slow

REDESIGN_WEEK, WEEKS = 34, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One weekly night, what `adsync status` said after it, and the night of the newest funnels."""

    night: NightReport
    stands: str
    funnels: date

    @property
    def is_silent(self) -> bool:
        """Whether `adsync sync` prints nothing."""
        done = [result for result in self.night.applied.results if result.allowed] if self.night.applied else []
        return not (done or self.night.settled or self.night.news)


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Week]]:
    """The weeks from the promotion on. A person approves what waits; later the shop makes its carts easier to fill."""
    scenario = replace(
        STARVED_SHOP, name="niche", volume=((0, 8.0),), future_days=7 * WEEKS + 31,
        redesigns=(Redesign(day=7 * REDESIGN_WEEK, step="begin_checkout", factor=0.4),),
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(SCENARIOS, scenario.name, scenario)
        yield lived(tmp_path_factory.mktemp("niche"))


def lived(folder: Path) -> list[Week]:
    weeks: list[Week] = []
    promoted = False
    with local_sandbox(folder, "niche") as sandbox:
        wiring = sandbox.wiring()
        account = wiring.settings.accounts[0]
        ports = wiring.ports(account)
        for _ in range(WEEKS):
            night = run_night(account, ports)
            funnels = ports.state.numbers.newest_copies(account.customer_id, date.max)[Report.FUNNELS].as_of
            if promoted:
                stands = overview(account, ports.state, ports.clock).stands
                weeks.append(Week(night=night, stands=stands, funnels=funnels))
            waits = sorted({p.change.verb.value for p in night.plan.changes if p.consent is Consent.REVIEW})
            if waits:
                chosen = choose(night.plan.numbered(), waits)
                ports.state.ledger.approve(verdicts(chosen, approved=True, by="ann", now=ports.clock.now()))
                done = apply_open_plans(account, ports)
                promoted |= any(result.change.verb is Verb.PROMOTE for result in done.results)
            sandbox.control.advance(7)
    return weeks


def test_for_a_year_nothing_is_proposed_printed_or_changed(year: list[Week]) -> None:
    assert len(year) > 45
    assert [week.night.pulled.as_of for week in year if not week.is_silent] == []
    assert {week.night.decisions.demand.verdict for week in year} == {"keep"}
    assert all(week.stands.startswith("Helpers stay.") for week in year)


def test_every_week_its_evidence_is_copied_and_judged_anew(year: list[Week]) -> None:
    assert [week.funnels for week in year] == [week.night.pulled.as_of for week in year]
    shares = {
        decision.evidence.share.point
        for week in year
        for decision in week.night.decisions.each
        if decision.evidence is not None and decision.event_name == "add_to_cart"
    }
    assert len(shares) > 40


def test_a_helper_that_announces_less_after_a_redesign_is_named_in_status_and_nowhere_else(year: list[Week]) -> None:
    named = ["announces less than it did" in week.stands for week in year]
    first = year[0].night.pulled.as_of
    redesigned = REDESIGN_WEEK - (first - STARVED_SHOP.starts_on).days // 7
    assert not any(named[:redesigned])
    # Three months of funnels have to fill with visitors of the new shop.
    assert any(named[redesigned : redesigned + 14]) and all(named[redesigned + 14 :])
    assert year[-1].is_silent
