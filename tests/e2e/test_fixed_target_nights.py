"""The nights of a shop whose campaigns bid to fixed targets: a helper comes and goes, and nothing is ever asked for more."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from adsync.changelog import done_changes
from adsync.model.decision import Verb
from adsync.model.group import bundled
from adsync.model.target import targets_of
from adsync.model.window import Window
from adsync.nightly import NightReport, run_night
from adsync.overview import waiting_for_person
from adsync.ports import Axis
from adsync.review import verdicts
from tests.sandboxes import LocalSandbox, local_sandbox

pytestmark = pytest.mark.slow
APART = 7


@dataclass
class Story:
    """Weekly nights; a person says yes, once, to whatever waits.

    made: day, verb, object, and the target where one was moved. asked: of each group that a person was asked about, the verbs.
    may_cost: by the first campaign of each target, night by night, what a sale may cost to meet it.
    """

    sandbox: LocalSandbox
    day: int = 0
    made: list[tuple[int, Verb, str, float]] = field(default_factory=list)
    asked: list[tuple[str, frozenset[Verb]]] = field(default_factory=list)
    may_cost: dict[str, list[float]] = field(default_factory=dict)

    def night(self, *, measure: bool) -> None:
        wiring = self.sandbox.wiring()
        account = wiring.settings.accounts[0]
        ports = wiring.ports(account)
        report = run_night(account, ports)
        self._keep(report)
        waits = waiting_for_person(account, ports.state, ports.clock.now())
        if waits:
            for bundle in bundled(waits):
                if bundle[0][1].group:
                    self.asked.append((bundle[0][1].group, frozenset(p.change.verb for _, p in bundle)))
            ports.state.ledger.approve(verdicts(waits, approved=True, by="ann", now=ports.clock.now()))
        assert not {name for name, _ in waits} & done_changes(account, ports.state)
        if measure:
            self._measure(report)
        wiring.database.close()
        self.sandbox.control.advance(7)
        self.day += 7

    def _keep(self, report: NightReport) -> None:
        assert report.applied is not None and report.applied.stopped_by is None and not report.applied.troubled
        for result in report.applied.done:
            [*values] = dict(result.change.after or ()).values()
            value = float(values[0]) if result.change.verb is Verb.TARGET else 0.0
            self.made.append((self.day, result.change.verb, result.change.object_id, value))

    def _measure(self, report: NightReport) -> None:
        """By what was counted in the last four weeks, were it counted as tonight."""
        wiring = self.sandbox.wiring()
        ports = wiring.ports(wiring.settings.accounts[0])
        yesterday = report.pulled.as_of - timedelta(days=1)
        days = ports.ads.conversions(Window.ending(yesterday, days=28), Axis.CONVERSION)
        actions = {a.id: a for a in ports.ads.actions()}
        for target in targets_of(ports.ads.campaigns()).values():
            mine = {c.id for c in target.campaigns}
            if not target.is_cpa:
                continue
            sold = sum(
                d.all_conversions for d in days if d.campaign_id in mine and actions[d.action_id].type == "WEBPAGE"
            )
            counted = sum(
                d.all_conversions for d in days if d.campaign_id in mine and actions[d.action_id].primary_for_goal
            )
            self.may_cost.setdefault(target.campaigns[0].name, []).append(target.value / 1e6 * counted / sold)
        wiring.database.close()

    def days_of(self, verb: Verb) -> list[int]:
        return [day for day, made, *_ in self.made if made is verb]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    with local_sandbox(Path(tmp_path_factory.mktemp("fixed")), "fixed-target") as sandbox:
        config = sandbox.directory / "adsync.yaml"
        config.write_text(f"{config.read_text()}\npolicy:\n  stage_gap_days: {APART}\n")
        story = Story(sandbox)
        while story.day <= 350 and not story.days_of(Verb.DEMOTE):
            story.night(measure=story.day > 133)  # the targets of the promotion have arrived by then
        story.night(measure=True)
    return story


def test_the_helper_comes_first_and_the_targets_follow_it(story: Story) -> None:
    (promoted,) = story.days_of(Verb.PROMOTE)
    following = [row for row in story.made if row[1] is Verb.TARGET and row[0] < 140]
    assert following and min(day for day, *_ in following) == promoted + APART


def test_the_retirement_comes_a_cycle_after_the_last_step_and_not_before(story: Story) -> None:
    (retired,) = story.days_of(Verb.DEMOTE)
    before = [day for day in story.days_of(Verb.TARGET) if day < retired]
    assert max(before) == retired - APART
    assert not [day for day in story.days_of(Verb.TARGET) if day >= retired]


def test_each_target_moves_by_a_fifth_at_most_once_in_a_cycle(story: Story) -> None:
    last: dict[str, tuple[int, float]] = {}
    for day, verb, object_id, value in story.made:
        if verb is Verb.TARGET:
            then, before = last.get(object_id, (-99, value))
            assert abs(value / before - 1) <= 0.2 + 1e-9 and day - then >= APART
            last[object_id] = (day, value)
    assert len(last) == 3


def test_a_sale_may_at_no_time_cost_less_than_before_the_retirement_was_begun(story: Story) -> None:
    assert set(story.may_cost) == {"Brand", "Generic"}
    for name, costs in story.may_cost.items():
        # What is counted beside each sale wavers by a tenth or two from month to month.
        assert min(costs) > 0.75 * costs[0], name
        assert 0.75 < costs[-1] / costs[0] < 1.35, name


def test_a_person_is_asked_once_for_each_group(story: Story) -> None:
    names = [name for name, _ in story.asked]
    assert len(names) == len(set(names)) >= 2
    assert all(verbs & {Verb.PROMOTE, Verb.DEMOTE, Verb.VALUE} for _, verbs in story.asked), "never for steps alone"
