"""Google's numbers as they were known on each night. See Numbers in ports.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Table, and_, delete, func, insert, select

from adsync.model.ads import AccountState
from adsync.model.analytics import EventReport, Funnel, FunnelPart, OrderIds, SiteReport
from adsync.model.capability import Capability
from adsync.model.log_scores import LogScores, PastShare
from adsync.model.pulled import Coverage, Report, SettingsCopy, Snapshot
from adsync.model.volume import ActionDay, CampaignDay, CampaignVolume, DailySeries
from adsync.model.window import Window
from adsync.ports import Axis
from adsync.state import capabilities, coverages, log_scores, nightly_facts, settings_copies, tables
from adsync.state.cells import Unreadable
from adsync.state.database import Database
from adsync.state.documents import to_text
from adsync.state.versions import by_campaign, columns_of, daily_sums, in_window, latest

Key = tuple[Any, ...]
_SOME_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)


class SqlNumbers:
    """Numbers in the state database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # Writing: each method is one transaction that stores a report and its coverage, or neither ---------------------

    def store_events(self, customer_id: str, report: EventReport, coverage: Coverage) -> None:
        found = {(c.date, c.event_name): (c.events, c.sessions, c.users) for c in report.counts}
        self._store(tables.event_count, customer_id, {}, found, coverage)

    def store_site(self, customer_id: str, report: SiteReport, coverage: Coverage) -> None:
        found = {(d.date,): (d.sessions, d.users, d.ad_sessions) for d in report.days}
        self._store(tables.site_day, customer_id, {}, found, coverage)

    def store_conversions(self, customer_id: str, axis: Axis, days: Sequence[ActionDay], coverage: Coverage) -> None:
        found = {
            (d.date, d.campaign_id, d.action_id): (d.conversions, d.all_conversions, d.value, d.all_value) for d in days
        }
        self._store(tables.action_day, customer_id, {"axis": axis.value}, found, coverage)

    def store_campaign_days(self, customer_id: str, days: Sequence[CampaignDay], coverage: Coverage) -> None:
        found = {(d.date, d.campaign_id): (d.cost_micros, d.clicks, d.impressions) for d in days}
        self._store(tables.campaign_day, customer_id, {}, found, coverage)

    def store_funnels(self, customer_id: str, funnels: Sequence[Funnel], coverage: Coverage) -> None:
        rows = [
            {
                "customer_id": customer_id,
                "event_name": f.event_name,
                "as_of": coverage.as_of,
                "first": f.window.first,
                "last": f.window.last,
                "horizon_days": f.horizon_days,
                "entered": f.entered,
                "completed": f.completed,
                "sampled_share": f.sampled_share,
            }
            for f in funnels
        ]
        table = tables.funnel
        with self._database.writing() as connection:
            connection.execute(delete(table).where(table.c.customer_id == customer_id, table.c.as_of == coverage.as_of))
            if rows:
                connection.execute(insert(table), rows)
            coverages.note(connection, customer_id, coverage)

    def store_funnel_parts(self, customer_id: str, parts: Sequence[FunnelPart], coverage: Coverage) -> None:
        with self._database.writing() as connection:
            nightly_facts.store_funnel_parts(connection, customer_id, coverage.as_of, parts)
            coverages.note(connection, customer_id, coverage)

    def store_log_scores(self, customer_id: str, scores: LogScores | None, coverage: Coverage) -> None:
        with self._database.writing() as connection:
            if scores is not None:
                log_scores.store(connection, customer_id, scores)
            coverages.note(connection, customer_id, coverage)

    def store_orders(self, customer_id: str, orders: OrderIds | None, coverage: Coverage) -> None:
        with self._database.writing() as connection:
            nightly_facts.store_orders(connection, customer_id, coverage.as_of, orders)
            coverages.note(connection, customer_id, coverage)

    def store_capabilities(self, customer_id: str, found: Sequence[Capability], coverage: Coverage) -> None:
        with self._database.writing() as connection:
            capabilities.store(connection, customer_id, found)
            coverages.note(connection, customer_id, coverage)

    def store_snapshot(self, customer_id: str, snapshot: Snapshot, coverage: Coverage) -> None:
        """Settings seldom change: a row is written only when they have, and coverage says when they were last seen."""
        table = tables.snapshot
        try:
            before = self.snapshot(customer_id, coverage.as_of)
        except Unreadable:
            before = None  # whoever reads it is told so, and that this new copy is the way out
        with self._database.writing() as connection:
            if before is None or _settings(before) != _settings(snapshot):
                kept = settings_copies.with_earlier(connection, customer_id, snapshot, before)
                row = {"customer_id": customer_id, "as_of": coverage.as_of, "document": to_text(kept)}
                same = and_(table.c.customer_id == customer_id, table.c.as_of == coverage.as_of)
                connection.execute(delete(table).where(same))
                connection.execute(insert(table), [row])
            nightly_facts.store_requests(connection, customer_id, coverage.as_of, snapshot.state.actions)
            coverages.note(connection, customer_id, coverage)

    def _store(
        self, table: Table, customer_id: str, fixed: dict[str, str], found: Mapping[Key, Key], coverage: Coverage
    ) -> None:
        keys, values = columns_of(table, fixed)
        same_series = and_(table.c.customer_id == customer_id, *(table.c[k] == v for k, v in fixed.items()))
        days = table.c.date.between(coverage.window.first, coverage.window.last)
        with self._database.writing() as connection:
            if coverages.note(connection, customer_id, coverage):
                # A second pull of the same night replaces the first: pulling a day twice equals pulling it once.
                connection.execute(delete(table).where(same_series, days, table.c.as_of == coverage.as_of))
            before = {
                tuple(row[: len(keys)]): tuple(row[len(keys) :])
                for row in connection.execute(latest(table, keys, values, and_(same_series, days), coverage.as_of))
            }
            gone = tuple(None for _ in values)
            changed = {key: value for key, value in found.items() if before.get(key, gone) != value}
            changed |= {key: gone for key, value in before.items() if value != gone and key not in found}
            if changed:
                base = {"customer_id": customer_id, "as_of": coverage.as_of, **fixed}
                rows = [
                    {**base, **dict(zip(keys, key, strict=True)), **dict(zip(values, value, strict=True))}
                    for key, value in changed.items()
                ]
                connection.execute(insert(table), rows)

    # Reading -------------------------------------------------------------------------------------------------------

    def coverage(self, customer_id: str, report: Report, as_of: date) -> tuple[Coverage, ...]:
        with self._database.reading() as connection:
            return coverages.copies(connection, customer_id, report, as_of)

    def newest_copies(self, customer_id: str, until: date) -> Mapping[Report, Coverage]:
        with self._database.reading() as connection:
            return coverages.newest_of_each(connection, customer_id, until)

    def conversion_series(
        self, customer_id: str, action_ids: Sequence[str], axis: Axis, window: Window, as_of: date
    ) -> Mapping[str, DailySeries]:
        return self._by_action("all_conversions", customer_id, action_ids, axis, window, as_of)

    def value_series(
        self, customer_id: str, action_ids: Sequence[str], axis: Axis, window: Window, as_of: date
    ) -> Mapping[str, DailySeries]:
        return self._by_action("all_value", customer_id, action_ids, axis, window, as_of)

    def _by_action(
        self, column: str, customer_id: str, action_ids: Sequence[str], axis: Axis, window: Window, as_of: date
    ) -> Mapping[str, DailySeries]:
        sums: dict[str, dict[date, float]] = {action_id: {} for action_id in action_ids}
        wanted = daily_sums(column, "action_id", customer_id, action_ids, axis, window, as_of)
        with self._database.reading() as connection:
            usable = coverages.usable_days(connection, customer_id, _report_of(axis), window, as_of)
            for day, action_id, count in connection.execute(wanted):
                sums[action_id][day] = count
        return {action_id: DailySeries.over(window, known, usable) for action_id, known in sums.items()}

    def grouped_series(
        self,
        customer_id: str,
        action_ids: Sequence[str],
        axis: Axis,
        window: Window,
        as_of: date,
        groups: Mapping[str, str],
        others: str = "",
    ) -> Mapping[str, DailySeries]:
        names = sorted({*groups.values(), others} - {""})
        sums: dict[str, dict[date, float]] = {name: {} for name in names}
        wanted = daily_sums("all_conversions", "campaign_id", customer_id, action_ids, axis, window, as_of)
        with self._database.reading() as connection:
            usable = coverages.usable_days(connection, customer_id, _report_of(axis), window, as_of)
            for day, campaign_id, count in connection.execute(wanted):
                if name := groups.get(campaign_id, others):
                    sums[name][day] = sums[name].get(day, 0.0) + count
        return {name: DailySeries.over(window, known, usable) for name, known in sums.items()}

    def campaign_conversions(
        self, customer_id: str, window: Window, as_of: date, axis: Axis = Axis.CONVERSION
    ) -> tuple[ActionDay, ...]:
        table = tables.action_day
        where = and_(in_window(table, customer_id, window), table.c.axis == axis.value)
        keys, values = columns_of(table, {"axis": ""})
        with self._database.reading() as connection:
            return tuple(
                ActionDay(**row._mapping)
                for row in connection.execute(latest(table, keys, values, where, as_of))
                if row.all_conversions is not None
            )

    def campaign_days(self, customer_id: str, window: Window, as_of: date) -> tuple[CampaignDay, ...]:
        table = tables.campaign_day
        keys, values = columns_of(table, {})
        with self._database.reading() as connection:
            return tuple(
                CampaignDay(**row._mapping)
                for row in connection.execute(latest(table, keys, values, in_window(table, customer_id, window), as_of))
                if row.clicks is not None
            )

    def campaign_volumes(
        self, customer_id: str, action_ids: Sequence[str], window: Window, as_of: date, axis: Axis = Axis.CONVERSION
    ) -> tuple[CampaignVolume, ...]:
        counted, spent = tables.action_day, tables.campaign_day
        wanted = and_(
            in_window(counted, customer_id, window), counted.c.axis == axis.value, counted.c.action_id.in_(action_ids)
        )
        conversions = latest(
            counted, columns_of(counted, {"axis": ""})[0], ["all_conversions"], wanted, as_of
        ).subquery()
        cost = latest(
            spent, ["date", "campaign_id"], ["cost_micros"], in_window(spent, customer_id, window), as_of
        ).subquery()
        with self._database.reading() as connection:
            macros = by_campaign(connection, conversions, "all_conversions")
            micros = by_campaign(connection, cost, "cost_micros")
        return tuple(
            CampaignVolume(campaign_id=name, conversions=macros.get(name, 0.0), cost_micros=int(micros.get(name, 0)))
            for name in sorted({*macros, *micros})
        )

    def user_series(
        self, customer_id: str, events: Sequence[str], window: Window, as_of: date
    ) -> Mapping[str, DailySeries]:
        table = tables.event_count
        where = and_(in_window(table, customer_id, window), table.c.event_name.in_(events))
        known: dict[str, dict[date, float]] = {name: {} for name in events}
        with self._database.reading() as connection:
            usable = coverages.usable_days(connection, customer_id, Report.EVENTS, window, as_of)
            newest = latest(table, ["date", "event_name"], ["users"], where, as_of)
            for day, event_name, users in connection.execute(newest):
                if users is not None:
                    known[event_name][day] = float(users)
        return {name: DailySeries.over(window, days, usable) for name, days in known.items()}

    def ad_session_series(self, customer_id: str, window: Window, as_of: date) -> DailySeries:
        table = tables.site_day
        where = in_window(table, customer_id, window)
        with self._database.reading() as connection:
            usable = coverages.usable_days(connection, customer_id, Report.SITE, window, as_of)
            newest = connection.execute(latest(table, ["date"], ["sessions", "ad_sessions"], where, as_of)).all()
        known = {day: float(by_ads) for day, _, by_ads in newest if by_ads is not None}
        # A day that has vanished had no sessions at all; one with sessions of which none is told is unknown.
        untold = {day for day, sessions, by_ads in newest if sessions is not None and by_ads is None}
        return DailySeries.over(window, known, usable - untold)

    def click_series(self, customer_id: str, window: Window, as_of: date) -> DailySeries:
        return self._of_campaigns("clicks", customer_id, window, as_of)

    def cost_series(self, customer_id: str, window: Window, as_of: date) -> DailySeries:
        micros = self._of_campaigns("cost_micros", customer_id, window, as_of)
        return DailySeries(micros.first, tuple(None if cost is None else cost / 1_000_000 for cost in micros.values))

    def _of_campaigns(self, column: str, customer_id: str, window: Window, as_of: date) -> DailySeries:
        table = tables.campaign_day
        newest = latest(
            table, ["date", "campaign_id"], [column], in_window(table, customer_id, window), as_of
        ).subquery()
        summed = select(newest.c.date, func.sum(newest.c[column])).where(newest.c[column].is_not(None))
        with self._database.reading() as connection:
            usable = coverages.usable_days(connection, customer_id, Report.COST, window, as_of)
            known = {day: float(total) for day, total in connection.execute(summed.group_by(newest.c.date))}
        return DailySeries.over(window, known, usable)

    def funnels(self, customer_id: str, as_of: date) -> tuple[Funnel, ...]:
        table = tables.funnel
        newest = select(func.max(table.c.as_of)).where(table.c.customer_id == customer_id, table.c.as_of <= as_of)
        wanted = select(table).where(table.c.customer_id == customer_id, table.c.as_of == newest.scalar_subquery())
        with self._database.reading() as connection:
            return tuple(
                Funnel(
                    event_name=row.event_name,
                    window=Window(row.first, row.last),
                    horizon_days=row.horizon_days,
                    entered=row.entered,
                    completed=row.completed,
                    sampled_share=row.sampled_share,
                )
                for row in connection.execute(wanted)
            )

    def funnel_parts(self, customer_id: str, as_of: date) -> tuple[FunnelPart, ...]:
        with self._database.reading() as connection:
            return nightly_facts.funnel_parts(connection, customer_id, as_of)

    def log_scores(self, customer_id: str, as_of: date, macro: str) -> LogScores | None:
        with self._database.reading() as connection:
            return log_scores.newest(connection, customer_id, as_of, macro)

    def log_shares(self, customer_id: str, as_of: date, macro: str) -> Mapping[str, tuple[PastShare, ...]]:
        with self._database.reading() as connection:
            return log_scores.shares(connection, customer_id, as_of, macro)

    def orders(self, customer_id: str, as_of: date) -> tuple[tuple[date, OrderIds], ...]:
        with self._database.reading() as connection:
            return nightly_facts.orders(connection, customer_id, as_of)

    def snapshot(self, customer_id: str, as_of: date | None = None) -> Snapshot | None:
        night = as_of or date.max
        table = tables.snapshot
        wanted = (
            select(table)
            .where(table.c.customer_id == customer_id, table.c.as_of <= night)
            .order_by(table.c.as_of.desc())
            .limit(1)
        )
        with self._database.reading() as connection:
            row = connection.execute(wanted).first()
            newest = coverages.newest_of_each(connection, customer_id, night).get(Report.ACCOUNT)
            if row is None or newest is None:
                return None
            stored = settings_copies.from_row(row)
            actions = nightly_facts.with_requests(connection, customer_id, night, stored.state.actions)
        state = replace(stored.state, as_of=newest.as_of, actions=actions)
        return replace(stored, taken_at=newest.pulled_at, state=state, earlier=())

    def capabilities(self, customer_id: str, as_of: date) -> tuple[Capability, ...]:
        with self._database.reading() as connection:
            return capabilities.known(connection, customer_id, as_of)

    def settings_copies(self, customer_id: str, first: date, last: date) -> tuple[SettingsCopy, ...]:
        with self._database.reading() as connection:
            return settings_copies.between(connection, customer_id, first, last)

    def settings_at(self, customer_id: str, moment: datetime) -> AccountState | None:
        with self._database.reading() as connection:
            return settings_copies.settings_at(connection, customer_id, moment)


def _report_of(axis: Axis) -> Report:
    return Report.CONVERSIONS if axis is Axis.CONVERSION else Report.CLICKS


def _settings(snapshot: Snapshot) -> Snapshot:
    """A snapshot without when it was taken."""
    return replace(snapshot, taken_at=_SOME_MOMENT, state=replace(snapshot.state, as_of=date.min))
