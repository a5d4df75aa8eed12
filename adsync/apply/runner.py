"""One application of one plan: each change checked against Google first, written down before it is sent, and read back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from adsync.apply.adopted import ADOPTED, asked_before, is_marked, is_taken
from adsync.apply.agreed import agreed
from adsync.apply.allowance import AccountAllowance
from adsync.apply.gate import Gate
from adsync.apply.last_look import met_since, records_nothing
from adsync.apply.moved import FieldMoved, next_step
from adsync.apply.objects import Found, Look
from adsync.apply.results import Applied, ChangeResult
from adsync.apply.settle import made_id
from adsync.errors import AdsyncError, GoogleRefused, OutcomeUnknown
from adsync.model.account import Account
from adsync.model.ads import AccountState
from adsync.model.change import KEY_EVENT, Change
from adsync.model.decision import Verb
from adsync.model.log import ChangeLogEntry, Outcome, Past
from adsync.model.plan import Approval, Consent, Plan, PlannedChange
from adsync.plan.against import at_the_end, in_the_way, paused
from adsync.plan.guard import doubt, not_ours, unsettled
from adsync.plan.outcome import effects, state_after, takes_away
from adsync.ports import AdsReader, Analytics, Clock, Ledger, Writer

NOTHING_SENT = "Nothing is sent to Google: the change log says who looks after it."


@dataclass
class Runner:
    """words: what people have said by now. approvals: when it was asked last. state: the account as it was found when all of it
    was read last. has_sent: whether anything was sent since."""

    plan: Plan
    account: Account
    words: Callable[[], Mapping[str, Approval]]
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
    approvals: Mapping[str, Approval] = field(default_factory=dict)
    state: AccountState = field(init=False)
    has_sent: bool = False

    def run(self) -> Applied:
        self.approvals = self.words()
        waiting = [
            (name, planned)
            for name, planned in self.plan.numbered()
            if name not in self.done and self._may_run(name, planned)
        ]
        if not waiting:
            return self._applied()
        try:
            self.state = self._read()
            look = Look.at(self.state, self.analytics.key_events())
            for name, planned in waiting:
                # Somebody may have said no while the changes in front were sent.
                self.approvals = self.words()
                if not self._may_run(name, planned):
                    continue
                if self.has_sent and (takes_away(planned.change) or planned.change.owner_id):
                    look = self._read_anew(look)
                look = self._apply_in_turn(name, planned, look.over(self.state), look)
        except AdsyncError as error:
            return self._applied(error)
        return self._applied()

    def _applied(self, stopped_by: AdsyncError | None = None) -> Applied:
        """What became of the changes, in the order of the plan: what is left alone is known before anything is sent."""
        order = {name: n for n, (name, _) in enumerate(self.plan.numbered())}
        results = sorted(self.results, key=lambda result: order[result.name])
        return Applied(results=tuple(results), stopped_by=stopped_by)

    def _read(self) -> AccountState:
        state = self.ads.account_state(self.ads.customer(), self.plan.made_on)
        # A client that has joined since the night has not been agreed to.
        return self.ads.with_clients(state, self.account.cross_account, anew=True)

    def _read_anew(self, before: Look) -> Look:
        """All of it once more: on which goals campaigns bid, somebody may have changed while the changes in front were sent."""
        found, self.has_sent = self._read(), False
        # What this run has done makes campaigns learn, and does not stand in its own way.
        status = {c.id: c.system_status for c in self.state.campaigns}
        campaigns = tuple(replace(c, system_status=status.get(c.id, c.system_status)) for c in found.campaigns)
        self.state = replace(found, campaigns=campaigns)
        return Look.at(self.state, before.key_events)

    def _may_run(self, name: str, planned: PlannedChange) -> bool:
        allowed, why = agreed(self.plan, planned, self.account, self.approvals, self.past, self.clock.now())
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
        done = self.done | {r.name for r in self.results if self._is_done(r)}
        if waits := self.gate.too_soon(planned, done) or self.gate.behind(name, planned, done):
            self._note(name, planned.change, None, waits, allowed=False)
            return look
        if fallen := self.gate.fallen(planned, look, done) or self.gate.astray(planned, state):
            self._note(name, planned.change, None, f"Not applied: {fallen}")
            return look
        moving = self.gate.moving(planned, state)
        left = self.gate.left(planned)
        if why := at_the_end(left, self.account, state, self.past, self.plan.origin, moving):
            self._note(name, planned.change, None, f"Not applied: {paused(why, planned.group)}")
            return look
        return self._apply(name, planned, state, look, moving)

    def _is_done(self, result: ChangeResult) -> bool:
        return result.outcome is not None and result.outcome.is_done

    def _apply(
        self, name: str, planned: PlannedChange, state: AccountState, look: Look, moving: frozenset[tuple[str, str]]
    ) -> Look:
        """Applies one change, if the account still is as the plan expects; returns the newest look at it."""
        change = planned.change
        found = look.stands(change)
        after = state_after(state, change)
        seen = effects(state, after, ())
        # What is the main conversion may have changed since the plan was made: in the config, or by a new name.
        refused = not_ours(change, self.account, state, self.past)
        blocked = (
            f"{refused.what} {refused.because}"
            if refused
            else in_the_way(change, self.account, state, after, seen, self.past, self.plan.origin, moving)
            or records_nothing(change, look.action(change), self.account, self._marked(look))
        )
        if waits := unsettled(change, self.past):
            self._note(name, change, None, f"Not applied: {waits}")
        elif found is Found.AFTER:
            self._record_already(name, change, look)
        elif found is Found.ELSEWHERE:
            note = f"Not applied: it has changed since the plan was made. {look.describe(change)}"
            self._note(name, change, None, f"{note} {next_step(change)}", moved=look.moved(change))
        elif blocked:
            self._note(name, change, None, f"Not applied: {blocked}")
        elif met_since := self._met_since(change, state):
            self._note(name, change, None, met_since, allowed=False)
        elif self._runs_by_itself(planned) and (person := doubt(change, state, seen)):
            self._note(name, change, None, f"Waits for review. {person}", allowed=False)
        else:
            return self._send(name, change, look)
        return look

    def _runs_by_itself(self, planned: PlannedChange) -> bool:
        """Without anybody's word. A group was doubted as a whole when it was planned: its own steps make bidding learn."""
        return planned.consent is Consent.AUTO and not planned.group and planned.change.hash not in self._holding()

    def _met_since(self, change: Change, state: AccountState) -> str:
        word = self._holding().get(change.hash)
        shown = self.ledger.plan(word.change_name.rpartition("/")[0]) if word is not None and change.owner_id else None
        return met_since(change, state, word, shown)

    def _marked(self, look: Look) -> set[str]:
        """Key events of GA4, with those that a dry run would have marked by now."""
        made = (r for r in self.results if r.change.verb is Verb.KEY_EVENT and self._is_done(r))
        return {k.event_name for k in look.key_events} | {r.change.object_id for r in made}

    def _send(self, name: str, change: Change, look: Look) -> Look:
        if not change.is_kept_here and (left := self.allowance.take(self.plan.origin)):
            self._note(name, change, Outcome.SKIPPED, f"{left}{self._lapses(change)}")
            return look
        # Written before the call: if the machine stops in between, the next run finds an open entry and asks Google.
        entry = self._entry(name, change)
        entry_id = self.ledger.open_entry(entry)
        if change.is_kept_here:
            self._close(entry_id, name, change, Outcome.APPLIED, NOTHING_SENT)
            return look
        self.has_sent = True
        try:
            receipt = self.writer.send(change)
        except OutcomeUnknown as error:
            self._close(entry_id, name, change, Outcome.UNKNOWN, str(error), error.request_id)
            raise
        except AdsyncError as error:
            made = self._is_made(change) if change.kind == KEY_EVENT else False
            if made is None:
                note = f"Google answered with an error, and whether it was made all the same could not be read: {error}"
                self._close(entry_id, name, change, Outcome.UNKNOWN, note, error.request_id)
                raise
            if made and is_marked(error) and not asked_before(change, self._entries()):
                note = f"Somebody else had marked it a moment before: {error}"
                self._close(entry_id, name, change, Outcome.ALREADY, note, error.request_id)
                return look
            if made:
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

    def _lapses(self, change: Change) -> str:
        """That the month's limit will keep a change waiting for longer than the yes to it holds."""
        word = self._holding().get(change.hash)
        again = self.allowance.again_on(self.plan.origin)
        if word is None or again is None or word.until.date() >= again:
            return ""
        return f" The yes of {word.by} holds until {word.until:%Y-%m-%d} only: it is to be reviewed again then."

    def _is_made(self, change: Change) -> bool | None:
        """Whether a key event is as wanted although the answer was an error; None where that cannot be read either.

        Over HTTP an error is a status and a sentence, and whatever stands between here and GA4 can say it.
        """
        try:
            key_events = self.analytics.key_events()
        except AdsyncError:
            return None
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
            said = (self._met(change), _hand_over(change, look), self.allowance.remark(self.plan.origin))
            note = " ".join(filter(None, said))
            self._close(entry_id, name, change, Outcome.APPLIED, note, request_id, made_id(change, look))
        else:
            note = f"Google accepted it, but reading back shows otherwise. {look.describe(change)}"
            self._close(entry_id, name, change, Outcome.UNKNOWN, note, request_id)
        return look

    def _met(self, change: Change) -> str:
        """Whom a change at another account has met."""
        sharing = self.state.sharing
        return f"It met {sharing.named}." if change.owner_id and sharing is not None else ""

    def _record_already(self, name: str, change: Change, look: Look) -> None:
        own = self._asked_before(change)
        outcome, note = (Outcome.APPLIED, _adopted(change, look)) if own else (Outcome.ALREADY, "It was so already.")
        # At once: an entry that a stop leaves open is settled as sent, and would make adsync's own what somebody else did.
        entry = replace(self._entry(name, change), outcome=outcome, note=note, closed_at=self.clock.now())
        self.ledger.record_entry(entry, object_id=made_id(change, look))
        self._done(name, change, outcome, note)

    def _asked_before(self, change: Change) -> bool:
        return change.verb is Verb.CREATE and asked_before(change, self._entries())

    def _entries(self) -> tuple[ChangeLogEntry, ...]:
        return self.ledger.entries([self.plan.customer_id])

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
        self._done(name, change, outcome, note)

    def _done(self, name: str, change: Change, outcome: Outcome, note: str) -> None:
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
