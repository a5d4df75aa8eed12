"""Asks what Google would accept of the GA4 mirrors that stand for candidates, and how long such an answer is believed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

import structlog

from adsync.errors import AdsyncError
from adsync.model.account import Account
from adsync.model.ads import AccountState, ConversionAction
from adsync.model.capability import Capability, ManagedField
from adsync.model.log import ChangeLogEntry, Outcome
from adsync.ports import Validator

BELIEVED_DAYS = 30

Questions = Mapping[ManagedField, Sequence[ConversionAction]]
"""By field the actions of which it is to be asked."""


def questions_due(
    account: Account,
    state: AccountState,
    known: Iterable[Capability],
    entries: Iterable[ChangeLogEntry],
    now: datetime,
) -> Questions:
    """What was never asked, or long ago, or before Google refused a change of that action."""
    asked_at = {(c.action_id, c.field): c.asked_at for c in known}
    refused_at = {e.change.object_id: e.opened_at for e in entries if e.outcome is Outcome.REFUSED}

    def is_due(action: ConversionAction, field: ManagedField) -> bool:
        asked = asked_at.get((action.id, field))
        if asked is None or now - asked >= timedelta(days=BELIEVED_DAYS):
            return True
        refused = refused_at.get(action.id)
        return refused is not None and refused >= asked

    mirrors = _mirrors(account, state)
    found = {field: [a for a in mirrors if is_due(a, field)] for field in ManagedField}
    return {field: actions for field, actions in found.items() if actions}


def _mirrors(account: Account, state: AccountState) -> list[ConversionAction]:
    """Of the candidates, where the account itself owns them; of the rest of what Google has mirrored nothing is wanted."""
    routes = {c.event_name: c.route for c in account.candidates}
    return [
        a
        for a in state.actions
        if a.is_ga4_mirror
        and a.status in ("ENABLED", "HIDDEN")
        and a.ga4_property_id == account.property_id
        and a.owner_customer_id in ("", account.customer_id)
        and (routes.get(a.ga4_event_name) == "ga4" or (a.ga4_event_name in routes and a.status == "ENABLED"))
    ]


def ask(validator: Validator, questions: Questions, as_of: date, now: datetime) -> tuple[tuple[Capability, ...], str]:
    """The answers, and why some are missing: whatever stops the questions, the night goes on with what was known before."""
    found: list[Capability] = []
    for field, actions in questions.items():
        try:
            codes = validator.refusals(field, actions)
        except AdsyncError as error:
            # No warning: whoever lets adsync only read would be mailed one every night.
            log = structlog.get_logger("adsync.pull")
            log.info("what Google would accept was not answered; older answers stay", error=str(error))
            return tuple(found), str(error)
        found += [
            Capability(action_id=action_id, field=field, as_of=as_of, asked_at=now, code=code)
            for action_id, code in codes.items()
        ]
    return tuple(found), ""
