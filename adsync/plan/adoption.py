"""Conversion actions of other people's that count what a candidate counts: which they are, and who may look after them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from adsync.errors import Refused
from adsync.model.account import Account, Candidate
from adsync.model.adoption import Twin
from adsync.model.ads import AccountState, ConversionAction
from adsync.model.change import ACTION, MAKES_ONE, STANDS_FOR, Change, fields
from adsync.model.decision import Verb
from adsync.model.log import Past
from adsync.model.plan import NIGHT

_SEEN = ("status", "primary_for_goal", "counting_type", "default_value", "default_currency", "always_use_default_value")
"""What adsync may change of an action; an adoption keeps how all of it stood."""

_SAY_NOTHING = frozenset({"DEFAULT", "ENGAGEMENT", "PAGE_VIEW"})
"""Categories that hold all kinds of things."""

_NOISE = frozenset((
    "a", "action", "ads", "adsync", "an", "conversion", "event", "ga4", "google", "gtm", "my", "of", "on", "site", "tag", "the",
    "to", "web", "website",
))  # fmt: skip
_ALIKE = 0.8
_TELLING = 6
"""A shorter name is part of many."""


def twins(account: Account, state: AccountState, managed: frozenset[str]) -> tuple[Twin, ...]:
    """What others have made and may count a candidate, each action once, those that surely do first."""
    found = [t for c in account.candidates for t in twins_of(c, account, state, managed)]
    best: dict[str, Twin] = {}
    for twin in sorted(found, key=lambda t: not t.is_sure):
        best.setdefault(twin.action.id, twin)
    return tuple(best.values())


def twins_of(candidate: Candidate, account: Account, state: AccountState, managed: frozenset[str]) -> Iterator[Twin]:
    """What others have made and may count this candidate."""
    macros = {a.id for a in account.macro_actions(state)}
    for action in state.actions:
        mine = action.id in managed or action.id in macros or action.status == "REMOVED"
        if mine or action.id in candidate.distinct_from or action.name in candidate.distinct_from:
            continue
        why, is_sure = _same(candidate, account, action)
        if why:
            yield Twin(action=action, event_name=candidate.event_name, why=why, is_sure=is_sure)


def second(change: Change, account: Account, state: AccountState, past: Past, origin: str = NIGHT) -> str:
    """Why a change would make a second action for one event, and the ways out; "" where it would not.

    origin: of the plan. What a person takes back stood there before.
    """
    candidate = account.candidate(change.event_name)
    if origin != NIGHT or candidate is None or change.verb not in MAKES_ONE or change.object_id in past.managed:
        return ""
    if (ours := _counting(candidate.event_name, state, past)) is not None:
        return f'"{ours.name}" counts {candidate.event_name} for adsync already, and two actions for one event count twice.'
    others = (t for t in twins_of(candidate, account, state, past.managed) if t.action.id != change.object_id)
    twin = next((t for t in others if t.is_sure), None)
    if twin is None:
        return ""
    event, action = candidate.event_name, twin.action
    return (
        f'"{action.name}", which adsync did not make, counts {event} already ({twin.why}), and two actions for one event count '
        f"twice. {_way_out(action, event, account, state)} If it counts something else, say so in the config, beside the "
        f"account's candidates: distinct_from: {{{event}: [{action.id}]}}."
    )


def _way_out(action: ConversionAction, event: str, account: Account, state: AccountState) -> str:
    if action.owner_customer_id not in ("", account.customer_id, state.owner_id):
        return f"It belongs to account {action.owner_customer_id}, so adsync cannot look after it."
    if action.status != "ENABLED":
        return "Switch it on in Google Ads and let adsync look after it (adsync adopt), or rename it."
    return f"Let adsync look after it: adsync adopt --action {action.id} --as {event}."


def adoption(account: Account, action: ConversionAction, candidate: Candidate, why: str) -> Change:
    """A person's word that adsync looks after an action from now on, with how it stands; Google is told nothing."""
    seen = {name: getattr(action, name) for name in _SEEN}
    return Change(
        customer_id=account.customer_id,
        kind=ACTION,
        object_id=action.id,
        title=action.name,
        verb=Verb.ADOPT,
        before=fields(**seen, **{STANDS_FOR: ""}),
        after=fields(**seen, **{STANDS_FOR: candidate.event_name}),
        event_name=candidate.event_name,
        because=f"{why}. Nothing is changed in Google Ads; from then on adsync does with it what it does with its own actions.",
    )


def not_adoptable(change: Change, account: Account, state: AccountState, past: Past) -> Refused | None:
    """Why adsync may not look after an action; None where it may. Of the main conversion the guard says so before."""
    action, event = state.action(change.object_id), change.event_name
    if action is None or action.status != "ENABLED":
        is_what = "is not there" if action is None else f"is {action.status.lower()}"
        return Refused(
            f'"{change.title}" {is_what}.', "Only what records can be adopted: switch it on in Google Ads first."
        )
    name = f'"{action.name}"'
    if action.id in past.managed:
        return Refused(f"{name} is looked after by adsync already.", next_step="See what it does with it: adsync plan")
    if action.owner_customer_id not in ("", account.customer_id, state.owner_id):
        because = f"adsync changes only what account {account.customer_id} owns."
        return Refused(f"{name} belongs to account {action.owner_customer_id}.", because)
    if not action.is_web_tag and not action.is_ga4_mirror:
        because = "adsync can look after tags of a website and what Google makes of GA4's key events."
        return Refused(f"{name} is of type {action.type}.", because)
    if action.is_ga4_mirror and action.ga4_event_name == account.macro.event_name:
        return Refused(f"{name} counts the main conversion.", "adsync never changes it.")
    if _is_of_the_macros_kind(action, account.candidate(event), account, state):
        because = f"Its category is that of the main conversion, {action.category}, and a helper is never one."
        return Refused(
            f"{name} says that it counts what the main conversion counts.",
            because,
            next_step="Give it another category in Google Ads, or name it under `macro` in the config.",
        )
    if action.is_ga4_mirror and (action.ga4_event_name, action.ga4_property_id) != (event, account.property_id):
        counts = f"{action.ga4_event_name} of GA4 property {action.ga4_property_id}"
        return Refused(f"{name} counts {counts}.", f"It cannot stand for {event} of property {account.property_id}.")
    if (other := _counting(event, state, past)) is not None:
        because = (
            "Two actions for one event count twice: take that one back first (adsync log, adsync rollback --entry ID)."
        )
        return Refused(f'"{other.name}" counts {event} for adsync already.', because)
    return None


def _is_of_the_macros_kind(
    action: ConversionAction, candidate: Candidate | None, account: Account, state: AccountState
) -> bool:
    """Whether a tag stands among the main conversions, and the candidate does not."""
    kinds = {a.category for a in account.macro_actions(state)} - _SAY_NOTHING
    return action.is_web_tag and action.category in kinds and (candidate is None or candidate.category not in kinds)


def _counting(event: str, state: AccountState, past: Past) -> ConversionAction | None:
    """The action that counts an event for adsync, where there is one."""
    found = state.action(dict(past.counted_by).get(event, ""))
    return found if found is not None and found.status != "REMOVED" else None


def _same(candidate: Candidate, account: Account, action: ConversionAction) -> tuple[str, bool]:
    """What an action has in common with a candidate, and whether that is enough; "" where it is nothing."""
    event, enabled = candidate.event_name, action.status == "ENABLED"
    if action.is_ga4_mirror:
        same = (action.ga4_event_name, action.ga4_property_id) == (event, account.property_id)
        return (f"Google made it of the same GA4 event, {event}", True) if same and enabled else ("", False)
    if not action.is_web_tag:
        return "", False
    if action.name.casefold() == account.tag_name(candidate).casefold():
        return "it has the name that adsync would give", candidate.route == "tag" or enabled
    if not enabled or action.category != candidate.category:
        return "", False
    if _alike(action.name, candidate):
        return f"a similar name, and the same category, {action.category}", True
    if action.category not in _SAY_NOTHING:
        return f"the same category, {action.category}, under another name", False
    return "", False


def _alike(name: str, candidate: Candidate) -> bool:
    told = _bare(name)
    for other in map(_bare, (candidate.event_name, candidate.title)):
        short, long = sorted((told, other), key=len)
        if len(short) >= _TELLING and short in long:
            return True
        if told and other and SequenceMatcher(None, told, other).ratio() >= _ALIKE:
            return True
    return False


def _bare(name: str) -> str:
    """Only the words that tell something, joined."""
    return "".join(word for word in re.findall(r"[^\W_]+", name.casefold()) if word not in _NOISE)
