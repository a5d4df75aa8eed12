"""Tables for the terminal. Foreign text goes in as text, never as markup."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from rich.console import Group
from rich.table import Table
from rich.text import Text

from adsync.model.change import Change, Fields
from adsync.model.decision import ScopeStanding, Verb
from adsync.model.field_words import called, shown
from adsync.model.figures import enumerated, listed, percent
from adsync.model.goal import GoalMember
from adsync.model.group import bundled, purposes
from adsync.model.log import ChangeLogEntry, Outcome
from adsync.model.overview import Overview, Urgency
from adsync.model.plan import Approval, CampaignEffect, Consent, PlannedChange, TargetKind, TargetMove
from adsync.model.sharing import dashed
from adsync.render.grades import change_lines
from adsync.render.plan_page import COLUMNS, KEPT_COLUMNS, WHY, PlanRow, reason_of_all
from adsync.render.rows import Rows
from adsync.render.text import clean

_VERBS = {
    "key_event": "Mark as key event in GA4",
    "create": "Create as secondary",
    "enable": "Start recording, as secondary",
    "update": "Correct settings",
    "value": "Set its value",
    "promote": "Use for bidding",
    "restore": "Use for bidding again",
    "demote": "Stop using for bidding",
    "target": "Move the target",
    "goal": "Switch bidding on the goal",
    "unmark": "Take the key event mark away",
    "remove": "Remove",
    "hide": "Stop recording",
    "adopt": "Let adsync look after it",
    "release": "Leave it to people again",
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
    Outcome.REFUSED: "refused by Google",
    Outcome.UNKNOWN: "outcome unknown",
    Outcome.DRIFTED: "changed by others",
    Outcome.VALID: "would be made",
    Outcome.SKIPPED: "left for later",
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


def status_table(overviews: Sequence[Overview]) -> Rows:
    """All accounts, those that need a person first."""
    table = Rows("Account", "Where it stands", "Next check", "What needs you", below="Where it stands")
    for o in overviews:
        table.add_row(
            text(o.account, _COLOURS[o.urgency]),
            text(" ".join(filter(None, (o.stands, o.cross_account, o.blocked, o.soon, o.log_fault, o.amiss)))),
            text(o.next_check_words),
            text(o.todo or "nothing"),
        )
    return table


def scopes_table(scopes: Sequence[ScopeStanding]) -> Rows:
    """The numbers of each scope, those that cost most first."""
    table = Rows(*scope_columns(scopes))
    for scope in scopes:
        table.add_row(*map(text, scope_cells(scope, scopes)))
    return table


def scope_columns(scopes: Sequence[ScopeStanding]) -> tuple[str, ...]:
    """What stands over `scope_cells`: how many weeks are counted, and which newest ones decide on helpers that rest."""
    weeks = max((len(scope.standing.weekly) for scope in scopes), default=0)
    newest = {scope.standing.recent_days / 7 for scope in scopes}
    known = newest.pop() if len(newest) == 1 else 0.0
    # Where some of the newest days are not usable, their number does not tell the weeks.
    recent = f"{known:.0f} weeks" if known and known.is_integer() else "Newest weeks"
    counted = f"{weeks} weeks" if weeks else "Counted"
    back = ("Helpers back at",) if _any_rests(scopes) else ()
    return ("Campaigns", "Bid for", "Spend", counted, "Needed", "Sure of it", recent, *back, "Asks for")


def _any_rests(scopes: Sequence[ScopeStanding]) -> bool:
    return any(scope.helpers_rest for scope in scopes)


def scope_cells(scope: ScopeStanding, scopes: Sequence[ScopeStanding]) -> tuple[str, ...]:
    """What stands of one of these scopes under `scope_columns`, in the report as well."""
    now = scope.standing
    # Weeks that stand out are cut back before they are counted; the sentence above and Google's screens show them whole.
    there, counted = f"{sum(now.weekly):.0f}", f"{now.counted:.0f}"
    back = f"{now.returns_at:.0f} or fewer" if now.returns_at >= 0 else "unknown"
    return (
        scope.name,
        "value" if scope.on_value else "conversions",
        percent(scope.spend),
        f"{counted} of {there}" if sum(now.weekly) > now.counted and there != counted else counted,
        f"{now.needed:.0f}",
        percent(now.above_chance),
        f"{now.recent:.0f}",
        *([back if scope.helpers_rest else "none rests"] if _any_rests(scopes) else []),
        _VERDICTS[scope.verdict],
    )


_VERDICTS = {"keep": "nothing", "demote": "retire one", "restore": "bring back", "hold": "held"}


def plan_table(
    changes: Iterable[tuple[str, PlannedChange]],
    title: str = "",
    words: Mapping[str, Approval] = _NO_WORDS,
    told: Collection[str] = (),
) -> Group:
    """The change log to come, and of which grade its evidence is.

    words: what people have said on its changes, by hash. told: what tables above this one have said of grades.
    """
    named = tuple(changes)
    table = rows_table((bundle_row(bundle, words) for bundle in bundled(named)), title)
    grades = change_lines((planned.change for _, planned in named), told)
    return Group(table, *(text(line, "dim") for line in grades))


def rows_table(rows: Iterable[PlanRow], title: str = "") -> Group:
    """The same of changes that are in words already. A reason that all of them wait for stands once, above them."""
    each = tuple(rows)
    reason = reason_of_all(each)
    above = [text(title, "bold"), text(reason, "dim")]
    return Group(*(line for line in above if line.plain), _rows([_without(row, reason) for row in each]))


def _without(row: PlanRow, reason: str) -> PlanRow:
    return replace(row, consent_because="") if reason else row


def _rows(rows: Iterable[PlanRow]) -> Rows:
    table = Rows(*COLUMNS, below=WHY)
    for row in rows:
        cells = ([text(line, "dim" if n else "") for n, line in enumerate(cell)] for cell in row.cells())
        table.add_row(*(Text("\n").join(lines) for lines in cells))
    return table


def bundle_row(bundle: Sequence[tuple[str, PlannedChange]], words: Mapping[str, Approval] = _NO_WORDS) -> PlanRow:
    """What is said of a planned change, or of a group, wherever it is shown."""
    name, first = bundle[0]
    spoken = [words[p.change.hash] for _, p in bundle if p.change.hash in words]
    # A no to one of a group is a no to all of it.
    no = next((word for word in spoken if not word.approved), None)
    consent, consent_because = consent_words(first, no or words.get(first.change.hash))
    mains = purposes([planned.change for _, planned in bundle])
    about = mains or [first.change]
    calendar = calendar_lines(bundle) if len(bundle) > 1 else ()
    what, moved = verb(about[0]), movement(about[0].before, about[0].after)
    if calendar:
        what, moved = (what, _steps(bundle)) if mains else ("Move targets step by step", "")
    seen = (line for _, p in bundle for line in (*map(effect, p.effects), *goal_lines(p), *meets_lines(p)))
    return PlanRow(
        change=name,
        what=what,
        moved=moved,
        where=", ".join(dict.fromkeys(change.title for change in about)),
        because=about[0].because,
        beside=(*seen, *([MEANWHILE] if calendar else []), *calendar),
        consent=consent,
        consent_because=consent_because,
    )


def at_lines(change: Change) -> tuple[str, ...]:
    """The account at which a change is made, where that is not its own."""
    return (f"at account {dashed(change.owner_id)}",) if change.owner_id else ()


MEANWHILE = (
    "Until all of it is made bidding is asked for less than now: it may spend more for what it counts, up to the budgets. "
    "From these days on:"
)


def meets_lines(planned: PlannedChange) -> tuple[str, ...]:
    """Every account that a change meets, where several use the same conversion actions."""
    if not planned.clients:
        return ()
    named = enumerated(client.called for client in planned.clients)
    return (f"Made at account {dashed(planned.change.sent_to)}, it meets every account that uses its actions: {named}",)


def _steps(bundle: Sequence[tuple[str, PlannedChange]]) -> str:
    targets = sum(planned.change.verb is Verb.TARGET for _, planned in bundle)
    stages = "in stages, " if len(bundle) - targets > len(purposes([p.change for _, p in bundle])) else ""
    return f"{stages}with {targets} step{'' if targets == 1 else 's'} of targets"


def calendar_lines(bundle: Sequence[tuple[str, PlannedChange]]) -> tuple[str, ...]:
    """What is to be made from which day on, a line for each day."""
    days: dict[date | None, list[str]] = {}
    for _, planned in bundle:
        days.setdefault(planned.not_before, []).append(_on_its_day(planned.change))
    return tuple(f"{day}: {'; '.join(made)}" for day, made in days.items())


def _on_its_day(change: Change) -> str:
    moves = change.verb in (Verb.TARGET, Verb.VALUE)
    moved = movement(change.before, change.after) if moves else verb(change)
    return f"{change.title}, {moved[:1].lower()}{moved[1:]}"


def consent_text(planned: PlannedChange, word: Approval | None) -> Text:
    """Who has to agree and why, or who has said what and until when."""
    said, because = consent_words(planned, word)
    return Text("\n").join([text(said), text(because, "dim")])


def consent_words(planned: PlannedChange, word: Approval | None) -> tuple[str, str]:
    """Who has to agree, and why; or who has said what, and until when."""
    if word is None or planned.consent is Consent.PROPOSAL:
        return _CONSENT[planned.consent], planned.consent_because
    said = "approved" if word.approved else "refused"
    return f"{said} by {word.by}", f"until {word.until:%Y-%m-%d}"


def kept_table(kept: Iterable[tuple[str, str]]) -> Rows:
    """Why each candidate stays where it is."""
    table = Rows(*KEPT_COLUMNS)
    for name, why in kept:
        table.add_row(text(name), text(why))
    return table


def movement(before: Fields | None, after: Fields | None) -> str:
    """Before and after of the fields that move; "" where the verb says it all."""
    if before is None or after is None:
        return ""
    old, new = dict(before), dict(after)
    return ", ".join(
        f"{called(name)}: {shown(old.get(name), name)} > {shown(value, name)}"
        for name, value in new.items()
        if old.get(name) != value
    )


def effect(e: CampaignEffect) -> str:
    """One campaign's line under a change."""
    one = "" if round(e.before) == 1 else "s"
    seen = [f"{e.before:.0f} conversion{one} a month now, {e.after:.0f} after"] if e.before != e.after else []
    if e.moves_value:
        seen.append(f"a value of {e.value_before:,.0f} a month now, {e.value_after:,.0f} after")
    whose = f"{e.client}, {e.campaign}" if e.client else e.campaign
    line = f"{whose}: bidding sees {'; '.join(seen) or 'as much as before'}"
    return line if e.target is None else f"{line}. {_target(e.target)}"


def goal_lines(planned: PlannedChange) -> tuple[str, ...]:
    """A line for every other action of a goal that is switched, with what that does to it."""
    if planned.change.verb is not Verb.GOAL:
        return ()
    if not planned.others:
        return ("Nothing else is in this goal.",)
    return tuple(f'Also in this goal: "{other.name}", {_member(other)}' for other in planned.others)


def _member(other: GoalMember) -> str:
    stands = "primary" if other.primary_for_goal else "secondary"
    stands = stands if other.status == "ENABLED" else f"{other.status.lower()}, {stands}"
    parts = [
        f"{listed(names)} would {what} bidding on it"
        for what, names in (("begin", other.begins), ("stop", other.stops))
        if names
    ]
    return f"{stands}: {'; '.join(parts) or 'nothing changes for it'}"


def _target(move: TargetMove) -> str:
    """Where a fixed target would have to go, and in how many steps."""
    now, fair = (
        f"{figure:,.2f}" if move.kind is TargetKind.CPA else percent(figure) for figure in (move.now, move.fair)
    )
    steps = "one step" if move.steps == 1 else f"{move.steps} steps of at most 20 %, one in each conversion cycle"
    shared = f", which {move.shared_by} campaigns share," if move.shared_by > 1 else ""
    return f"Its target {move.kind} of {now}{shared} would have to be {fair} to ask the same: {steps}"


def log_table(entries: Iterable[ChangeLogEntry], names: dict[str, str]) -> Rows:
    """The change log, oldest first."""
    table = Rows(*LOG_COLUMNS, below=LOG_COLUMNS[-1])
    for entry in entries:
        table.add_row(*log_cells(entry, names))
    return table


LOG_COLUMNS = ("Entry", "When (UTC)", "Account", "What", "Where", "Outcome", "By", "Why")


def log_cells(entry: ChangeLogEntry, names: Mapping[str, str], review: str = "") -> tuple[Text, ...]:
    """What stands of an entry under LOG_COLUMNS. names: of accounts, by customer id. review: of its outcome."""
    because = [text(entry.change.because)]
    if entry.note:
        because.append(text(entry.note, "dim"))
    if entry.request_id:
        because.append(text(f"request {entry.request_id}", "dim"))
    if review:
        because.append(text(review))
    return (
        text(str(entry.id)),
        text(f"{entry.opened_at:%Y-%m-%d %H:%M}"),
        text(names.get(entry.customer_id, entry.customer_id)),
        text(verb(entry.change)),
        Text("\n").join([text(entry.change.title), *(text(line, "dim") for line in at_lines(entry.change))]),
        text(outcome_words(entry.outcome)),
        text(entry.approved_by or "adsync"),
        Text("\n").join(because),
    )


def applied_table(results: Iterable[tuple[str, Change, Outcome | None, str]], title: str = "") -> Rows:
    """What became of each planned change: its name, the change, its outcome (None: left alone), and a note."""
    table = Rows("Change", "What", "Where", "Outcome", "", title=title, below="")
    for name, change, outcome, note in results:
        said = "left" if outcome is None else _OUTCOMES[outcome]
        # Of the others the verb says it all.
        moved = movement(change.before, change.after) if change.verb in (Verb.TARGET, Verb.VALUE) else ""
        what = Text("\n").join([text(verb(change)), *([text(moved, "dim")] if moved else [])])
        table.add_row(text(name), what, text(change.title), text(said), text(note, "dim"))
    return table


_LONGEST_BAR = 31
"""Characters beside three columns of figures in a terminal of 80."""


def weeks_table(rows: Iterable[tuple[str, float, float]]) -> Table:
    """Four weeks a line: first day, macros, and conversions that counted for bidding."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("4 weeks from")
    table.add_column("Purchases", justify="right")
    table.add_column("Bidding learned from", justify="right")
    table.add_column("")
    named = tuple(rows)
    each = max(4.0, *(max(macros, counted) / _LONGEST_BAR for _, macros, counted in named))
    for first, macros, counted in named:
        sold, beside = round(macros / each), round(max(counted - macros, 0) / each)
        bar = Text("\u2588" * sold, style="blue") + Text("\u2591" * beside, style="yellow")
        table.add_row(first, f"{macros:.0f}", f"{counted:.0f}", bar)
    return table


def accounts_table(rows: Iterable[tuple[str, str, str, str, str, str]]) -> Rows:
    """What the credentials can see: name, customer id, through, GA4, conversion actions, remark."""
    table = Rows("Account", "Customer id", "Through", "GA4 properties", "Conversion actions", "")
    for row in rows:
        table.add_row(*(text(cell) for cell in row))
    return table


def findings_table(rows: Iterable[tuple[str, str, str, str, str]]) -> Rows:
    """Checks: account, check, grade, what was seen, remedy."""
    table = Rows("Account", "Check", "", "What was seen", "What to do", below="What to do")
    for where, check, grade, saw, remedy in rows:
        table.add_row(text(where), text(check), text(grade, _GRADES[grade]), text(saw), text(remedy))
    return table


_GRADES = {"ok": "green", "warning": "yellow", "problem": "red"}
