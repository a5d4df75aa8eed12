"""What the nights do in each scenario is what a careful person would do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from adsync.model.plan import Consent
from adsync.nightly import run_night
from adsync.review import choose, verdicts
from tests.sandboxes import LocalSandbox, local_sandbox

pytestmark = pytest.mark.slow


@dataclass
class Story:
    """Nights of one shop, in this process. A person says yes, after each of them, to whatever waits for one.

    holds: by day, what held. changes: day, verb and event of what was applied.
    """

    sandbox: LocalSandbox
    day: int = 0
    holds: dict[int, tuple[str, ...]] = field(default_factory=dict)
    changes: list[tuple[int, str, str]] = field(default_factory=list)

    def night(self, days: int = 0) -> None:
        """The night after so many days."""
        if days:
            self.sandbox.control.advance(days)
        self.day += days
        wiring = self.sandbox.wiring()
        account = wiring.settings.accounts[0]
        ports = wiring.ports(account)
        report = run_night(account, ports)
        assert report.applied is not None and report.applied.stopped_by is None
        self.changes += [
            (self.day, result.change.verb.value, result.change.event_name)
            for result in report.applied.results
            if result.outcome is not None and result.outcome.is_done
        ]
        self.holds[self.day] = tuple(hold.code for hold in report.decisions.demand.holds)
        if waits := sorted({p.change.verb.value for p in report.plan.changes if p.consent is Consent.REVIEW}):
            chosen = choose(report.plan.numbered(), waits)
            ports.state.ledger.approve(verdicts(chosen, approved=True, by="ann", now=ports.clock.now()))
        wiring.database.close()

    def until(self, last: int, every: int = 7) -> None:
        while self.day + every <= last:
            self.night(every)

    def days_of(self, *verbs: str) -> list[int]:
        return [day for day, verb, _ in self.changes if verb in verbs]


@contextmanager
def told(directory: Path, scenario: str) -> Iterator[Story]:
    """From the first night on."""
    with local_sandbox(directory, scenario) as sandbox:
        story = Story(sandbox)
        story.night()
        yield story


def test_a_growing_shop_gets_a_helper_and_loses_it_when_the_sale_can_stand_alone(tmp_path: Path) -> None:
    with told(tmp_path, "growing-shop") as story:
        story.until(238)
    (promoted,) = story.days_of("promote")
    (retired,) = story.days_of("demote")
    # Sales grow from day 56 to day 126.
    assert 28 <= promoted <= 70 and 112 <= retired <= 196
    assert not story.days_of("restore")


def test_nobody_takes_the_week_of_black_friday_for_a_new_level(tmp_path: Path) -> None:
    with told(tmp_path, "black-friday") as story:
        story.until(126)
    assert not story.days_of("demote", "promote", "restore")
    assert {"key_event", "enable"} == {verb for _, verb, _ in story.changes}, "helpers are observed meanwhile"


def test_a_silent_tag_holds_and_moves_nothing(tmp_path: Path) -> None:
    with told(tmp_path, "tag-outage") as story:
        story.until(28)
        for _ in range(14):
            story.night(1)
        story.until(98)
    # The tag is silent from day 30 to day 38, GA4 besides from day 34.
    silent = [day for day, codes in story.holds.items() if "tag_silent" in codes]
    assert not any("outage" in codes for codes in story.holds.values()), "what Google says outright is said once"
    assert silent and 32 <= min(silent) <= 35 and max(silent) <= 41
    assert not story.days_of("demote", "promote", "restore")


def test_a_consent_banner_that_fails_holds_nothing_and_moves_nothing(tmp_path: Path) -> None:
    with told(tmp_path, "broken-banner") as story:
        story.until(126)
    # Of sixty sales a month Google Ads hears of less than thirty from day 21 to day 70.
    assert not any(story.holds.values())
    assert not story.days_of("demote", "promote", "restore")


def test_a_sale_that_is_counted_twice_holds_until_a_person_has_settled_it(tmp_path: Path) -> None:
    with told(tmp_path, "double-tag") as story:
        story.until(42)
    assert all({"double_count", "orders_repeated"} <= {*codes} for codes in story.holds.values())
    assert story.changes == []


def test_a_shop_that_fades_gets_a_helper_once_its_sales_are_too_few(tmp_path: Path) -> None:
    with told(tmp_path, "fading") as story:
        story.until(252)
    # Sixty a month until day 112, ten from day 168 on.
    (promoted,) = story.days_of("promote")
    assert 140 <= promoted <= 196
    assert not story.days_of("demote", "restore")
