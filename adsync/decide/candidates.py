"""What is to be done with each candidate: mark it, make or enable its action, or leave it, and why."""

from __future__ import annotations

from adsync.decide import helper_words, words
from adsync.decide.night import Night
from adsync.decide.promotion import asked_share
from adsync.decide.weakened import weakened
from adsync.model.account import Candidate
from adsync.model.ads import ConversionAction, kinds_of_bidding
from adsync.model.bidding import account_goals
from adsync.model.decision import Decision, DemandDecision, Verb
from adsync.model.evidence import Evidence, Verdict


def either(night: Night, move: Decision | None, candidate: Candidate, demand: DemandDecision) -> Decision:
    """What is to be done with a candidate; that it waits to be bid on keeps nothing else from being done."""
    if move is not None and move.verb:
        return move
    about = night.allowed(_about(night, candidate, demand))
    return about if about.verb or move is None else move


def _about(night: Night, candidate: Candidate, demand: DemandDecision) -> Decision:
    """Whether a candidate should be observed, and the next step towards it."""
    known, action = night.evidence.get(candidate.event_name), night.action_of(candidate)
    event = candidate.event_name
    if (hold := night.stopped.get(action.id if action is not None else event)) is not None:
        return Decision(event_name=event, action_id=hold.about, because=words.stopped(hold), evidence=known)
    if action is not None and action.status == "ENABLED":
        return _about_enabled(night, candidate, action, known)
    if known is None or known.verdict is not Verdict.GOOD:
        marked = event in dict(night.past.waiting) and any(k.event_name == event for k in night.snapshot.key_events)
        return Decision(event_name=event, because=helper_words.not_observed(known, marked=marked), evidence=known)
    if not _is_of_use(night, known):
        return Decision(event_name=event, because=helper_words.for_values_only(known, night.policy), evidence=known)
    if demand.holds:
        return Decision(event_name=event, because=words.HELD_ABOVE, evidence=known)
    if event not in _chosen(night):
        because = f"It fits, but {night.policy.observe_at_most} are observed already (observe_at_most)."
        return Decision(event_name=event, because=because, evidence=known)
    return _next_step(night, candidate, action, known)


def _next_step(night: Night, candidate: Candidate, action: ConversionAction | None, known: Evidence) -> Decision:
    event, because, graded = candidate.event_name, helper_words.observing(known), helper_words.graded(known)
    ours = action if action is not None and action.id in night.past.managed else None
    if candidate.route == "tag" and ours is None:
        return Decision(event_name=event, verb=Verb.CREATE, because=because, numbers=graded, evidence=known)
    # The mirror of an event that is no key event any more records nothing; a tag does not ask GA4.
    if (ours is None or ours.is_ga4_mirror) and not any(k.event_name == event for k in night.snapshot.key_events):
        return Decision(event_name=event, verb=Verb.KEY_EVENT, because=because, numbers=graded, evidence=known)
    if action is None:
        because = words.stopped(night.missing.get(event)) or helper_words.WAITING_FOR_MIRROR
        return Decision(event_name=event, because=because, evidence=known)
    return Decision(
        event_name=event, verb=Verb.ENABLE, action_id=action.id, because=because, numbers=graded, evidence=known
    )


def _about_enabled(night: Night, candidate: Candidate, action: ConversionAction, known: Evidence | None) -> Decision:
    event = candidate.event_name
    if action.id not in night.past.managed:
        because = (
            f'"{action.name}" exists and was not made by adsync: it is left alone. What could be done: adsync adopt'
        )
        return Decision(event_name=event, action_id=action.id, because=because, evidence=known)
    if action.is_web_tag and action.counting_type != "ONE_PER_CLICK":
        because = "Counted for every event; a helper is counted once per click, or one shopper looks like several."
        return Decision(event_name=event, verb=Verb.UPDATE, action_id=action.id, because=because, evidence=known)
    said = weaker(night, action.id, event, is_bid_on=action.primary_for_goal)
    if action.primary_for_goal:
        because = f"Used for bidding.{said}"
    else:
        because = f"Observed.{_left_to_others(night, action)}{_too_small_a_share(night, action, known)}{said}"
    return Decision(event_name=event, action_id=action.id, because=because, evidence=known)


def _left_to_others(night: Night, action: ConversionAction) -> str:
    """That adsync will not bring it back through its goal; "" where it could."""
    if action.id not in night.resting or action.goal in account_goals(night.state):
        return ""
    return helper_words.left_to_others(action.goal)


def weaker(night: Night, action_id: str, event_name: str, *, is_bid_on: bool = True) -> str:
    """What to say of a helper that announces clearly less than when it was promoted or first observed; "" of others."""
    promoted = next((p for p in night.past.promoted if p.action_id == action_id), None)
    recording = dict(night.past.recording).get(action_id)
    past = night.history.log_shares.get(event_name, ())
    found = weakened(night.evidence.get(event_name), promoted, recording, past, is_bid_on=is_bid_on)
    return helper_words.weakened(night.account.macro.event_name, found) if found is not None else ""


def _too_small_a_share(night: Night, action: ConversionAction, known: Evidence | None) -> str:
    """Why a good helper will not be bid on; "" where it may be."""
    if known is None or known.verdict is not Verdict.GOOD:
        return ""
    asked = asked_share(night.account, night.state, action)
    if known.share.point >= asked:
        return ""
    return helper_words.too_small_a_share(night.account.macro.event_name, known, asked)


def _is_of_use(night: Night, good: Evidence) -> bool:
    """Whether anybody could bid on it: with a small share, who bids for value."""
    return good.share.high >= night.policy.minimum_share or any(kinds_of_bidding(night.state.campaigns))


def _chosen(night: Night) -> frozenset[str]:
    """The good candidates to observe, those that announce the most additional sales first."""
    good = [e for e in night.evidence.values() if e.verdict is Verdict.GOOD and _is_of_use(night, e)]
    ranked = sorted(good, key=lambda e: (-e.announces, e.event_name))
    return frozenset(e.event_name for e in ranked[: night.policy.observe_at_most])
