"""The funnels of event logs, from files to the report."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from adsync.errors import UsageError
from adsync.journeys import Journey, channels_of, funnel_of
from adsync.model.channel import ChannelReport
from adsync.model.dropoff import Carts
from adsync.model.funnel import VISITORS, FunnelQuestion, FunnelReport
from adsync.model.segment import EVERYBODY
from adsync.render.funnel import difference_lines
from adsync.wiring import event_log
from tests.journeys import INCIDENT_EVENTS, a_time, event, write_incidents, write_log, write_session_day

MONDAY = date(2026, 6, 1)


def told(path: Path, asked: Journey) -> FunnelReport:
    with event_log([path]) as log:
        return funnel_of(log, asked)


def channels_told(path: Path, asked: Journey) -> ChannelReport:
    with event_log([path]) as log:
        return channels_of(log, asked)


def visitors_of(report: FunnelReport) -> dict[str, int]:
    return {step.event: step.visitors for step in report.steps}


@pytest.mark.parametrize(
    ("step", "did", "bought"), [("view_item", 394, 33), ("add_to_cart", 158, 36), ("begin_checkout", 91, 42)]
)
def test_the_true_funnel_of_a_real_day_is_counted(
    step: str, did: int, bought: int, shared_data: Path, tmp_path: Path
) -> None:
    path = write_session_day(shared_data, tmp_path / "day.parquet")
    report = told(path, Journey(macro="purchase", steps=(step,)))
    assert visitors_of(report) == {VISITORS: 2293, step: did, "purchase": bought}


@pytest.mark.parametrize(("ends_after", "is_said"), [(60, True), (38, False)])
def test_where_the_macro_has_stopped_nobody_is_sent_to_the_checkout(
    ends_after: int, is_said: bool, tmp_path: Path
) -> None:
    """As far as it goes on to the end, and where it has not come for three weeks of the period."""
    names, rows = ("view_item", "add_to_cart", "purchase"), list[str]()
    for day in range(60):
        for place, name in enumerate(names if day < ends_after else names[:2]):
            rows += [event(f"v{day}-{n}", a_time(MONDAY + timedelta(days=day), 61 * place), name) for n in range(4)]
    report = told(write_log(tmp_path / "log.csv", rows), Journey(macro="purchase"))
    assert ("checkout" in report.drop_off.advice) is is_said
    assert report.drop_off.advice == "" or is_said
    assert any(note.startswith("The last purchase is of") for note in report.log.notes) is not is_said
    assert [step.event_name for step in report.drop_off.steps] == [VISITORS, *names]


@pytest.mark.parametrize(("visitors", "is_said"), [(0, True), (1, False)])
def test_buyers_whom_the_log_knows_by_another_id_are_told_of_and_say_nothing_of_the_checkout(
    visitors: int, is_said: bool, tmp_path: Path
) -> None:
    """A server sends thirty orders by ids of its own, or all but one by somebody whom the site knows."""
    rows = []
    for n in range(30):
        at, whose = a_time(MONDAY + timedelta(days=n % 9), 60 * n), f"v{n}" if n < visitors else f"order-{n}"
        ways = ((f"v{n}", "view_item"), (f"v{n}", "add_to_cart"), (f"v{n}", "begin_checkout"), (whose, "purchase"))
        for place, (who, name) in enumerate(ways):
            rows.append(event(who, at + timedelta(seconds=20 * place), name, 1, "desktop", "google"))
    log = write_log(tmp_path / "log.csv", rows)
    funnel, channels = told(log, Journey(macro="purchase")), channels_told(log, Journey(macro="purchase", by="channel"))
    for report in (funnel, channels):
        found = [note for note in report.log.notes if "by another id" in note]
        assert [note.startswith("None of the 30 visitors who did purchase") for note in found] == [True] * is_said
    assert ("cart" in funnel.drop_off.advice) is not is_said


def test_of_a_log_that_had_nothing_else_yet_nobody_is_known_by_another_id(tmp_path: Path) -> None:
    rows = [event(f"v{n}", a_time(MONDAY + timedelta(days=n)), "purchase", 1) for n in range(30)]
    rows += [event(f"v{n}", a_time(MONDAY + timedelta(days=40 + n)), "page_view", 1) for n in range(30)]
    log = write_log(tmp_path / "log.csv", rows)
    asked = Journey(macro="purchase", as_of=MONDAY + timedelta(days=35))
    assert not [note for note in told(log, asked).log.notes if "by another id" in note]


@pytest.mark.parametrize(("months", "is_said"), [(3, True), (2, False)])
def test_renewals_are_no_new_customers_for_funnels_and_channels_either(
    months: int, is_said: bool, tmp_path: Path
) -> None:
    rows = []
    for n in range(20):
        for month in range(4):
            at = a_time(MONDAY + timedelta(days=n % 9 + 30 * month), 60 * n)
            rows.append(event(f"v{n}", at, "view_item", 1, "desktop", "google"))
            if month < months:
                rows += [event(f"v{n}", at + timedelta(minutes=k), "purchase", 1, "desktop", "google") for k in (1, 2)]
    log = write_log(tmp_path / "log.csv", rows)
    asked = Journey(macro="purchase", by="channel")
    for report in (told(log, asked), channels_told(log, asked)):
        found = [note for note in report.log.notes if "renewals" in note]
        assert [n.startswith("100 of 120 purchases are of visitors who had done it before") for n in found] == (
            [True] * is_said
        )


def test_a_step_counts_only_after_the_one_before_and_each_visitor_once(tmp_path: Path) -> None:
    rows = [
        event("in-order", a_time(MONDAY, 0), "view_item"),
        event("in-order", a_time(MONDAY, 60), "add_to_cart"),
        event("in-order", a_time(MONDAY, 90), "add_to_cart"),
        event("in-order", a_time(MONDAY, 180), "purchase"),
        event("cart-first", a_time(MONDAY, 0), "add_to_cart"),
        event("cart-first", a_time(MONDAY, 60), "view_item"),
        event("cart-first", a_time(MONDAY, 90), "purchase"),
        event("again", a_time(MONDAY, 0), "add_to_cart"),
        event("again", a_time(MONDAY, 60), "view_item"),
        event("again", a_time(MONDAY, 80), "add_to_cart"),
        event("elsewhere", a_time(MONDAY, 0), "page_view"),
    ]
    report = told(write_log(tmp_path / "log.csv", rows), Journey(macro="purchase"))
    assert visitors_of(report) == {VISITORS: 4, "view_item": 3, "add_to_cart": 2, "purchase": 1}
    assert [step.median_seconds for step in report.steps] == [None, 60, 40, 120]
    assert report.compared_with is None and [step.before for step in report.steps] == [None] * 4


def test_the_period_holds_its_days_and_the_one_before_those_before_it(tmp_path: Path) -> None:
    days = [MONDAY + timedelta(days=n) for n in range(20)]
    rows = [event(f"v{n}", a_time(day), "view_item") for n, day in enumerate(days)]
    rows += [event(f"v{n}", a_time(day, 5), "purchase") for n, day in enumerate(days) if n in (3, 4, 9)]
    asked = Journey(macro="purchase", days=5, as_of=MONDAY + timedelta(days=9))
    report = told(write_log(tmp_path / "log.csv", rows), asked)
    assert report.period == (days[5], days[9]) and report.compared_with == (days[0], days[4])
    assert visitors_of(report) == {VISITORS: 5, "view_item": 5, "purchase": 1}
    assert report.steps[-1].before == pytest.approx(2 / 5)


def test_no_period_begins_before_the_log(tmp_path: Path) -> None:
    rows = [event("v", a_time(MONDAY), "view_item", channel="Email"), event("v", a_time(MONDAY, 5), "purchase")]
    path = write_log(tmp_path / "log.csv", rows)
    with event_log([path]) as log:
        assert funnel_of(log, Journey(macro="purchase")).period == (MONDAY, MONDAY)
        assert channels_of(log, Journey(macro="purchase", by="channel")).period == (MONDAY, MONDAY)


def test_segments_add_up_and_what_is_not_known_is_one(tmp_path: Path) -> None:
    rows = [event(f"v{n}", a_time(MONDAY, n), "view_item", device=("mobile", "desktop", "")[n % 3]) for n in range(9)]
    rows += [event("v0", a_time(MONDAY, 50), "purchase", device="desktop")]
    report = told(write_log(tmp_path / "log.csv", rows), Journey(macro="purchase", by="device"))
    found = {f.segment.value: [step.visitors for step in f.steps] for f in report.segments}
    # The first event says which device a visitor has.
    assert found == {"mobile": [3, 3, 1], "desktop": [3, 3, 0], "(not known)": [3, 3, 0]}


def test_a_step_that_broke_on_one_device_is_said_and_nothing_else_is(tmp_path: Path) -> None:
    rows = []
    for n in range(1_600):
        day, device = MONDAY + timedelta(days=n % 8), ("mobile", "desktop")[n // 8 % 2]
        who, broken = f"v{n}", device == "mobile" and n % 8 >= 4
        rows.append(event(who, a_time(day), "add_to_cart", device=device))
        if n // 16 % 5 < (1 if broken else 3):
            rows.append(event(who, a_time(day, 60), "purchase", device=device))
    report = told(write_log(tmp_path / "log.csv", rows), Journey(macro="purchase", days=4))
    said = {(d.segment.name, d.against, d.before_step, d.step) for d in report.differences}
    assert said == {
        ("mobile", "the period before", "add_to_cart", "purchase"),
        ("mobile", "the others", "add_to_cart", "purchase"),
        ("all visitors", "the period before", "add_to_cart", "purchase"),
    }
    (mobile,) = [d for d in report.differences if d.segment.name == "mobile" and d.against == "the period before"]
    assert (mobile.share, mobile.usual) == pytest.approx((0.2, 0.6))
    assert mobile.difference.low < -0.4 < mobile.difference.high < 0
    moved = [abs(d.difference.point) * d.visitors for d in report.differences]
    *sentences, how_to_read = difference_lines(report)
    assert all(sentence.endswith("q under 0.001).") for sentence in sentences)
    assert moved == sorted(moved, reverse=True) and len(sentences) == len(moved)
    assert how_to_read.startswith("First what moves most visitors") and "q: " in how_to_read


def test_what_broke_for_all_is_said_once_with_those_who_show_it_by_themselves(tmp_path: Path) -> None:
    """On mobile it broke worse, so that this is said beside it; on desktop and tablet as for all."""
    rows = []
    for n in range(4_800):
        day, device = MONDAY + timedelta(days=n % 8), ("mobile", "desktop", "tablet", "desktop", "tablet")[n // 8 % 5]
        left = 8 if n % 8 < 4 else 1 if device == "mobile" else 4
        rows.append(event(f"v{n}", a_time(day), "add_to_cart", device=device))
        if n // 40 % 10 < left:
            rows.append(event(f"v{n}", a_time(day, 60), "purchase", device=device))
    report = told(write_log(tmp_path / "log.csv", rows), Journey(macro="purchase", days=4))
    assert [d.against for d in report.differences].count("the period before") == 4
    first, *others, _ = difference_lines(report)
    assert first.startswith('All visitors, from "Added to cart" to "Purchase": 34 % go on, 80 % in the period before')
    assert first.endswith("The same by themselves: device desktop and device tablet.")
    assert not any("The same" in line for line in others)
    assert [line.split(",")[0] for line in others if "in the period before" in line] == ["Device mobile"]


def carts_of(path: Path, steps: tuple[str, ...], last: date, days: int = 28) -> Carts | None:
    first = datetime.combine(last, time(), UTC) - timedelta(days=days - 1)
    end = datetime.combine(last, time.max, UTC)
    with event_log([path]) as log:
        whole, *_ = log.funnel(FunnelQuestion(steps=steps, first=first, last=end))
    return whole.carts


def test_orders_of_carts_are_of_those_who_filled_one_whatever_the_steps(shared_data: Path, tmp_path: Path) -> None:
    path = write_incidents(shared_data, tmp_path / "log.csv")
    # As counted with SQL over the same days; eleven of them came through every step in order.
    for steps in ((*INCIDENT_EVENTS.values(), "purchase"), ("purchase",)):
        assert carts_of(path, steps, date(2024, 5, 9)) == Carts(filled=225, ordered=81)


def test_a_cart_counts_for_an_order_only_before_it_and_within_the_period(tmp_path: Path) -> None:
    rows = [
        event("after", a_time(MONDAY, 60), "add_to_cart"),
        event("after", a_time(MONDAY, 0), "purchase"),
        event("both", a_time(MONDAY, 0), "purchase"),
        event("both", a_time(MONDAY, 60), "add_to_cart"),
        event("both", a_time(MONDAY, 90), "purchase"),
        event("old", a_time(MONDAY - timedelta(days=9)), "add_to_cart"),
        event("old", a_time(MONDAY), "purchase"),
    ]
    path = write_log(tmp_path / "log.csv", rows)
    assert carts_of(path, ("purchase",), MONDAY, days=2) == Carts(filled=2, ordered=1)
    report = told(path, Journey(macro="purchase"))
    assert report.carts == Carts(filled=3, ordered=2)
    assert carts_of(path, ("purchase", "add_to_cart"), MONDAY) is None


def test_documented_incidents_are_found_with_their_step_segment_and_days(shared_data: Path, tmp_path: Path) -> None:
    path = write_incidents(shared_data, tmp_path / "log.csv")
    bug, payment = told(path, Journey(macro="purchase")).incidents
    # A bug in the checkout on mobile from 9 April to 9 May: some two visitors a day come that far.
    assert (bug.segment.name, bug.before_step, bug.step) == ("mobile", "add_shipping_info", "add_payment_info")
    assert abs(bug.first - date(2024, 4, 9)) <= timedelta(days=5) and abs(bug.last - date(2024, 5, 9)) <= timedelta(
        days=2
    )
    assert bug.last_between[0] <= date(2024, 5, 9) <= bug.last_between[1]
    assert bug.share < 0.4 < 0.7 < bug.usual and bug.chance < 0.001 and not bug.lasting
    # An incident of the payment from 19 May to 7 June, on every device.
    assert (payment.segment.name, payment.before_step, payment.step) == ("all visitors", "add_payment_info", "purchase")
    assert payment.first == date(2024, 5, 19) and abs(payment.last - date(2024, 6, 7)) <= timedelta(days=1)
    assert payment.share < 0.4 < 0.8 < payment.usual and payment.chance < 1e-6


def test_they_are_found_under_names_that_nobody_knows(shared_data: Path, tmp_path: Path) -> None:
    """The log's own names, of which the catalogue knows one; and the same with that one renamed."""
    report = told(write_incidents(shared_data, tmp_path / "own.csv", {}), Journey(macro="purchase"))
    bug, payment = report.incidents
    assert (bug.before_step, bug.step, bug.segment.name) == ("shipping_details", "payment_details", "mobile")
    assert (payment.before_step, payment.step, payment.segment) == ("payment_details", "purchase", EVERYBODY)
    assert [step.event for step in report.steps] == [VISITORS, "add_to_cart", "purchase"]
    assert "cart, shipping_details and payment_details" in report.log.notes[-1]
    renamed = told(
        write_incidents(shared_data, tmp_path / "all.csv", {"add_to_cart": "warenkorb"}), Journey(macro="purchase")
    )
    assert [step.event for step in renamed.steps][1:] == [
        "warenkorb",
        "cart",
        "shipping_details",
        "payment_details",
        "purchase",
    ]
    assert [i.step for i in renamed.incidents] == ["payment_details", "purchase"]


def test_an_incident_that_goes_on_is_not_over(shared_data: Path, tmp_path: Path) -> None:
    path = write_incidents(shared_data, tmp_path / "log.csv")
    *_, payment = told(path, Journey(macro="purchase", as_of=date(2024, 6, 3))).incidents
    assert payment.step == "purchase" and payment.lasting


def test_who_went_on_is_counted_by_the_day_of_the_step_and_the_last_day_only_with_a_whole_day_after_it(
    tmp_path: Path,
) -> None:
    days = [MONDAY + timedelta(days=n) for n in range(4)]
    rows = [event("v", a_time(day, 60 * n), "view_item") for n, day in enumerate(days)]
    rows += [
        event("v", a_time(days[0], 60 * 60 * 24), "purchase"),
        event("v", a_time(days[2]), "purchase"),
        event("w", a_time(days[1]), "view_item"),
        event("w", a_time(days[1], -3_000), "purchase"),
        event("x", a_time(days[1]), "view_item"),
        event("x", a_time(days[1], -4_000), "purchase"),
        event("x", a_time(days[3]), "page_view"),
    ]
    with event_log([write_log(tmp_path / "log.csv", rows)]) as log:
        question = FunnelQuestion(steps=("view_item", "purchase"), first=log.summary.first, last=log.summary.last)
        (views,) = [t for t in log.step_days(question) if t.before_step == "view_item"]
    assert views.first == days[0]
    assert views.entered.tolist() == [1, 3, 1, 0]
    # Twenty-four hours later counts, so does an hour before; v's second day is followed within 24 hours as well.
    assert views.went_on.tolist() == [1, 2, 1, 0]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (Journey(macro="purchas"), "purchase"),
        (Journey(macro="purchase", steps=("view_itm",)), "view_item"),
        (Journey(macro="purchase", steps=("view_item", "view_item")), "twice"),
        (Journey(macro="purchase", steps=("purchase", "view_item")), "the last step"),
        (Journey(macro=VISITORS), "cannot be a step"),
        (Journey(macro="purchase", steps=(VISITORS,)), "cannot be a step"),
        (Journey(macro="purchase", by="campaign"), "device"),
        (Journey(macro="purchase", as_of=date(2020, 1, 1)), "before the log's first event"),
    ],
)
def test_what_the_log_cannot_answer_is_said(asked: Journey, says: str, tmp_path: Path) -> None:
    rows = [
        event("v", a_time(MONDAY), "view_item", device="mobile"),
        event("v", a_time(MONDAY), "purchase", device="mobile"),
        event("v", a_time(MONDAY), VISITORS, device="mobile"),
    ]
    with pytest.raises(UsageError) as refused:
        told(write_log(tmp_path / "log.csv", rows), asked)
    assert says in str(refused.value)
