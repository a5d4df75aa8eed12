"""A promotion on the sandbox, nights until its review is due, and what is found; and one after which sales fall."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from adsync.applying import apply_open_plans
from adsync.changelog import past_of
from adsync.cli import log, sync
from adsync.model.account import Account
from adsync.model.change import Change, fields
from adsync.model.decision import Verb
from adsync.model.outcome_review import OutcomeReview
from adsync.model.outcome_words import ReviewLine
from adsync.model.plan import Consent, Plan
from adsync.nightly import NightReport, run_night
from adsync.overview import overview
from adsync.plan import make_plan
from adsync.ports import Ports
from adsync.render.timeline import timeline_table
from adsync.reporting import page_of
from adsync.review import choose, verdicts
from adsync.rollback import plan_rollback
from adsync.sandbox.scenarios import GROWING_SHOP, SCENARIOS
from adsync.sandbox.scenarios.words import Redesign
from adsync.wiring import Wiring
from tests.sandboxes import LocalSandbox, local_sandbox

# Of whom many put something into the cart: a world with few visitors is drawn and read in a moment.
_PATH = replace(
    GROWING_SHOP.path,
    steps=tuple(replace(s, chance=0.6) if s.name == "add_to_cart" else s for s in GROWING_SHOP.path.steps),
)
STEADY = replace(GROWING_SHOP, name="steady", volume=((0, 150.0),), history_days=100, future_days=85, path=_PATH)
WORSE = replace(STEADY, name="worse", redesigns=(Redesign(day=2, step="purchase", factor=0.5),))


@dataclass
class Story:
    """Nights of one shop; who is bid on changes by a person's word only, or helpers would be retired before the day."""

    sandbox: LocalSandbox
    account: Account
    ports: Ports
    wiring: Wiring

    def night(self, days: int = 0) -> NightReport:
        if days:
            self.sandbox.control.advance(days)
        return run_night(self.account, self.ports)

    def night_of(self, day: date) -> NightReport:
        return self.night((day - self.ports.clock.now().date()).days)

    def agree_and_apply(self, plan: Plan) -> None:
        chosen = choose(plan.numbered(), [p.change.verb.value for p in plan.changes if p.consent is Consent.REVIEW])
        self.ports.state.ledger.approve(verdicts(chosen, approved=True, by="ann", now=self.ports.clock.now()))
        applied = apply_open_plans(self.account, self.ports)
        assert applied.exit_code == 0 and applied.stopped_by is None

    def switch(self, verb: Verb) -> OutcomeReview:
        """Applies one change of who is bid on, and gives the review that it opens."""
        (helper,) = (a for a in self.ports.ads.actions() if a.status == "ENABLED" and a.ga4_event_name)
        primary = verb is not Verb.DEMOTE
        change = Change(
            customer_id=self.account.customer_id,
            kind="conversion_action",
            object_id=helper.id,
            title=helper.name,
            verb=verb,
            before=fields(primary_for_goal=not primary),
            after=fields(primary_for_goal=primary),
            event_name=helper.ga4_event_name,
        )
        snapshot = self.ports.state.numbers.snapshot(self.account.customer_id)
        assert snapshot is not None
        ledger = self.ports.state.ledger
        past = past_of(ledger.entries([self.account.customer_id]), snapshot.state.customer.time_zone)
        number = ledger.next_plan_number(self.account.name, snapshot.state.as_of)
        plan = make_plan(self.account, snapshot.state, [change], past, now=self.ports.clock.now(), number=number)
        ledger.store_plan(plan)
        self.agree_and_apply(plan)
        (review,) = (r for r, found in self.ports.state.reviews.known() if found is None)
        return review

    @property
    def shown(self) -> tuple[ReviewLine, ...]:
        return overview(self.account, self.ports.state, self.ports.clock).reviews


@contextmanager
def told(directory: Path, scenario: str) -> Iterator[Story]:
    """From the second night on, when one helper is observed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(SCENARIOS, "steady", STEADY)
        patch.setitem(SCENARIOS, "worse", WORSE)
        with local_sandbox(directory, scenario) as sandbox:
            wiring = sandbox.wiring()
            account = wiring.settings.accounts[0]
            kept = tuple(c for c in account.candidates if c.event_name == "begin_checkout")
            account = replace(account, candidates=kept, auto=frozenset({"create", "enable"}))
            story = Story(sandbox, account, wiring.ports(account), wiring)
            story.agree_and_apply(story.night().plan)
            story.night(1)
            yield story


def test_a_promotion_is_concluded_once_on_the_day_that_was_fixed_beforehand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with told(tmp_path, "steady") as story:
        review = story.switch(Verb.PROMOTE)
        on = review.changed_on
        assert (review.after.first, len(review.after), len(review.before)) == (on + timedelta(days=15), 28, 56)
        assert len(review.campaigns) == 3 and review.compared_with == () and review.before.last < on
        assert [(line.stands, line.entry_id) for line in story.shown] == [("open", review.entry_id)]
        assert f"due on {review.due_on}" in story.shown[0].said

        eve = story.night_of(review.due_on - timedelta(days=1))
        assert eve.reviews == ()
        night = story.night(1)
        (line,) = night.reviews
        assert line.stands == "held" and line.concluded is not None and line.concluded.on == review.due_on
        before, after = line.concluded.before, line.concluded.after
        assert before is not None and after is not None and (before.days, after.days) == (56, 28)
        assert before.macros == pytest.approx(280, rel=0.2) and after.macros == pytest.approx(140, rel=0.25)
        assert night.plan.origin == "night" and story.ports.state.ledger.newest_plan("", "rollback") is None
        capsys.readouterr()
        sync._print(night)
        assert "Outcome review of" in " ".join(capsys.readouterr().out.split())
        assert story.night(1).reviews == () and story.shown == (line,)
        assert page_of(story.account, story.ports.state, story.ports.clock).reviews == {review.entry_id: line.said}


def test_a_regression_prepares_the_way_back_and_leaves_it_to_a_person(tmp_path: Path) -> None:
    with told(tmp_path, "worse") as story:
        review = story.switch(Verb.PROMOTE)
        night = story.night_of(review.due_on)
        (line,) = night.reviews
        assert line.stands == "regressed" and line.concluded is not None and line.concluded.per_cost is not None
        assert line.concluded.per_cost.high < 0.8
        back = story.ports.state.ledger.plan(line.concluded.way_back)
        assert back is not None and back.origin == "rollback" and back.id in line.said
        assert [(p.change.verb, p.consent) for p in back.changes] == [(Verb.DEMOTE, Consent.REVIEW)]
        entries = story.ports.state.ledger.entries([story.account.customer_id])
        assert log._reviews(story.wiring, entries) == {review.entry_id: line}
        out = Console(width=400, file=StringIO())
        out.print(timeline_table(entries, {}, {}, {}, {}, {review.entry_id: line.said}))
        assert "Outcome review of" in out.file.getvalue()  # type: ignore[attr-defined]
        later = story.night(1)
        assert later.applied is not None and not any(r.outcome for r in later.applied.results), "never by itself"

        story.agree_and_apply(back)
        (after,) = story.shown
        assert after.stands == "regressed" and after.taken_back_by == review.entry_id + 1
        assert "Taken back on" in after.said
        assert len(story.ports.state.reviews.known()) == 1, "what is taken back opens none"


@pytest.mark.slow
def test_what_is_taken_back_before_its_day_is_closed(tmp_path: Path) -> None:
    with told(tmp_path, "steady") as story:
        review = story.switch(Verb.PROMOTE)
        story.night(7)
        rollback = plan_rollback(review.entry_id, [story.account], story.ports.state, story.ports.clock)
        assert rollback.plan is not None
        story.agree_and_apply(rollback.plan)
        assert [line.stands for line in story.shown] == ["taken back"]
        assert story.night_of(review.due_on).reviews == (), "nothing is concluded of it"
        assert story.ports.state.reviews.known()[0][1] is None
