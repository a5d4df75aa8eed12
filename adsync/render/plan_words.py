"""Planned changes in words: what each does, what bidding will see of it, when, and who has to agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from adsync.model.change import Change, Fields
from adsync.model.decision import Verb
from adsync.model.field_words import called, shown
from adsync.model.figures import enumerated, listed, percent
from adsync.model.goal import GoalMember
from adsync.model.group import purposes
from adsync.model.plan import Approval, CampaignEffect, Consent, PlannedChange, TargetKind, TargetMove
from adsync.model.sharing import dashed
from adsync.model.verb_words import verb as verb
from adsync.render.plan_page import PlanRow

_CONSENT = {Consent.AUTO: "runs by itself", Consent.REVIEW: "waits for you", Consent.PROPOSAL: "only proposed"}
NO_WORDS: Mapping[str, Approval] = {}
MEANWHILE = (
    "Until all of it is made bidding is asked for less than now: it may spend more for what it counts, up to the budgets. "
    "From these days on:"
)


def bundle_row(bundle: Sequence[tuple[str, PlannedChange]], words: Mapping[str, Approval] = NO_WORDS) -> PlanRow:
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


def withdrawn_line(name: str, planned: PlannedChange, word: Approval | None) -> str:
    """That a change is planned no more, because its event has left the config."""
    change = planned.change
    approved = f", which {word.by} has approved," if word is not None and word.approved else ""
    return (
        f"{name} ({verb(change)}, {change.title}){approved} is planned no more: the config names {change.event_name} no more "
        "as a candidate."
    )


def at_lines(change: Change) -> tuple[str, ...]:
    """The account at which a change is made, where that is not its own."""
    return (f"at account {dashed(change.owner_id)}",) if change.owner_id else ()


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


def consent_words(planned: PlannedChange, word: Approval | None) -> tuple[str, str]:
    """Who has to agree, and why; or who has said what, and until when."""
    if word is None or planned.consent is Consent.PROPOSAL:
        return _CONSENT[planned.consent], planned.consent_because
    said = "approved" if word.approved else "refused"
    return f"{said} by {word.by}", f"until {word.until:%Y-%m-%d}"


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
    line = f"{line}. Its target stays where it stood before that" if e.stays_at else line
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
    steps = "one step" if move.steps == 1 else f"{move.steps} steps of at most 20 %, with stage_gap_days between them"
    shared = f", which {move.shared_by} campaigns share," if move.shared_by > 1 else ""
    return f"Its target {move.kind} of {now}{shared} would have to be {fair} to ask the same: {steps}"
