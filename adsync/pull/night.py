"""Copies one account: report by report, each stored whole before the next is asked for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

from adsync.errors import GoogleRefused
from adsync.model.account import Account
from adsync.model.ads import Customer, kinds_of_bidding
from adsync.model.analytics import BASELINE_EVENT, NOT_ASKED, ORDER_EVENT, THRESHOLDED, Quality
from adsync.model.business_date import business_date
from adsync.model.decision import next_check
from adsync.model.pulled import NOT_SERVED, Coverage, Report, Snapshot
from adsync.model.window import Window
from adsync.ports import AdsReader, Analytics, Axis, Clock, Ports, Scorable, State, Validator
from adsync.pull.capabilities import Questions, ask, questions_due
from adsync.pull.event_log import is_due, read_log
from adsync.pull.funnel_parts import pull_funnel_parts
from adsync.pull.windows import funnel_window, window_to_pull

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What one pull did. as_of: the business date in the account's time zone.

    reports: what was copied now; a pull that was interrupted earlier the same night is only completed.
    log_fault: why the event log could not be read tonight. log_fault_is_new: the try before had not said so.
    """

    as_of: date
    customer: Customer
    snapshot: Snapshot
    reports: tuple[Report, ...]
    log_fault: str = ""
    log_fault_is_new: bool = False


def pull_account(account: Account, ports: Ports, *, progress: Progress = lambda _: None) -> Pulled:
    """Copies everything that is due for one account; funnels and the event log on the days on which evidence is weighed.

    Raises what the readers raise; reports that were stored before stay, and the next pull of the same date carries on
    after them.
    """
    progress("account")
    customer = ports.ads.customer()
    today = business_date(ports.clock.now(), customer.time_zone)
    night = _Night(
        account, ports.ads, ports.analytics, ports.validator, ports.state, ports.clock, today, ports.open_log
    )
    copied = [Report.ACCOUNT]
    snapshot = night.snapshot(customer)
    for report, copy in night.due(snapshot):
        progress(report.value)
        copy()
        copied.append(report)
    fault, is_new = night.log_fault() if Report.EVENT_LOG in copied else ("", False)
    return Pulled(
        as_of=today,
        customer=customer,
        snapshot=snapshot,
        reports=tuple(copied),
        log_fault=fault,
        log_fault_is_new=is_new,
    )


@dataclass
class _Night:
    """One account's copies of one business date."""

    account: Account
    ads: AdsReader
    analytics: Analytics
    validator: Validator
    state: State
    clock: Clock
    today: date
    open_log: Callable[[], AbstractContextManager[Scorable]] | None

    def __post_init__(self) -> None:
        self.numbers = self.state.numbers
        # Of an earlier night: a second pull of tonight copies the same days as the first.
        self.before = self.numbers.newest_copies(self.account.customer_id, self.today - timedelta(days=1))

    def snapshot(self, customer: Customer) -> Snapshot:
        """Settings are read every time: what is planned must be planned against what is."""
        # Dated before it is read: what happens meanwhile may or may not be in it.
        began = self.clock.now()
        state = self.ads.with_clients(self.ads.account_state(customer, self.today), self.account.cross_account)
        exclusions = self.ads.exclusions()
        taken = Snapshot(taken_at=began, state=state, key_events=self.analytics.key_events(), exclusions=exclusions)
        coverage = self._coverage(Report.ACCOUNT, Window(self.today, self.today))
        self.numbers.store_snapshot(self.account.customer_id, taken, coverage)
        return taken

    def due(self, snapshot: Snapshot) -> list[tuple[Report, Callable[[], None]]]:
        """What is left to copy tonight; all of it again when an earlier pull of tonight was complete."""
        units: dict[Report, Callable[[], None]] = {
            Report.CONVERSIONS: lambda: self._all_conversions(Report.CONVERSIONS, Axis.CONVERSION, snapshot),
            Report.CLICKS: lambda: self._all_conversions(Report.CLICKS, Axis.CLICK, snapshot),
            Report.COST: self._cost,
            Report.EVENTS: self._events,
            Report.SITE: self._site,
        }
        if self.account.macro.event_name == ORDER_EVENT:
            units[Report.ORDERS] = self._orders
        newest = self.numbers.newest_copies(self.account.customer_id, self.today)
        if self._funnels_are_due(newest.get(Report.FUNNELS)):
            units[Report.FUNNELS] = self._funnels
        if self.open_log is not None and self._log_is_due():
            units[Report.EVENT_LOG] = partial(self._event_log, self.open_log, snapshot)
        if questions := self._questions(snapshot):
            # The last: of the operations that are left, numbers come first.
            units[Report.CAPABILITIES] = partial(self._capabilities, questions)
        unfinished = {report for report in units if report not in newest or newest[report].as_of < self.today}
        return [(report, copy) for report, copy in units.items() if not unfinished or report in unfinished]

    def _funnels_are_due(self, newest: Coverage | None) -> bool:
        """At first, and whenever evidence is weighed; where only pulls run and nothing is, as often all the same."""
        if newest is None:
            return True
        counters, every = self.state.memory.counters(self.account.customer_id), self.account.policy.check_every_days
        return self.today >= (next_check(counters, every) if counters else newest.as_of + timedelta(days=every))

    def _log_is_due(self) -> bool:
        customer_id, macro = self.account.customer_id, self.account.macro.event_name
        newest = self.numbers.log_scores(customer_id, self.today, macro)
        counters, every = self.state.memory.counters(customer_id), self.account.policy.check_every_days
        tried = self.numbers.newest_copies(customer_id, self.today).get(Report.EVENT_LOG)
        failed = tried is not None and bool(tried.fault)
        return is_due(newest.as_of if newest else None, counters, every, self.today, failed=failed)

    def _event_log(self, open_log: Callable[[], AbstractContextManager[Scorable]], snapshot: Snapshot) -> None:
        on_value = any(kinds_of_bidding(snapshot.state.campaigns))
        policy = self.account.policy.for_bidding(on_value=on_value)
        found, fault = read_log(self.account, open_log, policy, self.today)
        window = Window(found.first, found.last) if found else Window(self.today, self.today)
        coverage = self._coverage(Report.EVENT_LOG, window, fault=fault)
        self.numbers.store_log_scores(self.account.customer_id, found, coverage)

    def _questions(self, snapshot: Snapshot) -> Questions:
        """What of the mirrors is to be asked tonight."""
        known = self.numbers.capabilities(self.account.customer_id, self.today)
        entries = self.state.ledger.entries([self.account.customer_id])
        return questions_due(self.account, snapshot.state, known, entries, self.clock.now())

    def _capabilities(self, questions: Questions) -> None:
        found, fault = ask(self.validator, questions, self.today, self.clock.now())
        coverage = self._coverage(Report.CAPABILITIES, Window(self.today, self.today), fault=fault)
        self.numbers.store_capabilities(self.account.customer_id, found, coverage)

    def log_fault(self) -> tuple[str, bool]:
        """Why the log could not be read tonight, and whether the last try before tonight's had said something else."""
        now = self.numbers.newest_copies(self.account.customer_id, self.today).get(Report.EVENT_LOG)
        before = self.before.get(Report.EVENT_LOG)
        fault = now.fault if now is not None else ""
        return fault, bool(fault) and (before is None or before.fault != fault)

    def _all_conversions(self, report: Report, axis: Axis, snapshot: Snapshot) -> None:
        """The account's own come last: while they are missing, the next pull of tonight asks for all of them again."""
        for client in snapshot.state.elsewhere:
            customer_id = client.customer.customer_id
            # By its own days, as a pull of that account would copy them.
            today = business_date(self.clock.now(), client.customer.time_zone)
            account = replace(self.account, customer_id=customer_id)
            ads = self.ads.of(customer_id)
            _Night(account, ads, self.analytics, self.validator, self.state, self.clock, today, None)._conversions(
                report, axis
            )
        self._conversions(report, axis)

    def _conversions(self, report: Report, axis: Axis) -> None:
        window, backfill = self._window(report)
        fault = ""
        try:
            days = self.ads.conversions(window, axis)
        except GoogleRefused as error:
            if axis is not Axis.CONVERSION or not error.code.startswith("QueryError."):
                raise
            # The reference leaves open whether Google answers this query. Conversions by click date stand in for it.
            days, fault = (), NOT_SERVED
        coverage = self._coverage(report, window, backfill=backfill, fault=fault)
        self.numbers.store_conversions(self.account.customer_id, axis, days, coverage)

    def _cost(self) -> None:
        window, backfill = self._window(Report.COST)
        days = self.ads.campaign_days(window)
        coverage = self._coverage(Report.COST, window, backfill=backfill)
        self.numbers.store_campaign_days(self.account.customer_id, days, coverage)

    def _events(self) -> None:
        window, backfill = self._window(Report.EVENTS)
        report = self.analytics.event_report(window, self.account.events)
        coverage = self._coverage(Report.EVENTS, window, report.quality, backfill=backfill)
        self.numbers.store_events(self.account.customer_id, report, coverage)

    def _site(self) -> None:
        window, backfill = self._window(Report.SITE)
        report = self.analytics.site_report(window, self.account.customer_id)
        coverage = self._coverage(Report.SITE, window, report.quality, backfill=backfill)
        self.numbers.store_site(self.account.customer_id, report, coverage)

    def _orders(self) -> None:
        """The answer has a row for each order: where there are too many, the same people's counts must do."""
        policy, macro = self.account.policy, self.account.macro.event_name
        window = Window.ending(self.today - timedelta(days=1), days=policy.order_days)
        buyers, _ = self.numbers.user_series(self.account.customer_id, [macro], window, self.today)[macro].total(window)
        orders = self.analytics.order_ids(macro, window) if buyers <= policy.orders_at_most else None
        fault = NOT_ASKED if orders is None else ""
        coverage = self._coverage(Report.ORDERS, window, orders.quality if orders else None, fault=fault)
        self.numbers.store_orders(self.account.customer_id, orders, coverage)

    def _funnels(self) -> None:
        policy, macro = self.account.policy, self.account.macro.event_name
        window = funnel_window(self.today, days=policy.funnel_days)
        # The baseline may be a candidate itself; asked once, it stands for both.
        first_steps = dict.fromkeys((BASELINE_EVENT, *self._events_that_occur(window)))
        found = tuple(self.analytics.funnel(e, macro, window, policy.funnel_horizon_days) for e in first_steps)
        sampled = min((f.sampled_share for f in found if f.sampled_share is not None), default=None)
        coverage = self._coverage(Report.FUNNELS, window, Quality(sampled_share=sampled, thresholded=self._thresholded))
        self.numbers.store_funnels(self.account.customer_id, found, coverage)
        if not coverage.whole:
            return
        parts, fault = pull_funnel_parts(self.analytics, found, macro)
        told = self._coverage(Report.FUNNEL_PARTS, window, fault=fault)
        self.numbers.store_funnel_parts(self.account.customer_id, parts, told)

    @property
    def _thresholded(self) -> bool:
        """Whether GA4 leaves small groups out. Of a funnel it does not say so: it does of the counts of the same night."""
        counts = self.numbers.newest_copies(self.account.customer_id, self.today).get(Report.EVENTS)
        return counts is not None and counts.fault == THRESHOLDED

    def _events_that_occur(self, window: Window) -> list[str]:
        """Candidates that anybody did in the window, or may have done: a funnel for the others would only cost quota."""
        names = [c.event_name for c in self.account.candidates]
        series = self.numbers.user_series(self.account.customer_id, names, window, self.today)
        return [name for name in names if any(count is None or count > 0 for count in series[name].values)]

    def _window(self, report: Report) -> tuple[Window, bool]:
        newest = self.before.get(report)
        # A copy that Google refused has brought nothing: when it is answered at last, everything is still to be copied.
        return window_to_pull(report, self.today, None if newest and newest.fault == NOT_SERVED else newest)

    def _coverage(
        self, report: Report, window: Window, quality: Quality | None = None, *, backfill: bool = False, fault: str = ""
    ) -> Coverage:
        good = quality or Quality()
        return Coverage(
            report=report,
            as_of=self.today,
            window=window,
            pulled_at=self.clock.now(),
            whole=good.is_whole and not fault,
            fault=fault or good.fault,
            backfill=backfill,
        )
