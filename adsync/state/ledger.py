"""Plans, approvals and the change log. See Ledger in ports.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import exists, func, insert, select, update

from adsync.errors import StateError
from adsync.model.change import Change
from adsync.model.log import ChangeLogEntry, Outcome
from adsync.model.plan import Approval, Plan
from adsync.model.seal import Verified, verify
from adsync.state import tables
from adsync.state.cells import Unreadable
from adsync.state.database import Database
from adsync.state.documents import from_text, member, to_text
from adsync.state.plans import plan_of, plan_text
from adsync.state.seals import damage_of, head_of, rows_of, seal_entry, seals_of


class SqlLedger:
    """The ledger in the state database.

    key: the secret that seals carry; "" for none. key_is_lost: a person knows that earlier seals carry one that nobody has.
    until: what was written later is left out; None for nothing.
    """

    def __init__(
        self, database: Database, key: str = "", until: datetime | None = None, *, key_is_lost: bool = False
    ) -> None:
        self._database, self._key, self._until = database, key, until
        self._key_is_lost = key_is_lost

    def as_known(self, until: datetime) -> SqlLedger:
        return SqlLedger(self._database, self._key, until, key_is_lost=self._key_is_lost)

    # Plans -----------------------------------------------------------------------------------------------------------

    def store_plan(self, plan: Plan) -> None:
        row = {
            "id": plan.id,
            "customer_id": plan.customer_id,
            "account": plan.account,
            "made_on": plan.made_on,
            "made_at": plan.made_at,
            "origin": plan.origin,
            "document": plan_text(plan),
        }
        table = tables.plan
        newest = select(func.max(table.c.made_at)).where(
            table.c.customer_id == plan.customer_id, table.c.origin == plan.origin
        )
        with self._database.writing() as connection:
            # What is stored later is newer: a plan made while a clock ran ahead would else stay the newest until that day.
            before = connection.execute(newest).scalar()
            if before is not None and before > plan.made_at:
                row["made_at"] = before + timedelta(microseconds=1)
            connection.execute(insert(table), [row])

    def newest_plan(self, customer_id: str, origin: str = "") -> Plan | None:
        table = tables.plan
        wanted = select(table.c.id, table.c.document).where(table.c.customer_id == customer_id)
        if origin:
            wanted = wanted.where(table.c.origin == origin)
        if self._until is not None:
            wanted = wanted.where(table.c.made_at <= self._until)
        # Two plans of one moment are told apart by their number, which rises.
        newest = wanted.order_by(table.c.made_at.desc(), func.length(table.c.id).desc(), table.c.id.desc()).limit(1)
        with self._database.reading() as connection:
            row = connection.execute(newest).first()
        return plan_of(row.document, row.id) if row is not None else None

    def plan(self, plan_id: str) -> Plan | None:
        table = tables.plan
        with self._database.reading() as connection:
            document = connection.execute(select(table.c.document).where(table.c.id == plan_id)).scalar()
        return plan_of(document, plan_id) if document is not None else None

    def next_plan_number(self, account: str, made_on: date) -> int:
        table = tables.plan
        wanted = select(table.c.id).where(table.c.account == account, table.c.made_on == made_on)
        with self._database.reading() as connection:
            numbers = [_number(plan_id) for plan_id in connection.execute(wanted).scalars()]
        return max(numbers, default=0) + 1

    # Approvals -------------------------------------------------------------------------------------------------------

    def approve(self, approvals: Sequence[Approval]) -> None:
        if not approvals:
            return
        with self._database.writing() as connection:
            # A clock tells seconds only, and a sandbox's may stand still: the order is that of writing.
            newest = connection.execute(select(func.max(tables.change_log.c.id))).scalar() or 0
            rows = [
                {
                    "customer_id": a.customer_id,
                    "change_hash": a.change_hash,
                    "change_name": a.change_name,
                    "approved": a.approved,
                    "by": a.by,
                    "at": a.at,
                    "until": a.until,
                    "after_entry": newest,
                }
                for a in approvals
            ]
            connection.execute(insert(tables.approval), rows)

    def approvals(self, customer_id: str) -> Mapping[str, Approval]:
        table, log = tables.approval, tables.change_log
        # A word is used up by the change that it allowed: what a person then takes back is not done again on its strength,
        # and what Google has refused is not sent again every night.
        used = exists().where(
            log.c.customer_id == table.c.customer_id,
            log.c.change_hash == table.c.change_hash,
            log.c.id > table.c.after_entry,
            log.c.outcome.in_([o.value for o in Outcome if o.is_done or o is Outcome.REFUSED]),
        )
        if self._until is not None:
            used = used.where(log.c.closed_at <= self._until)
        wanted = select(table).where(table.c.customer_id == customer_id, ~used).order_by(table.c.id)
        if self._until is not None:
            wanted = wanted.where(table.c.at <= self._until)
        with self._database.reading() as connection:
            rows = connection.execute(wanted).all()
        return {
            row.change_hash: Approval(
                change_hash=row.change_hash,
                customer_id=row.customer_id,
                change_name=row.change_name,
                approved=row.approved,
                by=row.by,
                at=row.at,
                until=row.until,
            )
            for row in rows
        }

    # The change log --------------------------------------------------------------------------------------------------

    def open_entry(self, entry: ChangeLogEntry) -> int:
        return self._add(entry, entry.change)

    def record_entry(self, entry: ChangeLogEntry, *, object_id: str = "") -> int:
        return self._add(entry, _named(entry.change, object_id))

    def _add(self, entry: ChangeLogEntry, change: Change) -> int:
        # The hash is of what was agreed to, which did not know yet what would be made.
        row = {
            "customer_id": entry.customer_id,
            "change_name": entry.change_name,
            "change_hash": entry.change.hash,
            "outcome": entry.outcome.value,
            "opened_at": entry.opened_at,
            "deadline": entry.deadline,
            "closed_at": entry.closed_at,
            "approved_by": entry.approved_by,
            "origin": entry.origin,
            "request_id": entry.request_id,
            "note": entry.note,
            "document": to_text(change),
        }
        with self._database.writing() as connection:
            key = connection.execute(insert(tables.change_log).values(row)).inserted_primary_key
            assert key is not None
            seal_entry(connection, key[0], self._key, key_is_lost=self._key_is_lost)
        return int(key[0])

    def close_entry(
        self,
        entry_id: int,
        outcome: Outcome,
        at: datetime,
        *,
        request_id: str = "",
        note: str = "",
        object_id: str = "",
    ) -> None:
        """object_id: of what was created, so that the entry names what it made."""
        table = tables.change_log
        entry = self.entry(entry_id)
        if entry is None:
            raise StateError(f"The change log has no entry {entry_id}.")
        change = _named(entry.change, object_id)
        values = {
            "outcome": outcome.value,
            "closed_at": None if outcome.is_open else at,
            "request_id": request_id or entry.request_id,
            "note": note,
            "document": to_text(change),
        }
        with self._database.writing() as connection:
            connection.execute(update(table).where(table.c.id == entry_id).values(values))
            seal_entry(connection, entry_id, self._key, key_is_lost=self._key_is_lost)

    def entries(
        self, customer_ids: Sequence[str] = (), *, since: datetime | None = None, only_open: bool = False
    ) -> tuple[ChangeLogEntry, ...]:
        table = tables.change_log
        wanted = select(table).order_by(table.c.id)
        if customer_ids:
            wanted = wanted.where(table.c.customer_id.in_(customer_ids))
        if since is not None:
            wanted = wanted.where(table.c.opened_at >= since)
        if only_open and self._until is None:
            wanted = wanted.where(table.c.outcome.in_([o.value for o in Outcome if o.is_open]))
        if self._until is not None:
            wanted = wanted.where(table.c.opened_at <= self._until)
        with self._database.reading() as connection:
            found = [_entry(row) for row in connection.execute(wanted)]
        if self._until is not None:
            found = [_as_known(entry, self._until) for entry in found]
        return tuple(entry for entry in found if entry.outcome.is_open or not only_open)

    def entry(self, entry_id: int) -> ChangeLogEntry | None:
        table = tables.change_log
        with self._database.reading() as connection:
            row = connection.execute(select(table).where(table.c.id == entry_id)).first()
        return _entry(row) if row is not None else None

    # Seals -----------------------------------------------------------------------------------------------------------

    def head(self, customer_id: str) -> str:
        with self._database.reading() as connection:
            return head_of(connection, customer_id)

    def verified(self, customer_id: str, head: str = "") -> Verified:
        with self._database.reading() as connection:
            seals, rows = seals_of(connection, customer_id), rows_of(connection, customer_id)
            damage = damage_of(connection)
        found = verify(seals, rows, key=self._key, head=head)
        return replace(found, faults=(*damage, *found.faults))


def _named(change: Change, object_id: str) -> Change:
    """The change with the id of what it made; as it is where it made nothing."""
    return replace(change, object_id=object_id) if object_id else change


def _number(plan_id: str) -> int:
    try:
        return int(plan_id.rpartition("-")[2])
    except ValueError:
        raise Unreadable("id", "It does not end in the plan's number.", "plan", {"id": plan_id}) from None


def _as_known(entry: ChangeLogEntry, until: datetime) -> ChangeLogEntry:
    """An entry that was closed later was open until then."""
    if entry.closed_at is None or entry.closed_at <= until:
        return entry
    return replace(entry, outcome=Outcome.SENT, closed_at=None, request_id="", note="")


def _entry(row: Any) -> ChangeLogEntry:
    return ChangeLogEntry(
        id=row.id,
        customer_id=row.customer_id,
        change_name=row.change_name,
        change=from_text(Change, row.document, tables.change_log, id=row.id),
        outcome=member(Outcome, row.outcome, tables.change_log, id=row.id),
        opened_at=row.opened_at,
        deadline=row.deadline,
        closed_at=row.closed_at,
        approved_by=row.approved_by,
        origin=row.origin,
        request_id=row.request_id,
        note=row.note,
    )
