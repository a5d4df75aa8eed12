"""What a plan may not do, and what only a person may decide. Each reason carries its names and numbers."""

from __future__ import annotations

from adsync.errors import Refused
from adsync.model.account import Account
from adsync.model.ads import AccountState, Campaign
from adsync.model.bidding import campaigns_selecting, custom_goals_holding
from adsync.model.change import ACTION, KEY_EVENT, Change
from adsync.model.decision import Verb
from adsync.model.figures import percent
from adsync.model.goal import switches_off
from adsync.model.log import Past, by_minute
from adsync.model.plan import NIGHT, ROLLBACK, CampaignEffect, Consent
from adsync.model.sharing import dashed
from adsync.model.target import holder
from adsync.plan.adoption import not_adoptable
from adsync.plan.outcome import left_without

_DISTURBS = frozenset({Verb.PROMOTE, Verb.DEMOTE, Verb.VALUE, Verb.TARGET})
"""What waits until bidding has learnt. A return waits for a person only: bidding that starves may never be done learning."""
_ADOPTS = frozenset({Verb.CREATE, Verb.ENABLE})
_NEEDS_TRUST = frozenset({Verb.DEMOTE, Verb.RESTORE})


def must_be_ours(change: Change, account: Account, state: AccountState, past: Past) -> None:
    """Raises Refused for a change of the macro, or of a conversion action that adsync did not make."""
    refused = not_ours(change, account, state, past)
    if refused is not None:
        raise refused


def not_ours(change: Change, account: Account, state: AccountState, past: Past) -> Refused | None:
    """Why adsync may not even propose a change; None when it may."""
    if change.kind == KEY_EVENT and change.object_id == account.macro.event_name:
        return Refused(f'"{change.title}" is the key event of the main conversion.', "adsync never changes it.")
    if change.kind != ACTION:
        return None
    if change.event_name == account.macro.event_name or _is_macro(change, account, state):
        return Refused(f'"{change.title}" is the main conversion.', "adsync never changes it.")
    if change.verb is Verb.ADOPT:
        return not_adoptable(change, account, state, past)
    if change.verb not in _ADOPTS and change.object_id not in past.managed:
        if change.object_id in past.taken_back:
            return Refused(
                f'"{change.title}" is not adsync\'s any more.',
                "A rollback has taken back what made it adsync's.",
                next_step="What is to become of it now: adsync plan",
            )
        return Refused(
            f'"{change.title}" was not made by adsync.',
            "adsync leaves other people's actions alone.",
            next_step="What it could look after: adsync adopt",
        )
    if dict(change.after or ()).get("primary_for_goal") and change.verb in _ADOPTS:
        return Refused(f'"{change.title}" would begin as primary.', "adsync makes every action secondary.")
    return None


def _is_macro(change: Change, account: Account, state: AccountState) -> bool:
    macros = (a.id for a in account.macro_actions(state))
    return change.object_id in (*macros, *account.macro.actions)


def obstacle(
    change: Change,
    before: AccountState,
    after: AccountState,
    effects: tuple[CampaignEffect, ...],
    past: Past,
    origin: str = NIGHT,
    moving: frozenset[tuple[str, str]] = frozenset(),
) -> str:
    """Why adsync may show this change but not apply it, whoever approves; "" when it may.

    origin: of the plan. What a person asks for does not wait for bidding to finish learning. moving: what holds the targets
    that go along with the change, in one group.
    """
    if waits := unsettled(change, past):
        return waits
    mirror = before.mirror_of(change.property_id, change.event_name) if change.verb is Verb.UNMARK else None
    if mirror is not None and mirror.status == "ENABLED":
        return f'"{mirror.name}" still records from this key event: roll that back first.'
    # A custom goal would bid on what is only to be observed, and go on bidding on what is retired.
    holding = custom_goals_holding(before, change.object_id) if change.verb in (Verb.ENABLE, Verb.DEMOTE) else ()
    if holding:
        return (
            f'The custom goal "{holding[0]}" bids on it whether it is primary or not: take it out of that goal first.'
        )
    selecting = campaigns_selecting(before, change.object_id) if change.verb in (Verb.ENABLE, Verb.DEMOTE) else ()
    if selecting:
        return (
            f'The app campaign "{selecting[0]}" has selected it to bid on, whether it is primary or not: take it out of '
            "that selection first."
        )
    owner = next((c.portfolio_owner_id for c in before.campaigns if holder(c) == (change.kind, change.object_id)), "")
    if change.verb is Verb.TARGET and owner:
        return (
            f"The {change.title} belongs to account {dashed(owner)}, which shares it with this one: Google lets its target be "
            "moved only there. Move it by hand, or give the campaigns targets of their own."
        )
    starved = left_without(before, after)
    if starved:
        return f"{_names(starved)} would have no conversion left to learn from."
    touched = _touched(before, effects, change)
    fixed = [c for c in touched if c.has_fixed_target and holder(c) not in moving and change.verb is not Verb.TARGET]
    if fixed:
        one, more = fixed[0], " of the first" if len(fixed) > 1 else ""
        return (
            f"{_names(fixed)} bid{'s' if len(fixed) == 1 else ''} to a fixed target ({_target(one)}{more}). What counts would "
            f"change overnight{' there' if more else ''} from {_effect(effects, one)} a month and the target would not, so the "
            "campaign would be throttled or flooded. Where the target would have to go cannot be said in steps of at most "
            "20 % from what was counted in the newest four weeks: remove the target or move it by hand."
        )
    learning = [c for c in touched if c.is_learning]
    if learning and _disturbs(change) and origin == NIGHT:
        return _learning(learning)
    return ""


def _disturbs(change: Change) -> bool:
    """A goal that is bid on again is a return."""
    return change.verb in _DISTURBS or switches_off(change)


def unsettled(change: Change, past: Past) -> str:
    """Why a change waits for an earlier one of which nobody knows yet whether Google has made it; "" where none does."""
    if change.object_id in past.open:
        moment = dict(past.readable).get(change.object_id)
        when = f" from {by_minute(moment)} on" if moment is not None else ""
        return f"An earlier change of this object has no known outcome yet; it is read back first{when}: adsync apply"
    if change.verb is Verb.CREATE and change.event_name in past.creating:
        return (
            f"An action for {change.event_name} may have been created under another name; that is read back first: "
            "adsync apply"
        )
    return ""


def doubt(change: Change, before: AccountState, effects: tuple[CampaignEffect, ...]) -> str:
    """Why only a person may agree to a change that could be made; "" where none is needed for that."""
    learning = [c for c in _touched(before, effects, change) if c.is_learning]
    if not learning or change.verb is not Verb.RESTORE:
        return ""
    are = "is" if len(learning) == 1 else "are"
    return f"{_names(learning)} {are} still learning from an earlier change, so a person decides whether this comes on top."


def _touched(state: AccountState, effects: tuple[CampaignEffect, ...], change: Change) -> list[Campaign]:
    """The campaigns for which something else counts, or whose target moves."""
    ids, mine = {e.campaign_id for e in effects}, (change.kind, change.object_id)
    return [c for c in state.campaigns if c.id in ids or (change.verb is Verb.TARGET and holder(c) == mine)]


def consent(change: Change, account: Account, past: Past, origin: str, needs_person: str) -> tuple[Consent, str]:
    """Whether a change runs by itself or waits for a person, and why it waits."""
    if origin == ROLLBACK:
        return Consent.REVIEW, "A rollback is always reviewed."
    if origin != NIGHT:
        return Consent.REVIEW, "What a person asks for is reviewed as well."
    if change.owner_id:
        return Consent.REVIEW, "It meets every account that uses these conversion actions, so a person decides."
    if change.verb is Verb.GOAL:
        return (
            Consent.REVIEW,
            "A goal is for all conversion actions of its kind, those to come as well: a person decides.",
        )
    if not past.reviewed:
        return Consent.REVIEW, "Until a person has applied a plan for this account, everything is reviewed."
    refused = dict(past.refused).get(change.hash)
    if refused is not None:
        return Consent.REVIEW, f"Google refused exactly this {refused} Approve it to try once more."
    if needs_person:
        return Consent.REVIEW, needs_person
    # A key event is known by its event, the action that Google made from it by its id.
    if past.taken_back & {change.object_id, change.event_name}:
        return Consent.REVIEW, "A person has taken a change of this back before, so a person decides."
    if change.verb.value not in account.auto:
        return Consent.REVIEW, f"Changes of the kind {change.verb} wait for a person (approval in the config)."
    if change.verb in _NEEDS_TRUST and change.object_id not in past.trusted:
        return Consent.REVIEW, "No person has promoted this helper through adsync yet."
    return Consent.AUTO, ""


def _names(campaigns: tuple[Campaign, ...] | list[Campaign]) -> str:
    named = " and ".join(f'"{c.name}"' for c in campaigns[:2])
    more = f" and {len(campaigns) - 2} more" if len(campaigns) > 2 else ""
    return f"Campaign {named}{more}" if len(campaigns) == 1 else f"Campaigns {named}{more}"


_LEARNS_BECAUSE = {
    "LEARNING_NEW": "its bidding strategy is new",
    "LEARNING_SETTING_CHANGE": "its bidding was changed",
    "LEARNING_BUDGET_CHANGE": "its budget was changed",
    "LEARNING_COMPOSITION_CHANGE": "what belongs to its bidding strategy was changed",
    "LEARNING_CONVERSION_TYPE_CHANGE": "other conversions count for it than before",
    "LEARNING_CONVERSION_SETTING_CHANGE": "a conversion's settings were changed",
    "MULTIPLE_LEARNING": "several things were changed",
}


def _learning(campaigns: list[Campaign]) -> str:
    """Bidding that has not settled yet; it would answer a second change by the numbers of the first."""
    are, status = "is" if len(campaigns) == 1 else "are", campaigns[0].system_status
    because = f": {_LEARNS_BECAUSE[status]}" if status in _LEARNS_BECAUSE else ""
    return (
        f"{_names(campaigns)} {are} still learning from an earlier change ({status}){because}. Nothing to do: it is planned "
        "again when Google says that bidding has settled."
    )


def _target(campaign: Campaign) -> str:
    if campaign.target_cpa_micros:
        return f"target CPA {campaign.target_cpa_micros / 1_000_000:.2f}"
    return f"target ROAS {percent(campaign.target_roas)}"


def _effect(effects: tuple[CampaignEffect, ...], campaign: Campaign) -> str:
    found = next(e for e in effects if e.campaign_id == campaign.id)
    if found.before == found.after and found.moves_value:
        return f"a value of {found.value_before:,.0f} to {found.value_after:,.0f}"
    return f"{found.before:.0f} to {found.after:.0f} conversions"
