"""What adsync says about its decisions, in a marketer's words. Status, plan, log and report all show these sentences."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from math import ceil

from adsync.decide.posterior import smallest_sufficient
from adsync.model.decision import (
    Counters,
    DemandDecision,
    Hold,
    Standing,
)
from adsync.model.figures import percent, plural, spelled
from adsync.model.policy import Policy


def of_demand(
    macro: str, decision: DemandDecision, policy: Policy, counters: Counters, *, any_primary: bool, any_resting: bool
) -> str:
    """Why the demand rule says what it says; why a person must agree is another question.

    Raises ValueError where nothing was weighed and nothing is held.
    """
    match decision.verdict:
        case "hold":
            return held(decision.holds)
        case "demote":
            return retiring(macro, decision.standing, policy, counters)
        case "restore":
            return returning(macro, decision.standing, policy)
        case _:
            now = decision.standing
            return keeping(macro, now, policy, counters, any_primary=any_primary, any_resting=any_resting)


def volume(macro: str, now: Standing, policy: Policy) -> str:
    """Where the macro stands: "97 purchases in the last 12 weeks; 101 are needed to be 95 % sure of 30 a month." """
    if not now.effective_days:
        return f"No {plural(macro)} are known of the last {policy.demand_weeks} weeks yet."
    days = 7 * policy.demand_weeks
    missing = days - now.effective_days
    there = sum(now.weekly)
    beside = [f"{missing:.0f} of the {days} days are unknown or set aside"] if missing >= 1 else []
    # A week that stands out, such as a sale, is cut back before it is counted; the sum on Google's screens is not.
    if _cut_matters(there, now):
        # A standing that was stored before its weeks were counted does not know how many.
        weeks = f"{spelled(now.cut_weeks)} weeks stand" if now.cut_weeks > 1 else "one week stands"
        beside.append(f"{now.counted:.0f} of them count: {weeks} out")
    notes = f" ({'; '.join(beside)})" if beside else ""
    return (
        f"{there:.0f} {plural(macro)} in the last {policy.demand_weeks} weeks{notes}; {now.needed:.0f} are needed to be "
        f"{percent(policy.demote_confidence)} sure of {now.demand:.0f} a month."
    )


def _cut_matters(there: float, now: Standing) -> bool:
    """Whether what is counted differs from what is there by so much that it is worth a word."""
    if round(there) == round(now.counted):
        return False
    return there - now.counted >= SMALL_CUT * there or (there >= now.needed) != (now.counted >= now.needed)


SMALL_CUT = 0.02
"""Cut back by a smaller share than this, nobody misses what does not count."""

USUAL_DISPERSIONS = (1.2, 1.5)
"""How lumpy most accounts are."""


def line(policy: Policy, kinds: Collection[bool], *, mixed: bool = False) -> str:
    """Which demand applies, why, and what it takes to show it.

    kinds: of bidding, True for value; none where none is used. mixed: some campaigns that are decided as one bid for value.
    """
    if policy.demand_per_30_days is not None:
        return f"The demand line is {_shown(policy)}, as the config says; {_takes(policy)}."
    if not kinds:
        because = "as for bidding on conversions: no campaign bids by itself yet"
        return f"The demand line is {_shown(policy)}, {because}; {_takes(policy)}."
    if len(set(kinds)) == 1:
        applied = policy.for_bidding(on_value=any(kinds))
        because = f"because campaigns bid for {bids_for(any(kinds))}"
        if mixed:
            because = "because at least one campaign bids for value"
        return f"The demand line is {_shown(applied)}, {because}; {_takes(applied)}."
    each = [policy.for_bidding(on_value=kind) for kind in (False, True)]
    return (
        f"The demand line is {_shown(each[0])} where campaigns bid for conversions ({_takes(each[0])}), "
        f"and {_shown(each[1])} where they bid for value ({_takes(each[1])})."
    )


def bids_for(on_value: bool) -> str:
    return "value" if on_value else "conversions"


def _shown(policy: Policy) -> str:
    return f"{policy.demand:.0f} a month"


def _takes(policy: Policy) -> str:
    days = 7 * policy.demand_weeks
    takes = [
        f"{30 / days * smallest_sufficient(days, policy.demand, phi, policy.demote_confidence):.0f}"
        for phi in USUAL_DISPERSIONS
    ]
    return f"showing it takes about {' to '.join(dict.fromkeys(takes))} a month for {policy.demand_weeks} weeks"


def by_click_date(complete_until: date | None) -> str:
    """Why the newest days are left out; "" where conversions are known by their own date."""
    if complete_until is None:
        return ""
    return (
        f" Counted by click date and up to {complete_until}, because Google does not give this account's conversions of "
        "single actions by conversion date: newer clicks may still convert."
    )


def not_whole(fault: str) -> str:
    """Why no event is judged tonight; "" where GA4's numbers are whole."""
    return f" GA4's numbers are {fault}; no event is judged by them: adsync doctor" if fault else ""


def beside(notes: Sequence[Hold], helper_holds: Iterable[Hold]) -> str:
    """What holds nothing, or single helpers only."""
    return noted(notes) + "".join(f" {stopped(hold)}" for hold in helper_holds)


def stopped(hold: Hold | None) -> str:
    """Why a helper is left as it is; "" where it is not."""
    return f"{hold.saw} {hold.todo}" if hold is not None else ""


def too_few_days(now: Standing, policy: Policy) -> str:
    """Why a volume that looks like enough is none yet; "" where enough days are known, or none at all."""
    wanted = _usable(policy, policy.demand_weeks)
    if not 0 < now.effective_days < wanted:
        return ""
    return f"Only {now.effective_days:.0f} days are usable, and it takes {wanted} to be sure of anything."


def _usable(policy: Policy, weeks: int) -> int:
    """So many days of these weeks must be usable."""
    return ceil(policy.minimum_usable * 7 * weeks)


def pace(now: Standing) -> str:
    """When the demand would be shown if the newest four weeks went on; "" when it is shown already."""
    if now.counted >= now.needed or not now.recent_days:
        return ""
    weekly = 7 * now.recent / now.recent_days
    for weeks in range(1, 27):
        kept = now.weekly[weeks:] if weeks < len(now.weekly) else ()
        if sum(kept) + weekly * min(weeks, len(now.weekly)) >= now.needed:
            return f"At this pace that is shown in about {weeks} week{'s' if weeks > 1 else ''}."
    wanted, paced = 30 * now.needed / (7 * len(now.weekly)), 30 * now.recent / now.recent_days
    # Just short of it both would read alike.
    takes = f": it takes about {wanted:.0f} a month for {len(now.weekly)} weeks" if round(wanted) > round(paced) else ""
    return f"At this pace ({_pace(now)}) it is not reached{takes}."


def keeping(
    macro: str, now: Standing, policy: Policy, counters: Counters, *, any_primary: bool, any_resting: bool
) -> str:
    """Why nothing changes."""
    subject = "Helpers stay" if any_primary else "Helpers rest" if any_resting else "No helper is used for bidding"
    parts = [f"{subject}. {volume(macro, now, policy)}"]
    failed = [name for name, passed, _ in now.gates if not passed]
    if any_primary and counters.above and failed:
        parts.append(f"The volume is there, but it looks as if it were falling ({_gate(failed[0], macro)}).")
    elif any_primary and 0 < counters.above < policy.demote_checks:
        parts.append(f"Shown on {counters.above} of {policy.demote_checks} {_checks(policy)} in a row.")
    elif any_primary:
        parts.append(too_few_days(now, policy) or pace(now))
    elif any_resting:
        parts.append(coming_back(now, policy))
    elif now.counted >= now.needed and now.effective_days >= _usable(policy, policy.demand_weeks):
        parts.append(f"No helper is needed: {plural(macro)} stand alone.")
    return " ".join(part for part in parts if part)


def _gate(name: str, macro: str) -> str:
    """Which comparison of weeks failed: "macro, 4 weeks against 8" is its name in `--json`."""
    subject, _, spans = name.rpartition(", ")
    if not subject:
        return name
    newest, _, before = spans.partition(" against ")
    return f"{plural(macro) if subject == 'macro' else subject}, the newest {newest} against the {before} before"


def coming_back(now: Standing, policy: Policy) -> str:
    """At which volume resting helpers come back, or why that cannot be told; "" where nothing is known yet."""
    wanted = _usable(policy, policy.return_weeks)
    if now.recent_days < wanted:
        few = (
            f"Only {now.recent_days:.0f} of the newest {7 * policy.return_weeks} days are usable, and it takes {wanted} to "
            "bring helpers back."
        )
        return too_few_days(now, policy) or (few if now.effective_days else "")
    return (
        f"They come back at {now.returns_at:.0f} or fewer in {spelled(policy.return_weeks)} weeks, "
        f"on {policy.return_checks} checks in a row; now it is {now.recent:.0f}."
    )


def retiring(macro: str, now: Standing, policy: Policy, counters: Counters) -> str:
    """Why a helper is retired."""
    if counters.above >= policy.demote_checks:
        shown = f"Shown on {counters.above} {_checks(policy)} in a row"
    else:
        weeks = spelled(policy.fast_weeks)
        short = round(now.needed) - round(now.counted)
        jumped = f"{now.counted:.0f} count, {short} short; yet they jumped" if short > 0 else "They jumped"
        shown = f"{jumped}, and the helper with them, so clearly that {weeks} weeks are enough ({_pace(now)} now)"
    return f"{volume(macro, now, policy)} {shown}; nothing looks as if it were falling."


def _checks(policy: Policy) -> str:
    return "weekly checks" if policy.check_every_days == 7 else f"checks, {policy.check_every_days} days apart,"


def _pace(now: Standing) -> str:
    return f"{30 * now.recent / now.recent_days:.0f} a month" if now.recent_days else "unknown"


def returning(macro: str, now: Standing, policy: Policy) -> str:
    """Why helpers come back."""
    if now.below_chance < policy.return_confidence:
        return (
            f"{now.recent:.0f} {plural(macro)} in the last {spelled(policy.return_weeks)} weeks: clearly fewer than before the "
            f"last retirement, and under the {now.demand:.0f} a month that were shown then, on {policy.return_checks} "
            f"{_checks(policy)} in a row."
        )
    return (
        f"{now.recent:.0f} {plural(macro)} in the last {spelled(policy.return_weeks)} weeks: "
        f"{percent(policy.return_confidence)} sure of fewer than {now.return_line:.0f} a month "
        f"on {policy.return_checks} {_checks(policy)} in a row."
    )


def waiting_for_person(cycle_days: int) -> str:
    return f"It came back within the last {cycle_days} days, so this time a person decides."


def held(holds: Sequence[Hold]) -> str:
    """Why automation stands still, and what to do."""
    return "Held: " + " ".join(f"{hold.saw} {hold.todo}" for hold in holds)


HELD_ABOVE = "Held, as said above."
"""Of a single event, where it stands below what holds the account."""


def noted(notes: Sequence[Hold]) -> str:
    """What the guards only say; "" for nothing."""
    return "".join(f" Worth a look: {note.saw} {note.todo}" for note in notes)
