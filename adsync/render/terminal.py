"""Tables for the terminal. Foreign text goes in as text, never as markup."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from rich.console import Group
from rich.table import Table
from rich.text import Text

from adsync.model.change import Change
from adsync.model.decision import ScopeStanding, Verb
from adsync.model.figures import percent
from adsync.model.group import bundled
from adsync.model.log import ChangeLogEntry, Outcome
from adsync.model.overview import Overview, Urgency
from adsync.model.plan import Approval, PlannedChange
from adsync.render.grades import change_lines
from adsync.render.plan_page import COLUMNS, KEPT_COLUMNS, WHY, PlanRow, reason_of_all
from adsync.render.plan_words import NO_WORDS, at_lines, bundle_row, consent_words, movement, verb
from adsync.render.rows import Rows
from adsync.render.text import clean

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


def outcome_words(outcome: Outcome) -> str:
    """How far an entry has come, in words."""
    return _OUTCOMES[outcome]


def status_table(overviews: Sequence[Overview]) -> Rows:
    """All accounts, those that need a person first."""
    table = Rows("Account", "Where it stands", "Next check", "What needs you", below="Where it stands")
    for o in overviews:
        table.add_row(
            text(o.account, _COLOURS[o.urgency]),
            text(" ".join(filter(None, (o.held, o.stands, o.cross_account, o.blocked, o.soon, o.log_fault, o.amiss)))),
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
    words: Mapping[str, Approval] = NO_WORDS,
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


def consent_text(planned: PlannedChange, word: Approval | None) -> Text:
    """Who has to agree and why, or who has said what and until when."""
    said, because = consent_words(planned, word)
    return Text("\n").join([text(said), text(because, "dim")])


def kept_table(kept: Iterable[tuple[str, str]]) -> Rows:
    """Why each candidate stays where it is."""
    table = Rows(*KEPT_COLUMNS)
    for name, why in kept:
        table.add_row(text(name), text(why))
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
        # What the outcome says is not said again beside it.
        more = [line for line in (moved, note) if line and line.rstrip(".").lower() != f"it {said}"]
        details = Text("\n").join(text(line, "dim") for line in more)
        table.add_row(text(name), text(verb(change)), text(change.title), text(said), details)
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
