"""What Google may do to a report, and what nobody is sure of: each played in all positions."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from adsync.sandbox.switches import SWITCHES
from tests.contract import ga4_oracle as oracle
from tests.contract.ga4 import by, cells, days, funnel, named, report, step
from tests.sandboxes import LocalSandbox

pytestmark = pytest.mark.usefixtures("no_lookups_at_google")


def turn(sandbox: LocalSandbox, name: str, position: str) -> None:
    sandbox.control.turn(f"ga4_{name}", position)


def counts(sandbox: LocalSandbox, **asked: Any) -> dict[str, str]:
    """A report of one dimension and one metric."""
    found = cells(report(sandbox, **asked))
    return {row[0]: row[1] for row in found}


def test_rare_values_fold_into_other_and_the_report_says_so(sandbox: LocalSandbox) -> None:
    asked: dict[str, Any] = {"dimensions": ["date", "eventName"], "metrics": ["eventCount"]}
    plain = report(sandbox, **asked)
    assert not plain.metadata.data_loss_from_other_row
    turn(sandbox, "other_row", "5")
    answer = report(sandbox, **asked)
    assert answer.metadata.data_loss_from_other_row
    assert len({row[1] for row in cells(answer)}) == 6 and "(other)" in {row[1] for row in cells(answer)}
    assert len({row[0] for row in cells(answer)}) == 14, "days stay apart"
    assert sum(int(row[2]) for row in cells(answer)) == sum(int(row[2]) for row in cells(plain))
    # A rare event is lost to a filter on its name, and the flag is the only sign of it.
    rare = report(sandbox, dimension_filter=named("purchase"), **asked)
    assert not rare.rows and rare.metadata.data_loss_from_other_row
    turn(sandbox, "other_row", "50")
    assert cells(report(sandbox, **asked)) == cells(plain)
    assert not report(sandbox, dimensions=["date"], metrics=["eventCount"]).metadata.data_loss_from_other_row


def test_small_groups_are_left_out_and_the_report_says_so(sandbox: LocalSandbox) -> None:
    asked: dict[str, Any] = {"dimensions": ["date", "eventName"], "metrics": ["totalUsers"]}
    plain = report(sandbox, **asked)
    assert not plain.metadata.subject_to_thresholding
    turn(sandbox, "thresholding", "10")
    answer = report(sandbox, **asked)
    assert answer.metadata.subject_to_thresholding
    assert sorted(cells(answer)) == sorted(row for row in cells(plain) if int(row[2]) >= 10)
    assert 0 < answer.row_count < plain.row_count


@pytest.mark.parametrize(("position", "share"), [("50", 0.5), ("10", 0.1)])
def test_a_sample_is_scaled_up_and_the_report_says_how_much_was_read(
    sandbox: LocalSandbox, position: str, share: float
) -> None:
    asked: dict[str, Any] = {
        "dimensions": [],
        "metrics": ["eventCount", "totalUsers", "sessions", "engagementRate"],
        "date_ranges": days("2025-10-01", "2026-01-31"),
    }
    whole = [float(number) for number in cells(report(sandbox, **asked))[0]]
    assert not report(sandbox, **asked).metadata.sampling_metadatas
    turn(sandbox, "sampling", position)
    answer = report(sandbox, **asked)
    (read,) = answer.metadata.sampling_metadatas
    assert read.sampling_space_size == whole[0]
    assert read.samples_read_count / read.sampling_space_size == pytest.approx(share, abs=0.03)
    sampled = [float(number) for number in cells(answer)[0]]
    assert sampled[0] == whole[0], "the events that were read, scaled by how many there were"
    assert sampled[1:] == pytest.approx(whole[1:], rel=0.1) and sampled[1] != whole[1]
    assert cells(report(sandbox, **asked)) == cells(answer), "the same visitors every time"
    in_funnel = funnel(sandbox, step("session_start"))
    for part in (in_funnel.funnel_table, in_funnel.funnel_visualization):
        assert part.metadata.sampling_metadatas[0].samples_read_count > 0


def test_everything_can_be_late(sandbox: LocalSandbox) -> None:
    asked: dict[str, Any] = {
        "dimensions": ["date"],
        "metrics": ["eventCount"],
        "date_ranges": days("2026-02-20", "2026-03-01"),
        "order_bys": [by("date")],
    }
    usual = counts(sandbox, **asked)
    turn(sandbox, "late_data", "72")
    late = counts(sandbox, **asked)
    assert max(usual) == "20260301" and max(late) < "20260227" and usual["20260220"] == late["20260220"]
    sandbox.control.advance(3)
    assert counts(sandbox, **asked) == usual, "three days later GA4 has what it usually has by now"
    turn(sandbox, "late_data", "off")
    assert int(counts(sandbox, **asked)["20260228"]) > int(usual["20260228"])


def test_a_funnels_headers_come_twice_or_once(sandbox: LocalSandbox) -> None:
    assert len(funnel(sandbox, step("session_start")).funnel_table.metric_headers) == 8
    turn(sandbox, "funnel_headers", "once")
    answer = funnel(sandbox, step("session_start")).funnel_table
    assert len(answer.metric_headers) == len(answer.rows[0].metric_values) == 4


def test_key_event_rates_go_up_to_1_or_up_to_100(sandbox: LocalSandbox) -> None:
    asked: dict[str, Any] = {"dimensions": [], "metrics": ["sessionKeyEventRate", "userKeyEventRate:purchase"]}
    fractions = [float(rate) for rate in cells(report(sandbox, **asked))[0]]
    turn(sandbox, "key_event_rate_scale", "percent")
    assert [float(rate) for rate in cells(report(sandbox, **asked))[0]] == pytest.approx([100 * f for f in fractions])
    assert all(0 < fraction < 1 for fraction in fractions)


def test_sessions_of_an_event_may_be_those_that_it_began(sandbox: LocalSandbox) -> None:
    asked: dict[str, Any] = {"dimensions": ["eventName"], "metrics": ["sessions"], "keep_empty_rows": True}
    usual = counts(sandbox, **asked)
    turn(sandbox, "sessions_by_event", "started")
    started = counts(sandbox, **asked)
    assert started["session_start"] == usual["session_start"] != "0"
    assert {count for name, count in started.items() if name != "session_start"} == {"0"}
    assert int(usual["page_view"]) == len({e.session for e in oracle.seen(sandbox) if e.name == "page_view"})


def test_every_switch_of_ga4_is_off_or_as_seen_in_public_by_default() -> None:
    mine = {name: switch.choices[0] for name, switch in SWITCHES.items() if name.startswith("ga4_")}
    assert mine == {
        "ga4_other_row": "off",
        "ga4_thresholding": "off",
        "ga4_sampling": "off",
        "ga4_late_data": "off",
        "ga4_funnel_headers": "twice",
        "ga4_key_event_rate_scale": "fraction",
        "ga4_sessions_by_event": "with the event",
    }


def test_switches_are_listed_with_what_they_mean(sandbox: LocalSandbox) -> None:
    turn(sandbox, "sampling", "10")
    listed = requests.get(f"{sandbox.running.running.url}/sandbox/switches", timeout=20).json()
    assert set(listed) == set(SWITCHES)
    assert listed["ga4_sampling"]["position"] == "10" and listed["ga4_late_data"]["position"] == "off"
    assert all(each["about"] and each["position"] in each["choices"] for each in listed.values())


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"ga4_sampling": "50", "ga4_moon": "full"}, "There is no switch 'ga4_moon'"),
        ({"ga4_sampling": "50", "ga4_late_data": "7"}, "ga4_late_data can be off or 24 or 48 or 72, not '7'"),
    ],
)
def test_a_wrong_position_turns_nothing(sandbox: LocalSandbox, wanted: dict[str, str], words: str) -> None:
    answer = requests.post(f"{sandbox.running.running.url}/sandbox/switches", json=wanted, timeout=20)
    assert answer.status_code == 400 and words in answer.json()["error"]["message"]
    assert sandbox.running.estate.switches["ga4_sampling"] == "off"
