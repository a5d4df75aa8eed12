"""runFunnelReport in depth: open and closed funnels, segments, breakdowns, next actions and trends, recounted by hand."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from google.analytics.data_v1alpha import types as alpha
from google.api_core import exceptions as core

from tests.contract import ga4_oracle as oracle
from tests.contract.ga4 import cells, event, funnel, step
from tests.sandboxes import LocalSandbox

pytestmark = pytest.mark.usefixtures("no_lookups_at_google")

Path = list[oracle.Seen]
Test = Callable[[oracle.Seen], bool]


def field(name: str, value: str) -> alpha.FunnelFilterExpression:
    wanted = alpha.FunnelFieldFilter(field_name=name, string_filter=alpha.StringFilter(value=value))
    return alpha.FunnelFilterExpression(funnel_field_filter=wanted)


def users(answer: Any) -> list[int]:
    return [int(row.metric_values[0].value) for row in answer.funnel_table.rows]


def paths(sandbox: LocalSandbox) -> list[Path]:
    """Each visitor's events in order."""
    found: dict[int, Path] = defaultdict(list)
    for e in oracle.seen(sandbox):
        found[e.user].append(e)
    return list(found.values())


def is_(name: str) -> Test:
    return lambda e: e.name == name


def walk(path: Path, tests: Sequence[Test], within: float = 1e12, directly: bool = False) -> list[list[int]]:
    """For each step of a closed funnel the positions of a visitor's events that reach it."""
    reached = [[i for i, e in enumerate(path) if tests[0](e)]]
    for test in tests[1:]:
        before = reached[-1]
        reached.append(
            [
                i
                for i, e in enumerate(path)
                if test(e)
                and any(b == i - 1 if directly else 0 < e.seconds - path[b].seconds <= within for b in before)
            ]
        )
    return reached


def closed(some: Sequence[Path], *tests: Test, **how: Any) -> list[int]:
    walked = [walk(path, tests, **how) for path in some]
    return [sum(bool(reached[k]) for reached in walked) for k in range(len(tests))]


# Steps ---------------------------------------------------------------------------------------------------------------


def test_an_open_funnel_is_entered_at_any_step(shared_sandbox: LocalSandbox) -> None:
    answer = funnel(shared_sandbox, step("add_to_cart"), step("begin_checkout"), step("purchase"), is_open=True)
    tests = [is_("add_to_cart"), is_("begin_checkout"), is_("purchase")]
    by_hand = [sum(any(test(e) for e in path) for path in paths(shared_sandbox)) for test in tests]
    assert users(answer) == by_hand
    # Who goes on is counted from each step anew.
    onward = [closed(paths(shared_sandbox), *tests[k : k + 2])[1] for k in range(2)]
    rates = [float(row.metric_values[1].value) for row in answer.funnel_table.rows]
    assert rates[:2] == [pytest.approx(onward[k] / by_hand[k]) for k in range(2)]


def test_a_step_may_have_to_follow_directly(shared_sandbox: LocalSandbox) -> None:
    steps = step("session_start"), step("page_view", is_directly_followed_by=True)
    tests = is_("session_start"), is_("page_view")
    directly = closed(paths(shared_sandbox), *tests, directly=True)
    found = users(funnel(shared_sandbox, *steps))
    # Events of one second have no order of their own; the log's is as good as any.
    assert found[0] == directly[0] and found[1] == pytest.approx(directly[1], abs=3)
    assert found[1] != users(funnel(shared_sandbox, step("session_start"), step("page_view")))[1]


def test_steps_are_made_of_events_fields_and_values(shared_sandbox: LocalSandbox) -> None:
    several = alpha.FunnelFilterExpressionList
    phone_cart = alpha.FunnelFilterExpression(
        and_group=several(expressions=[event("add_to_cart"), field("deviceCategory", "mobile")])
    )
    no_page = alpha.FunnelFilterExpression(
        not_expression=alpha.FunnelFilterExpression(
            or_group=several(expressions=[event("page_view"), event("session_start")])
        )
    )
    found = users(
        funnel(shared_sandbox, step(phone_cart), step(no_page, within_duration_from_prior_step=timedelta(hours=1)))
    )
    assert found == closed(
        paths(shared_sandbox),
        lambda e: e.name == "add_to_cart" and e.device == "mobile",
        lambda e: e.name not in ("page_view", "session_start"),
        within=3600,
    )
    worth = alpha.FunnelParameterFilter(
        event_parameter_name="value",
        numeric_filter=alpha.NumericFilter(
            operation=alpha.NumericFilter.Operation.GREATER_THAN, value=alpha.NumericValue(int64_value=80)
        ),
    )
    dear = alpha.FunnelFilterExpression(
        funnel_event_filter=alpha.FunnelEventFilter(
            event_name="purchase",
            funnel_parameter_filter_expression=alpha.FunnelParameterFilterExpression(funnel_parameter_filter=worth),
        )
    )
    bought = users(funnel(shared_sandbox, step("session_start"), step(dear)))
    assert (
        bought[1]
        == closed(paths(shared_sandbox), is_("session_start"), lambda e: e.name == "purchase" and e.value > 80)[1]
    )


def test_a_step_without_a_name_is_called_by_its_event(shared_sandbox: LocalSandbox) -> None:
    answer = funnel(shared_sandbox, step(event("page_view")), step(field("deviceCategory", "mobile")), step("scroll"))
    names = [row.dimension_values[0].value for row in answer.funnel_table.rows]
    assert names == ["1. page_view", "2. Step 2", "3. scroll"]


def test_a_filter_on_dimensions_holds_for_the_whole_funnel(shared_sandbox: LocalSandbox) -> None:
    phone = alpha.FilterExpression(
        filter=alpha.Filter(field_name="deviceCategory", string_filter=alpha.StringFilter(value="mobile"))
    )
    found = users(funnel(shared_sandbox, step("session_start"), step("add_to_cart"), dimension_filter=phone))
    mine = [path for path in paths(shared_sandbox) if path[0].device == "mobile"]
    assert found == closed(mine, is_("session_start"), is_("add_to_cart"))


# Segments ------------------------------------------------------------------------------------------------------------


def did(name: str) -> alpha.SegmentFilterExpression:
    return alpha.SegmentFilterExpression(segment_event_filter=alpha.SegmentEventFilter(event_name=name))


def on(device: str) -> alpha.SegmentFilterExpression:
    wanted = alpha.SegmentFilter(field_name="deviceCategory", string_filter=alpha.StringFilter(value=device))
    return alpha.SegmentFilterExpression(segment_filter=wanted)


def both(*expressions: alpha.SegmentFilterExpression) -> alpha.SegmentFilterExpression:
    return alpha.SegmentFilterExpression(and_group=alpha.SegmentFilterExpressionList(expressions=list(expressions)))


def user_criteria(expression: alpha.SegmentFilterExpression, scoping: Any = 0) -> alpha.UserSegmentCriteria:
    group = alpha.UserSegmentConditionGroup(segment_filter_expression=expression, condition_scoping=scoping)
    return alpha.UserSegmentCriteria(and_condition_groups=[group])


def users_who(expression: alpha.SegmentFilterExpression, name: str = "", scoping: Any = 0) -> alpha.Segment:
    criteria = user_criteria(expression, scoping)
    return alpha.Segment(name=name, user_segment=alpha.UserSegment(user_inclusion_criteria=criteria))


def users_without(name: str, for_good: bool = True) -> alpha.Segment:
    duration = alpha.UserExclusionDuration
    exclusion = alpha.UserSegmentExclusion(
        user_exclusion_criteria=user_criteria(did(name)),
        user_exclusion_duration=duration.USER_EXCLUSION_PERMANENT if for_good else duration.USER_EXCLUSION_TEMPORARY,
    )
    return alpha.Segment(name=f"no {name}", user_segment=alpha.UserSegment(exclusion=exclusion))


def test_users_without_an_event_are_the_baseline_that_excludes_it(shared_sandbox: LocalSandbox) -> None:
    answer = funnel(
        shared_sandbox,
        step("session_start"),
        step("purchase"),
        segments=[users_without("add_to_cart"), users_who(did("add_to_cart"))],
    )
    table = answer.funnel_table
    assert [h.name for h in table.dimension_headers] == ["funnelStepName", "segment"]
    assert [tuple(v.value for v in row.dimension_values) for row in table.rows] == [
        ("1. session_start", "1. no add_to_cart"),
        ("1. session_start", "2. Segment 2"),
        ("2. purchase", "1. no add_to_cart"),
        ("2. purchase", "2. Segment 2"),
    ]
    every = paths(shared_sandbox)
    cart = [path for path in every if any(e.name == "add_to_cart" for e in path)]
    rest = [path for path in every if path not in cart]
    tests = is_("session_start"), is_("purchase")
    without, having = closed(rest, *tests), closed(cart, *tests)
    assert users(answer) == [without[0], having[0], without[1], having[1]]
    assert users(funnel(shared_sandbox, step("session_start"), step("purchase"))) == [
        a + b for a, b in zip(without, having, strict=True)
    ]


def test_excluded_for_a_time_a_user_keeps_the_other_sessions(shared_sandbox: LocalSandbox) -> None:
    answer = funnel(shared_sandbox, step("page_view"), segments=[users_without("add_to_cart", for_good=False)])
    carts = {e.session for e in oracle.seen(shared_sandbox) if e.name == "add_to_cart"}
    kept = [e for e in oracle.seen(shared_sandbox) if e.session not in carts]
    assert users(answer) == [len({e.user for e in kept if e.name == "page_view"})]


@pytest.mark.parametrize("scoping", ["WITHIN_SAME_EVENT", "WITHIN_SAME_SESSION", "ACROSS_ALL_SESSIONS"])
def test_conditions_on_users_are_scoped(shared_sandbox: LocalSandbox, scoping: str) -> None:
    wanted = both(did("scroll"), did("view_item"))
    kind = getattr(alpha.UserCriteriaScoping, f"USER_CRITERIA_{scoping}")
    answer = funnel(shared_sandbox, step("session_start"), segments=[users_who(wanted, scoping=kind)])

    def member(path: Path) -> bool:
        if scoping == "ACROSS_ALL_SESSIONS":
            return {"scroll", "view_item"} <= {e.name for e in path}
        if scoping == "WITHIN_SAME_EVENT":
            return False
        sessions = {e.session for e in path}
        return any({"scroll", "view_item"} <= {e.name for e in path if e.session == s} for s in sessions)

    mine = [path for path in paths(shared_sandbox) if member(path)]
    assert users(answer) == closed(mine, is_("session_start"))


def test_sessions_and_events_can_be_segments(shared_sandbox: LocalSandbox) -> None:
    session_group = alpha.SessionSegmentConditionGroup(segment_filter_expression=both(did("scroll"), on("mobile")))
    sessions = alpha.Segment(
        name="scrolled",
        session_segment=alpha.SessionSegment(
            session_inclusion_criteria=alpha.SessionSegmentCriteria(and_condition_groups=[session_group])
        ),
    )
    excluded = alpha.EventSegmentConditionGroup(segment_filter_expression=on("desktop"))
    events = alpha.Segment(
        event_segment=alpha.EventSegment(
            exclusion=alpha.EventSegmentExclusion(
                event_exclusion_duration=alpha.EventExclusionDuration.EVENT_EXCLUSION_PERMANENT,
                event_exclusion_criteria=alpha.EventSegmentCriteria(and_condition_groups=[excluded]),
            )
        )
    )
    answer = funnel(shared_sandbox, step("page_view"), segments=[sessions, events])
    seen = oracle.seen(shared_sandbox)
    scrolled = {e.session for e in seen if e.name == "scroll" and e.device == "mobile"}
    views = [e for e in seen if e.name == "page_view"]
    assert users(answer) == [
        len({e.user for e in views if e.session in scrolled}),
        len({e.user for e in views if e.device != "desktop"}),
    ]


# Breakdowns, trends, next actions ------------------------------------------------------------------------------------


def test_a_breakdown_has_a_total_and_a_row_for_each_value(shared_sandbox: LocalSandbox) -> None:
    breakdown = alpha.FunnelBreakdown(breakdown_dimension=alpha.Dimension(name="deviceCategory"))
    answer = funnel(shared_sandbox, step("session_start"), step("add_to_cart"), funnel_breakdown=breakdown)
    assert [h.name for h in answer.funnel_table.dimension_headers] == ["funnelStepName", "deviceCategory"]
    rows = {
        tuple(v.value for v in row.dimension_values): int(row.metric_values[0].value)
        for row in answer.funnel_table.rows
    }
    assert next(iter(rows)) == ("1. session_start", "RESERVED_TOTAL") and len(rows) == 8
    for number, name in enumerate(("1. session_start", "2. add_to_cart")):
        for device in ("mobile", "desktop", "tablet"):
            mine = [path for path in paths(shared_sandbox) if path[0].device == device]
            assert rows[name, device] == closed(mine, is_("session_start"), is_("add_to_cart"))[number]
    few = alpha.FunnelBreakdown(breakdown_dimension=alpha.Dimension(name="date"), limit=2)
    chosen = funnel(shared_sandbox, step("session_start"), funnel_breakdown=few).funnel_table.rows
    by_day = Counter(
        e.date for e in {(e.user, e.date): e for e in oracle.seen(shared_sandbox) if e.name == "session_start"}.values()
    )
    assert [int(row.metric_values[0].value) for row in chosen[1:]] == [count for _, count in by_day.most_common(2)]


def test_a_picture_shows_users_by_step_and_when_trended_by_day(shared_sandbox: LocalSandbox) -> None:
    standard = funnel(shared_sandbox, step("session_start"), step("purchase"))
    assert [h.name for h in standard.funnel_visualization.metric_headers] == ["activeUsers"]
    assert [int(row[1]) for row in cells(standard.funnel_visualization)] == users(standard)
    kind = alpha.RunFunnelReportRequest.FunnelVisualizationType.TRENDED_FUNNEL
    trended = funnel(shared_sandbox, step("page_view"), step("scroll"), funnel_visualization_type=kind)
    assert [h.name for h in trended.funnel_visualization.dimension_headers] == ["funnelStepName", "date"]
    found = {(name, day): int(count) for name, day, count in cells(trended.funnel_visualization)}
    by_day: dict[str, set[int]] = defaultdict(set)
    for path in paths(shared_sandbox):
        for i in walk(path, [is_("page_view"), is_("scroll")])[1]:
            by_day[path[i].date].add(path[i].user)
    assert {day: count for (name, day), count in found.items() if name == "2. scroll"} == {
        day: len(who) for day, who in by_day.items()
    }


def test_next_actions_are_what_users_do_right_after_a_step(shared_sandbox: LocalSandbox) -> None:
    action = alpha.FunnelNextAction(next_action_dimension=alpha.Dimension(name="eventName"), limit=3)
    answer = funnel(shared_sandbox, step("view_item"), funnel_next_action=action)
    assert [h.name for h in answer.funnel_visualization.dimension_headers] == ["funnelStepName", "eventName"]
    found = cells(answer.funnel_visualization)
    assert found[0] == ("1. view_item", "RESERVED_TOTAL", str(users(answer)[0])) and len(found) == 4
    after: Counter[str] = Counter()
    for path in paths(shared_sandbox):
        first = next((i for i, e in enumerate(path) if e.name == "view_item"), None)
        if first is not None and first + 1 < len(path):
            after[path[first + 1].name] += 1
    for _, name, count in found[1:]:
        assert int(count) == pytest.approx(after[name], abs=3)


# Bounds and refusals -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("different", "words"),
    [
        ({"funnel": alpha.Funnel()}, "at least one step"),
        ({"funnel": alpha.Funnel(steps=[alpha.FunnelStep(name="x")])}, "needs a filterExpression"),
        ({"date_ranges": []}, "A dateRange is required"),
        ({"limit": -1}, "limit must be positive"),
        ({"segments": [users_without("scroll")] * 5}, "limited to 4 segments"),
        ({"segments": [alpha.Segment(name="x")]}, "must be a userSegment"),
        (
            {"funnel_breakdown": alpha.FunnelBreakdown(breakdown_dimension=alpha.Dimension(name="date"), limit=16)},
            "funnelBreakdown must be between 1 and 15",
        ),
        (
            {"funnel_next_action": alpha.FunnelNextAction(next_action_dimension=alpha.Dimension(name="date"))},
            "date is not a valid next action dimension",
        ),
        (
            {"funnel_breakdown": alpha.FunnelBreakdown(breakdown_dimension=alpha.Dimension(name="moon"))},
            "moon is not a valid dimension",
        ),
    ],
)
def test_a_funnel_that_cannot_be_is_a_bad_request(
    shared_sandbox: LocalSandbox, different: dict[str, Any], words: str
) -> None:
    with pytest.raises(core.BadRequest, match=words):
        funnel(shared_sandbox, step("session_start"), **different)


def test_what_the_log_cannot_tell_is_refused_by_name(shared_sandbox: LocalSandbox) -> None:
    wanted = alpha.FunnelParameterFilter(
        event_parameter_name="percent_scrolled", string_filter=alpha.StringFilter(value="90")
    )
    deep = alpha.FunnelFilterExpression(
        funnel_event_filter=alpha.FunnelEventFilter(
            event_name="scroll",
            funnel_parameter_filter_expression=alpha.FunnelParameterFilterExpression(funnel_parameter_filter=wanted),
        )
    )
    with pytest.raises(core.BadRequest, match="no parameter percent_scrolled"):
        funnel(shared_sandbox, step(deep))


def test_a_limit_cuts_the_rows(shared_sandbox: LocalSandbox) -> None:
    assert len(funnel(shared_sandbox, step("scroll"), step("purchase"), limit=1).funnel_table.rows) == 1
