"""Applies a plan: what is approved or automatic, checked against Google first and written down before it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from adsync.apply.adopted import ADOPTED, asked_before, is_taken
from adsync.apply.allowance import AccountAllowance
from adsync.apply.gate import Gate
from adsync.apply.intact import not_as_planned
from adsync.apply.moved import FieldMoved
from adsync.apply.objects import Found, Look
from adsync.apply.settle import made_id
from adsync.errors import AdsyncError, GoogleRefused, NotAllDone, OutcomeUnknown
from adsync.model.account import Account
from adsync.model.ads import AccountState
from adsync.model.business_date import business_date
from adsync.model.change import KEY_EVENT, Change
from adsync.model.decision import Verb
from adsync.model.log import ChangeLogEntry, Outcome, Past
from adsync.model.plan import APPROVAL_DAYS, Approval, Consent, Plan, PlannedChange
from adsync.plan.adoption import second
from adsync.plan.goal_control import not_alone
from adsync.plan.guard import consent, not_ours, obstacle, unsettled
from adsync.plan.outcome import effects, state_after
from adsync.plan.protection import protection
from adsync.plan.sharing import obstacle_elsewhere, unagreed
from adsync.ports import AdsReader, Analytics, Clock, Ledger, Writer

_CANNOT_VALIDATE = "MutateError.RESOURCE_DOES_NOT_SUPPORT_VALIDATE_ONLY"
_NOTHING_SENT = "Nothing is sent to Google: the change log says who looks after it."


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeResult:
    """What became of one planned change.

    outcome: None where nothing was sent; note says why, or what Google said. allowed: it was approved or automatic.
    moved: how the object is otherwise than the change expects and wants, where that is why.
    """

    name: str
    change: Change
    outcome: Outcome | None = None
    note: str = ""
    allowed: bool = True
    moved: tuple[FieldMoved, ...] = ()

    @property
    def is_fine(self) -> bool:
        """Done, or left for a later run because there are too many."""
        return self.outcome is not None and (self.outcome.is_done or self.outcome is Outcome.SKIPPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What became of a plan. stopped_by: the error after which the rest was left for the next run.

    unsettled: the account's entries of which nobody knows yet whether Google has made them.
    """

    results: tuple[ChangeResult, ...] = ()
    stopped_by: AdsyncError | None = None
    unsettled: tuple[ChangeLogEntry, ...] = ()

    @property
    def exit_code(self) -> int:
        """0, or 5 when some changes were left or are unsettled, or that of the error that stopped everything."""
        if self.stopped_by is not None and not self.done:
            return self.stopped_by.exit_code
        return NotAllDone.exit_code if self.stopped_by is not None or self.troubled or self.unsettled else 0

    @property
    def done(self) -> tuple[ChangeResult, ...]:
        return tuple(r for r in self.results if r.outcome is not None and r.outcome.is_done)

    @property
    def troubled(self) -> tuple[ChangeResult, ...]:
        """Changes that were allowed and are not done: refused by Google, unanswered, moved or blocked meanwhile."""
        return tuple(r for r in self.results if r.allowed and not r.is_fine)


def apply_plan(
    plan: Plan,
    account: Account,
    approvals: Mapping[str, Approval],
    past: Past,
    *,
    done: frozenset[str],
    ads: AdsReader,
    analytics: Analytics,
    writer: Writer,
    ledger: Ledger,
    clock: Clock,
    timeout_seconds: float,
    allowance: AccountAllowance,
    zone: str = "UTC",
) -> Applied:
    """Applies what may be applied, in the plan's order. done: names of changes that were carried out before. zone: the
    account's time zone.

    Stops at the first error that would meet the next change as well, and at the first ambiguous answer.
    """
    if refused := not_as_planned(plan, done):
        return Applied(stopped_by=refused)
    timeout = timedelta(seconds=timeout_seconds)
    gate = Gate.of(plan, ledger, business_date(clock.now(), zone), zone)
    return _Runner(
        plan, account, approvals, past, done, ads, analytics, writer, ledger, clock, timeout, allowance, gate
    ).run()


def dry_run(
    plan: Plan,
    account: Account,
    approvals: Mapping[str, Approval],
    past: Past,
    *,
    done: frozenset[str],
    writer: Writer,
    ledger: Ledger,
    clock: Clock,
    zone: str = "UTC",
) -> Applied:
    """Lets Google validate what `apply_plan` would send, against the account as it is; nothing is changed."""
    results = []
    gate = Gate.of(plan, ledger, business_date(clock.now(), zone), zone)
    for name, planned in plan.numbered():
        if name in done:
            continue
        allowed, why = _may_run(plan, planned, account, approvals, past, clock)
        if allowed and (early := gate.too_early(planned, approvals)):
            allowed, why = False, early
        if not allowed:
            results.append(ChangeResult(name=name, change=planned.change, note=why, allowed=False))
            continue
        if planned.change.is_kept_here:
            results.append(ChangeResult(name=name, change=planned.change, outcome=Outcome.VALID, note=_NOTHING_SENT))
            continue
        try:
            writer.send(planned.change, validate_only=True)
        except GoogleRefused as error:
            if error.code != _CANNOT_VALIDATE:
                results.append(ChangeResult(name=name, change=planned.change, outcome=Outcome.FAILED, note=str(error)))
                continue
            note = "Google Ads cannot validate this without doing it."
            results.append(ChangeResult(name=name, change=planned.change, outcome=Outcome.VALID, note=note))
        else:
            note = (
                "GA4 cannot validate without doing." if planned.change.kind == KEY_EVENT else "Google would accept it."
            )
            results.append(ChangeResult(name=name, change=planned.change, outcome=Outcome.VALID, note=note))
    return Applied(results=tuple(results))


def _may_run(
    plan: Plan, planned: PlannedChange, account: Account, approvals: Mapping[str, Approval], past: Past, clock: Clock
) -> tuple[bool, str]:
    """Whether a change may run, and why it may not."""
    if planned.consent is Consent.PROPOSAL:
        return False, planned.consent_because
    word, now = approvals.get(planned.change.hash), clock.now()
    if word is not None and word.holds(now):
        return word.approved, "" if word.approved else f"Refused by {word.by}."
    if refused := dict(past.refused).get(planned.change.hash):
        return False, f"Google refused exactly this {refused} Approve it again to try once more."
    if planned.consent is Consent.AUTO:
        return _may_run_by_itself(plan, planned, account, past, now)
    if word is not None and word.approved:
        return False, f"The approval by {word.by} held until {word.until:%Y-%m-%d}: review it again."
    return False, f"Waits for review. {planned.consent_because}"


def _may_run_by_itself(
    plan: Plan, planned: PlannedChange, account: Account, past: Past, now: datetime
) -> tuple[bool, str]:
    """What was automatic when it was planned must still be: the config and the past may say otherwise by now."""
    if now - plan.made_at > timedelta(days=APPROVAL_DAYS):
        return False, f"The plan is of {plan.made_on}: make a fresh one with adsync plan."
    found, why = consent(planned.change, account, past, plan.origin, "")
    return found is Consent.AUTO, "" if found is Consent.AUTO else f"Waits for review. {why}"


@dataclass
class _Runner:
    """One application of one plan."""

    plan: Plan
    account: Account
    approvals: Mapping[str, Approval]
    past: Past
    done: frozenset[str]
    ads: AdsReader
    analytics: Analytics
    writer: Writer
    ledger: Ledger
    clock: Clock
    timeout: timedelta
    allowance: AccountAllowance
    gate: Gate
    results: list[ChangeResult] = field(default_factory=list)

    def run(self) -> Applied:
        waiting = [
            (name, planned)
            for name, planned in self.plan.numbered()
            if name not in self.done and self._may_run(name, planned)
        ]
        if not waiting:
            return Applied(results=tuple(self.results))
        try:
            state = self.ads.account_state(self.ads.customer(), self.plan.made_on)
            # A client that has joined since the night has not been agreed to.
            state = self.ads.with_clients(state, self.account.cross_account, anew=True)
            look = Look.at(state, self.analytics.key_events())
            for name, planned in waiting:
                look = self._apply_in_turn(name, planned, look.over(state), look)
        except AdsyncError as error:
            return Applied(results=tuple(self.results), stopped_by=error)
        return Applied(results=tuple(self.results))

    def _may_run(self, name: str, planned: PlannedChange) -> bool:
        allowed, why = _may_run(self.plan, planned, self.account, self.approvals, self.past, self.clock)
        if allowed and (why := self.gate.too_early(planned, self._holding())):
            allowed = False
        if not allowed:
            self._note(name, planned.change, None, why, allowed=False)
        return allowed

    def _holding(self) -> dict[str, Approval]:
        now = self.clock.now()
        return {change_hash: word for change_hash, word in self.approvals.items() if word.holds(now)}

    def _apply_in_turn(self, name: str, planned: PlannedChange, state: AccountState, look: Look) -> Look:
        """Applies one change unless its group has not come to it."""
        done = self.done | {r.name for r in self.results if r.outcome is not None and r.outcome.is_done}
        if behind := self.gate.behind(name, planned, done):
            self._note(name, planned.change, None, behind, allowed=False)
            return look
        if fallen := self.gate.fallen(planned, look, done):
            self._note(name, planned.change, None, f"Not applied: {fallen}")
            return look
        return self._apply(name, planned.change, state, look, self.gate.moving(planned, state))

    def _apply(
        self, name: str, change: Change, state: AccountState, look: Look, moving: frozenset[tuple[str, str]]
    ) -> Look:
        """Applies one change, if the account still is as the plan expects; returns the newest look at it."""
        found = look.stands(change)
        after = state_after(state, change)
        seen = effects(state, after, ())
        # What is the main conversion may have changed since the plan was made: in the config, or by a new name.
        refused = not_ours(change, self.account, state, self.past)
        blocked = (
            f"{refused.what} {refused.because}"
            if refused
            else unagreed(change, self.account, state)
            or protection(change, self.account, state, after)
            or obstacle(change, state, after, seen, self.past, self.plan.origin, moving)
            or second(change, self.account, state, self.past, self.plan.origin)
            or not_alone(change, self.account, state, after, self.past)
            or obstacle_elsewhere(change, self.account, state, after, self.past, self.plan.origin, {})
        )
        if waits := unsettled(change, self.past):
            self._note(name, change, None, f"Not applied: {waits}")
        elif found is Found.AFTER:
            self._record_already(name, change, look)
        elif found is Found.ELSEWHERE:
            note = f"Not applied: it has changed since the plan was made. {look.describe(change)}"
            self._note(name, change, None, f"{note} Make a fresh plan: adsync plan", moved=look.moved(change))
        elif blocked:
            self._note(name, change, None, f"Not applied: {blocked}")
        else:
            return self._send(name, change, look)
        return look

    def _send(self, name: str, change: Change, look: Look) -> Look:
        if not change.is_kept_here and (left := self.allowance.take(self.plan.origin)):
            self._note(name, change, Outcome.SKIPPED, left)
            return look
        # Written before the call: if the machine stops in between, the next run finds an open entry and asks Google.
        entry = self._entry(name, change)
        entry_id = self.ledger.open_entry(entry)
        if change.is_kept_here:
            self._close(entry_id, name, change, Outcome.APPLIED, _NOTHING_SENT)
            return look
        try:
            receipt = self.writer.send(change)
        except OutcomeUnknown as error:
            self._close(entry_id, name, change, Outcome.UNKNOWN, str(error), error.request_id)
            raise
        except AdsyncError as error:
            if change.kind == KEY_EVENT and self._is_made(change):
                note = f"Google answered with an error and has it all the same: {error}"
                self._close(entry_id, name, change, Outcome.APPLIED, note, error.request_id)
                return look
            refused = isinstance(error, GoogleRefused)
            if (
                is_taken(error)
                and self._asked_before(change)
                and (look := self._seen_after(change, look)).stands(change) is Found.AFTER
            ):
                note = _adopted(change, look)
                self._close(entry_id, name, change, Outcome.APPLIED, note, error.request_id, made_id(change, look))
                return look
            outcome = Outcome.REFUSED if refused else Outcome.FAILED
            self._close(entry_id, name, change, outcome, str(error), error.request_id)
            self.allowance.give_back(self.plan.origin)
            if refused:
                return look  # no to this change; the next one may be fine
            raise
        look = self._read_back(entry_id, name, change, receipt.request_id, look)
        if look.stands(change) is not Found.AFTER:
            # What else is planned for it must not build on what is not known.
            self.past = self.past.holding(change.object_id, entry.readable_from)
        return look

    def _is_made(self, change: Change) -> bool:
        """Whether a key event is as wanted although the answer was an error.

        Over HTTP an error is a status and a sentence, and whatever stands between here and GA4 can say it.
        """
        try:
            key_events = self.analytics.key_events()
        except AdsyncError:
            return False  # nothing more is known than what the error said
        return Look(actions=(), key_events=key_events).stands(change) is Found.AFTER

    def _seen_after(self, change: Change, before: Look) -> Look:
        """A fresh look at what the change may have moved."""
        if change.verb is Verb.TARGET:
            return replace(before, campaigns=self.ads.campaigns())
        if change.verb is Verb.GOAL:
            return replace(before, goals=self.ads.goals())
        return replace(before, actions=self.ads.actions(), key_events=self.analytics.key_events())

    def _read_back(self, entry_id: int, name: str, change: Change, request_id: str, before: Look) -> Look:
        look = self._seen_after(change, before)
        if look.stands(change) is Found.AFTER:
            note = f"{_hand_over(change, look)} {self.allowance.remark(self.plan.origin)}".strip()
            self._close(entry_id, name, change, Outcome.APPLIED, note, request_id, made_id(change, look))
        else:
            note = f"Google accepted it, but reading back shows otherwise. {look.describe(change)}"
            self._close(entry_id, name, change, Outcome.UNKNOWN, note, request_id)
        return look

    def _record_already(self, name: str, change: Change, look: Look) -> None:
        own = self._asked_before(change)
        entry_id = self.ledger.open_entry(self._entry(name, change))
        outcome, note = (Outcome.APPLIED, _adopted(change, look)) if own else (Outcome.ALREADY, "It was so already.")
        self._close(entry_id, name, change, outcome, note, "", made_id(change, look))

    def _asked_before(self, change: Change) -> bool:
        return change.verb is Verb.CREATE and asked_before(change, self.ledger.entries([self.plan.customer_id]))

    def _entry(self, name: str, change: Change) -> ChangeLogEntry:
        now = self.clock.now()
        word = self.approvals.get(change.hash)
        return ChangeLogEntry(
            id=0,
            customer_id=self.plan.customer_id,
            change_name=name,
            change=change,
            outcome=Outcome.SENT,
            opened_at=now,
            deadline=now + self.timeout,
            approved_by=word.by if word is not None and word.holds(now) else "",
            origin=self.plan.origin,
        )

    def _close(
        self,
        entry_id: int,
        name: str,
        change: Change,
        outcome: Outcome,
        note: str = "",
        request_id: str = "",
        object_id: str = "",
    ) -> None:
        self.ledger.close_entry(
            entry_id, outcome, self.clock.now(), request_id=request_id, note=note, object_id=object_id
        )
        if outcome is Outcome.APPLIED:
            self.past = self.past.looking_after(change)
        self._note(name, change, outcome, note)

    def _note(
        self,
        name: str,
        change: Change,
        outcome: Outcome | None,
        note: str,
        *,
        allowed: bool = True,
        moved: tuple[FieldMoved, ...] = (),
    ) -> None:
        result = ChangeResult(name=name, change=change, outcome=outcome, note=note, allowed=allowed, moved=moved)
        self.results.append(result)


def _adopted(change: Change, look: Look) -> str:
    return f"{ADOPTED} {_hand_over(change, look)}".strip()


def _hand_over(change: Change, look: Look) -> str:
    """The snippet of a tag action: until it is on the site, the action never fires."""
    action = look.action(change)
    if action is None or not action.tag_snippet or change.before is not None:
        return ""
    return f"Put this tag on the page where {change.event_name} happens: {action.tag_snippet}"
