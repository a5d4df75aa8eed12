"""Where one account stands, put together from what is stored: Google is not asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from adsync.changelog import current_snapshot, known_on, open_plans, past_of, pending_changes, reviewed_changes
from adsync.groups import under_way
from adsync.model import grade
from adsync.model.account import Account
from adsync.model.ads import AccountState
from adsync.model.bidding import counting_actions
from adsync.model.business_date import business_date
from adsync.model.decision import DemandDecision, Hold, next_check
from adsync.model.figures import listed, number_of
from adsync.model.goal import as_flags, resting
from adsync.model.group import bundled
from adsync.model.holds import Obstacle, ended_as, is_cleared, is_same
from adsync.model.log import Past, by_minute
from adsync.model.log_scores import A_LOG, log_trouble, why_silent, with_doubt
from adsync.model.outcome_words import shown
from adsync.model.overview import CHECKS, SOON_DAYS, Overview, Urgency
from adsync.model.plan import Consent, PlannedChange
from adsync.model.policy import Policy
from adsync.model.pulled import NOT_SERVED, Report, Snapshot
from adsync.model.sharing import Disagreement, told
from adsync.model.verb_words import doing
from adsync.model.window import Window
from adsync.ports import Clock, State
from adsync.review import waiting, words_that_hold


def overview(account: Account, state: State, clock: Clock, *, as_of: date | None = None) -> Overview:
    """One account at a glance, as known on its newest night or on an earlier one."""
    known = known_on(account, state, as_of)
    if known is None:
        return Overview(
            account=account.name,
            urgency=Urgency.NOTHING_PULLED,
            stands=f"Nothing was known on {as_of}." if as_of else "Nothing is known yet.",
            todo="" if as_of else f"adsync pull --account {account.name}",
        )
    state, snapshot, night = known.state, known.snapshot, known.night
    demand = concluded(account, state, snapshot, night)
    past = past_of(state.ledger.entries([account.customer_id]), snapshot.state.customer.time_zone)
    now = min(clock.now(), known.until)
    seen = _seen(account, state, snapshot, demand, past, night, now)
    return _with_todo(seen, account, state, demand, past, snapshot, now, is_past=as_of is not None)


def concluded(account: Account, state: State, snapshot: Snapshot, night: date) -> DemandDecision:
    """What the night concluded; weighed again only where it has not, under other settings, or without a hold that has ended."""
    kept = state.memory.conclusion(account.customer_id)
    if kept is not None and (kept.as_of, kept.settings) == (night, account.fingerprint):
        cleared = state.holds.cleared(account.customer_id)
        if not any(is_cleared(ended_as(hold), hold.since, cleared) for hold in kept.demand.said):
            return kept.demand
    # Weighing needs numpy and scipy, which take longer to import than everything else here.
    from adsync.judging import judge

    return judge(account, state, night, snapshot).decisions.demand


def _seen(
    account: Account,
    state: State,
    snapshot: Snapshot,
    demand: DemandDecision,
    past: Past,
    night: date,
    now: datetime,
) -> Overview:
    counters = state.memory.counters(account.customer_id)
    check = next_check(counters, account.policy.check_every_days)
    # Only the newest check is remembered: of a day before it nobody can tell when the next one was due.
    earlier = any(each.checked_on is not None and each.checked_on > night for each in counters.values())
    rest = resting(snapshot.state, past.switched_off, past.counted_by)
    actions = as_flags(snapshot.state, rest).actions
    helpers = [a for a in actions if a.id in past.managed and a.status == "ENABLED"]
    return Overview(
        account=account.name,
        urgency=Urgency.FINE,
        stands=demand.stands,
        next_check=check if check > night and not earlier else None,
        not_known=CHECKS if earlier else "",
        as_of=night,
        pulled_at=snapshot.taken_at,
        primary=tuple(a.name for a in helpers if a.primary_for_goal),
        observed=tuple(a.name for a in helpers if not a.primary_for_goal),
        others=_others(account, snapshot.state, past),
        where=_where(account, snapshot, demand, _column(account, state, night)),
        held=_held(demand, snapshot),
        line=demand.line,
        soon=_soon(account.policy, night),
        amiss=account.protected.amiss(snapshot.state),
        cross_account=told(account.cross_account, snapshot.state.sharing, account.decided_by),
        counted=demand.standing.counted,
        needed=demand.standing.needed,
        demand=demand.standing.demand,
        scopes=demand.scopes,
        reviews=shown(reviewed_changes(state, [account.customer_id]), night),
        under_way=under_way(account, state, snapshot.state, now),
        **_of_events(account, state, night),
    )


def _others(account: Account, state: AccountState, past: Past) -> tuple[str, ...]:
    """Names of the actions that campaigns bid on and that are neither the main conversion nor adsync's."""
    bid_on = {a.id: a.name for c in state.campaigns if c.may_bid for a in counting_actions(state, c)}
    known = {*past.managed, *(a.id for a in account.macro_actions(state))}
    return tuple(sorted(name for action_id, name in bid_on.items() if action_id not in known))


def _held(demand: DemandDecision, snapshot: Snapshot) -> str:
    """The helpers that are held where the account is not."""
    found = [snapshot.state.action(hold.about) for hold in demand.helper_holds]
    names = [f'"{action.name}"' for action in dict.fromkeys(found) if action is not None]
    return f"Held: {listed(names)}." if names else ""


def _of_events(account: Account, state: State, night: date) -> dict[str, str]:
    """Which grade of evidence speaks for which candidates, and what is wrong with the event log."""
    numbers, customer_id = state.numbers, account.customer_id
    found, fault = None, ""
    if account.event_log:
        found = numbers.log_scores(customer_id, night, account.macro.event_name)
        copy = numbers.newest_copies(customer_id, night).get(Report.EVENT_LOG)
        fault = copy.fault if copy is not None else ""
    known = numbers.funnels(customer_id, night)
    found = with_doubt(found, known)
    names = [c.event_name for c in account.candidates]
    spoken = [name for name in names if found is not None and found.speaks_of(name, night)]
    funnels = {f.event_name for f in known}
    others = [name for name in names if name not in spoken and name in funnels]
    said = []
    if spoken and found is not None:
        said.append(
            f"Evidence of grade A ({grade.A.told}) from the event log up to {found.last}, scored on {found.as_of}: "
            f"{', '.join(spoken)}."
        )
    if others:
        said.append(f"Evidence of grade B ({grade.B.told}) from GA4's funnels: {', '.join(others)}.")
        more = [(why_silent(found, name, night) if account.event_log else A_LOG, name) for name in others]
        for words in dict.fromkeys(why for why, _ in more):
            about = [name for why, name in more if why == words]
            said.append(words if about == others else f"{', '.join(about)}: {words}")
    return {"evidence": " ".join(said), "log_fault": log_trouble(found, fault, night)}


def _soon(policy: Policy, night: date) -> str:
    """The declared seasons that begin within the next days, in the order of time."""
    ahead = Window(night + timedelta(days=1), night + timedelta(days=SOON_DAYS))
    coming = sorted(((days, freeze.name) for freeze, days in policy.frozen(ahead) if days.first in ahead))
    return " ".join(
        f"{name} begins on {days.first} and lasts until {days.last}: nothing changes inside." for days, name in coming
    )


def _column(account: Account, state: State, night: date) -> str:
    """The column of Google's screens that shows what was counted."""
    copy = state.numbers.newest_copies(account.customer_id, night).get(Report.CONVERSIONS)
    return "All conv." if copy is not None and copy.fault == NOT_SERVED else "All conv. (by conv. time)"


def _where(account: Account, snapshot: Snapshot, demand: DemandDecision, column: str) -> str:
    """How to find the same number on Google's own screens."""
    names = " and ".join(f'"{a.name}"' for a in account.macro_actions(snapshot.state))
    now = demand.standing
    days = Window.ending(now.last_day, days=7 * account.policy.demand_weeks)
    # Of several scopes the first one's number is shown.
    which = f"Campaigns {demand.scopes[0].name}" if len(demand.scopes) > 1 else "Campaigns"
    return (
        f'The same number in Google Ads: {which}, dates {days}, column "{column}", '
        f"segmented by conversion action, {names}: {sum(now.weekly):.0f}."
    )


def _with_todo(
    seen: Overview,
    account: Account,
    state: State,
    demand: DemandDecision,
    past: Past,
    snapshot: Snapshot,
    now: datetime,
    *,
    is_past: bool = False,
) -> Overview:
    """The most urgent thing that a person should do, if there is one, and what stands in the way of a planned change."""
    void = account.disagreement(snapshot.state.sharing)
    # Why nothing at all is changed is said once, and not again of every change.
    known = obstacles(account, state)
    blocked = [o for o in known if void is None or not o.saw.endswith(void.saw)]
    seen = replace(seen, blocked=" ".join(each.saw for each in blocked))
    more = len(demand.holds) + len(demand.helper_holds) - 1
    beside = f" (and {more} more: adsync holds)" if more > 0 else ""
    if void is not None and void.todo and (account.cross_account is not None or len(known) > len(blocked)):
        return replace(seen, urgency=Urgency.HELD, todo=void.todo, cross_account=void.saw)
    if demand.holds:
        return replace(seen, urgency=Urgency.HELD, todo=_todo_of(demand.holds[0], account, state) + beside)
    if past.open:
        return replace(
            seen,
            urgency=Urgency.UNSETTLED,
            todo="A change has no known outcome yet: adsync sync settles it from "
            f"{by_minute(max(at for _, at in past.readable))} on.",
        )
    todo = len(bundled(waiting_for_person(account, state, now)))
    if seen.amiss:
        then = f", before you agree to what waits: adsync review --account {account.name}" if todo else ""
        return replace(seen, urgency=Urgency.REVIEW, todo=f"Correct `protected` in the config{then}")
    if todo:
        count = f"{todo} change{'s wait' if todo > 1 else ' waits'}"
        held = number_of(len(demand.helper_holds), "hold")
        beside = f"; and {held} to look at: adsync holds --account {account.name}" if demand.helper_holds else ""
        review = f"{count} for review: adsync review --account {account.name}{beside}"
        return replace(seen, urgency=Urgency.REVIEW, todo=review)
    if demand.helper_holds:
        return replace(seen, urgency=Urgency.REVIEW, todo=_todo_of(demand.helper_holds[0], account, state) + beside)
    today = business_date(now, snapshot.state.customer.time_zone)
    age = (today - snapshot.state.as_of).days
    if age > 1:
        stale = f"The numbers are {age} days old: adsync pull --account {account.name}"
        if is_past:
            stale = f"The numbers were {age} days old then."
        return replace(seen, urgency=Urgency.NOTHING_PULLED, todo=stale)
    if blocked:
        # No reason to stand among those that need a person: mostly it passes by itself.
        changes = "one change is" if len(blocked) == 1 else f"{len(blocked)} changes are"
        return replace(seen, todo=f"nothing to approve; {changes} only proposed: adsync plan --account {account.name}")
    return seen


def _todo_of(hold: Hold, account: Account, state: State) -> str:
    """With the word that ends it, once it has a number."""
    known = state.holds.known([account.customer_id])
    return next((k.todo for k in known if is_same(hold.name, hold.since, (k.hold.name, k.hold.since))), hold.todo)


def obstacles(account: Account, state: State) -> tuple[Obstacle, ...]:
    """What is planned and only proposed, with what stands in its way."""
    made_on = {name: plan.made_on for plan in open_plans(account, state) for name, _ in plan.numbered()}
    copied = current_snapshot(account, state)
    void = account.disagreement(copied.state.sharing) if copied is not None else None
    stopped = [named for named, *_ in bundled(pending_changes(account, state)) if named[1].consent is Consent.PROPOSAL]
    # Judged by the config of now, which may have been edited since the plan was made.
    all_alike = [named for named in stopped if void is not None and not named[1].change.is_kept_here]
    each = [named for named in stopped if named not in all_alike]
    found = [
        Obstacle(
            customer_id=account.customer_id,
            change_name=name,
            since=made_on[name],
            saw=f"Only proposed for {doing(planned.change)}. {planned.consent_because}",
        )
        for name, planned in each
    ]
    if void is not None and all_alike:
        found.insert(0, _obstacle_to_all(account, void, [name for name, _ in all_alike], made_on))
    return tuple(found)


def _obstacle_to_all(
    account: Account, void: Disagreement, names: Sequence[str], made_on: Mapping[str, date]
) -> Obstacle:
    """What stops all of them alike stands once."""
    changes = "One change is" if len(names) == 1 else f"{len(names)} changes are"
    return Obstacle(
        customer_id=account.customer_id,
        change_name=", ".join(names),
        since=min(made_on[name] for name in names),
        saw=f"{changes} only proposed. {void.saw}",
        todo=void.todo or "Nothing to do here.",
    )


def waiting_for_person(account: Account, state: State, now: datetime) -> tuple[tuple[str, PlannedChange], ...]:
    """The changes of the open plans on which nobody has said a word that still holds."""
    words = words_that_hold([account], state, now)
    return waiting(pending_changes(account, state), words)
