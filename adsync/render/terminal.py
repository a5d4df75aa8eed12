"""Tables for the terminal. Foreign text goes in as text, never as markup."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.table import Table
from rich.text import Text

from adsync.model.change import Change, Fields
from adsync.model.decision import Decision
from adsync.model.log import ChangeLogEntry, Outcome
from adsync.model.overview import Overview, Urgency
from adsync.model.plan import Approval, CampaignEffect, Consent, PlannedChange
from adsync.render.text import clean

_VERBS = {
    "key_event": "Mark as key event in GA4",
    "create": "Create as secondary",
    "enable": "Start recording, as secondary",
    "update": "Correct settings",
    "promote": "Use for bidding",
    "restore": "Use for bidding again",
    "demote": "Stop using for bidding",
    "unmark": "Take the key event mark away",
    "remove": "Remove",
    "hide": "Stop recording",
}
_CONSENT = {Consent.AUTO: "runs by itself", Consent.REVIEW: "waits for you", Consent.PROPOSAL: "only proposed"}
_NO_WORDS: Mapping[str, Approval] = {}
_COLOURS = {
    Urgency.FAULTY: "red",
    Urgency.HELD: "red",
    Urgency.UNSETTLED: "yellow",
    Urgency.REVIEW: "yellow",
    Urgency.NOTHING_PULLED: "yellow",
    Urgency.FINE: "green",
}
_OUTCOMES = {
    Outcome.SENT: "sent, not settled",
    Outcome.APPLIED: "applied",
    Outcome.ALREADY: "was so already",
    Outcome.FAILED: "not made",
    Outcome.UNKNOWN: "outcome unknown",
    Outcome.DRIFTED: "changed by others",
    Outcome.VALID: "would be made",
}


def text(words: str, style: str = "") -> Text:
    """Foreign or own words for a table cell."""
    return Text(clean(words), style=style)


def verb(change: Change) -> str:
    """What a change does, as a marketer says it."""
    return _VERBS[change.verb.value]


def outcome_words(outcome: Outcome) -> str:
    """How far an entry has come, in words."""
    return _OUTCOMES[outcome]


def _table(*columns: str, title: str = "") -> Table:
    table = Table(title=title or None, title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold", vertical="top")
    return table


def status_table(overviews: Sequence[Overview]) -> Table:
    """All accounts, those that need a person first."""
    table = _table("Account", "Where it stands", "Next check", "What needs you")
    for o in overviews:
        table.add_row(
            text(o.account, _COLOURS[o.urgency]), text(o.stands), text(o.next_check_words), text(o.todo or "nothing")
        )
    return table


def plan_table(
    changes: Iterable[tuple[str, PlannedChange]], title: str = "", words: Mapping[str, Approval] = _NO_WORDS
) -> Table:
    """The change log to come. words: what people have said on its changes, by hash."""
    table = _table("Change", "What", "Where", "Why, and what bidding will see", "Consent", title=title)
    for name, planned in changes:
        change = planned.change
        why = Text("\n").join([text(change.because), *(text(effect(e), "dim") for e in planned.effects)])
        who = _consent(planned, words.get(change.hash))
        what = text(verb(change))
        if moved := movement(change.before, change.after):
            what = Text("\n").join([what, text(moved, "dim")])
        table.add_row(text(name), what, text(change.title), why, who)
    return table


def _consent(planned: PlannedChange, word: Approval | None) -> Text:
    if word is None or planned.consent is Consent.PROPOSAL:
        return Text("\n").join([text(_CONSENT[planned.consent]), text(planned.consent_because, "dim")])
    said = "approved" if word.approved else "refused"
    return Text("\n").join([text(f"{said} by {word.by}"), text(f"until {word.until:%Y-%m-%d}", "dim")])


def decisions_table(decisions: Iterable[Decision]) -> Table:
    """Why each candidate is where it is."""
    table = _table("Candidate", "Why it stays as it is")
    for decision in decisions:
        table.add_row(text(decision.event_name), text(decision.because))
    return table


def movement(before: Fields | None, after: Fields | None) -> str:
    """Before and after of the fields that move; "" where the verb says it all."""
    if before is None or after is None:
        return ""
    old, new = dict(before), dict(after)
    return ", ".join(
        f"{name}: {_plain(old.get(name))} > {_plain(value)}" for name, value in new.items() if old.get(name) != value
    )


def _plain(value: object) -> str:
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def effect(e: CampaignEffect) -> str:
    """One campaign's line under a change."""
    return f"{e.campaign}: bidding sees {e.before:.0f} conversions a month now, {e.after:.0f} after"


def log_table(entries: Iterable[ChangeLogEntry], names: dict[str, str]) -> Table:
    """The change log, oldest first."""
    table = _table("Entry", "When (UTC)", "Account", "What", "Where", "Outcome", "By", "Why")
    for entry in entries:
        because = [text(entry.change.because)]
        if entry.note:
            because.append(text(entry.note, "dim"))
        if entry.request_id:
            because.append(text(f"request {entry.request_id}", "dim"))
        table.add_row(
            str(entry.id),
            f"{entry.opened_at:%Y-%m-%d %H:%M}",
            text(names.get(entry.customer_id, entry.customer_id)),
            text(verb(entry.change)),
            text(entry.change.title),
            text(outcome_words(entry.outcome)),
            text(entry.approved_by or "adsync"),
            Text("\n").join(because),
        )
    return table


def applied_table(results: Iterable[tuple[str, Change, Outcome | None, str]], title: str = "") -> Table:
    """What became of each planned change: its name, the change, its outcome (None: left alone), and a note."""
    table = _table("Change", "What", "Where", "Outcome", "", title=title)
    for name, change, outcome, note in results:
        said = "left" if outcome is None else _OUTCOMES[outcome]
        table.add_row(text(name), text(verb(change)), text(change.title), text(said), text(note, "dim"))
    return table


def weeks_table(rows: Iterable[tuple[str, float, float]]) -> Table:
    """Four weeks a line: first day, macros, and conversions that counted for bidding."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("4 weeks from")
    table.add_column("Purchases", justify="right")
    table.add_column("Bidding learned from", justify="right")
    table.add_column("")
    for first, macros, counted in rows:
        sold, beside = round(macros / 4), round(max(counted - macros, 0) / 4)
        bar = Text("\u2588" * sold, style="blue") + Text("\u2591" * beside, style="yellow")
        table.add_row(first, f"{macros:.0f}", f"{counted:.0f}", bar)
    return table


def accounts_table(rows: Iterable[tuple[str, str, str, str, str, str]]) -> Table:
    """What the credentials can see: name, customer id, through, GA4, conversion actions, remark."""
    table = _table("Account", "Customer id", "Through", "GA4 properties", "Conversion actions", "")
    for row in rows:
        table.add_row(*(text(cell) for cell in row))
    return table


def findings_table(rows: Iterable[tuple[str, str, str, str, str]]) -> Table:
    """Checks: account, check, grade, what was seen, remedy."""
    table = _table("Account", "Check", "", "What was seen", "What to do")
    for where, check, grade, saw, remedy in rows:
        table.add_row(text(where), text(check), text(grade, _GRADES[grade]), text(saw), text(remedy))
    return table


_GRADES = {"ok": "green", "warning": "yellow", "problem": "red"}
