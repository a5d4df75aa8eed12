"""Whether a planned change may run: a person has said so, or it may by itself, and that still holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from adsync.model.account import Account
from adsync.model.log import Past
from adsync.model.plan import APPROVAL_DAYS, CLOCKS_DIFFER, Approval, Consent, Plan, PlannedChange
from adsync.plan.guard import consent


def agreed(
    plan: Plan, planned: PlannedChange, account: Account, approvals: Mapping[str, Approval], past: Past, now: datetime
) -> tuple[bool, str]:
    """Whether a change may run, and why it may not."""
    if planned.consent is Consent.PROPOSAL:
        return False, planned.consent_because
    word = approvals.get(planned.change.hash)
    if word is not None and word.holds(now):
        return word.approved, "" if word.approved else f"Refused by {word.by}."
    if refused := dict(past.refused).get(planned.change.hash):
        return False, f"Google refused exactly this {refused} Approve it again to try once more."
    if planned.consent is Consent.AUTO:
        return _by_itself(plan, planned, account, past, now)
    if word is not None and word.approved and word.is_ahead(now):
        return False, f"The approval by {word.by} is of {word.at:%Y-%m-%d}, when a clock ran ahead: review it again."
    if word is not None and word.approved:
        return False, f"The approval by {word.by} held until {word.until:%Y-%m-%d}: review it again."
    return False, f"Waits for review. {planned.consent_because}"


def _by_itself(plan: Plan, planned: PlannedChange, account: Account, past: Past, now: datetime) -> tuple[bool, str]:
    """What was automatic when it was planned must still be: the config and the past may say otherwise by now."""
    if now - plan.made_at > timedelta(days=APPROVAL_DAYS):
        return False, f"The plan is of {plan.made_on}: make a fresh one with adsync plan."
    event = planned.change.event_name
    if event and account.candidate(event) is None:
        return False, f"{event} is no candidate in the config any more: make a fresh plan, adsync plan."
    if plan.made_at > now + CLOCKS_DIFFER:
        return False, f"The plan is of {plan.made_on}, when a clock ran ahead: make a fresh one with adsync plan."
    found, why = consent(planned.change, account, past, plan.origin, "")
    return found is Consent.AUTO, "" if found is Consent.AUTO else f"Waits for review. {why}"
