"""Key events of which Google has made no conversion action: marked by adsync, and more than a day ago."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from adsync.model.account import Account
from adsync.model.business_date import business_date
from adsync.model.decision import Hold
from adsync.model.log import Past
from adsync.model.pulled import Snapshot

MIRROR_MISSING = "mirror_missing"

LATEST = timedelta(days=1)
"""Mostly it takes minutes; nobody has reported more than a day."""


def missing_mirrors(account: Account, snapshot: Snapshot, past: Past) -> Mapping[str, Hold]:
    """By event what a person should look at. The mark stands, so that nothing is tried again: it could only be made once more."""
    marked = {k.event_name for k in snapshot.key_events}
    state = snapshot.state
    found = {}
    for event, moment in past.waiting:
        candidate = account.candidate(event)
        if candidate is None or candidate.route != "ga4" or event not in marked or snapshot.taken_at - moment <= LATEST:
            continue
        if account.action_of(state, candidate, past.counted_by) is not None:
            continue
        since = business_date(moment, state.customer.time_zone)
        found[event] = Hold(
            code=MIRROR_MISSING,
            since=since,
            saw=f"{event} was marked as a key event in GA4 on {since}, and Google has not made its conversion action yet; that "
            "takes a day at most.",
            todo=f"Look in GA4 (Admin > Google Ads links) whether property {account.property_id} is linked to Google Ads account "
            f"{state.customer.conversion_customer_id}, and whether {event} still arrives: adsync doctor. The mark is not made "
            "again. Or let adsync make an action of its own, with a tag (route: tag).",
            about=event,
        )
    return found
