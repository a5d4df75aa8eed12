"""Plans as they are stored: beside each change the hash of the very text that people agree to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from adsync.model.plan import Consent, Plan, PlannedChange
from adsync.state import tables
from adsync.state.documents import from_text, to_text

EDITED = (
    "What is stored of it is not what was planned: it was changed in the state database afterwards. adsync will not apply it, "
    "whoever agreed to it. Make a fresh plan: adsync plan"
)


def plan_text(plan: Plan) -> str:
    """The document of a plan."""
    document = json.loads(to_text(plan))
    for stored, planned in zip(document["changes"], plan.changes, strict=True):
        stored["hash"] = planned.change.hash
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def plan_of(text: str, plan_id: str) -> Plan:
    """The plan of a row's document. A change that does not say what its hash was made of is only proposed, and named in `edited`.

    Documents of versions that stored no hash beside a change are taken as they are. Raises Unreadable.
    """
    plan = from_text(Plan, text, tables.plan, id=plan_id)
    edited = tuple(_edited(plan, json.loads(text)["changes"]))
    if not edited:
        return plan
    changes = (_kept_back(planned) if name in edited else planned for name, planned in plan.numbered())
    return replace(plan, changes=tuple(changes), edited=edited)


def _edited(plan: Plan, documents: list[dict[str, Any]]) -> Iterator[str]:
    for (name, planned), stored in zip(plan.numbered(), documents, strict=True):
        change = planned.change
        said = (stored.get("hash", change.hash), stored["change"].get("canonical", change.canonical))
        if said != (change.hash, change.canonical):
            yield name


def _kept_back(planned: PlannedChange) -> PlannedChange:
    return replace(planned, consent=Consent.PROPOSAL, consent_because=EDITED)
