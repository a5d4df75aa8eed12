"""What adsync has changed and somebody has undone before the next copy is told, though no copy shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adsync.differences import moved_between, not_copied_yet, outside
from adsync.model.change import TARGET_FIELDS, fields
from adsync.model.decision import Verb
from adsync.model.difference import Moved
from adsync.model.target import CAMPAIGN
from tests.builders import TODAY, a_campaign, a_change
from tests.contract.stored_shop import SET_APART, Shop, at, stored_shop

EVER = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """Copied yesterday, with the helper secondary."""
    with stored_shop(tmp_path) as found:
        found.settings(TODAY - timedelta(days=1), primary=False)
        found.settings(TODAY, primary=False)
        yield found


def told(found: tuple[Moved, ...]) -> list[tuple[object, object, int | None]]:
    return [(m.difference.before, m.difference.after, m.entry_id) for m in found]


def test_a_promotion_that_is_undone_before_the_next_night_is_adsyncs_and_then_somebodys(shop: Shop) -> None:
    entry = shop.changed(a_change(Verb.PROMOTE), TODAY)
    for day in (1, 2, 3):
        shop.settings(TODAY + timedelta(days=day), primary=False)
    found = moved_between(shop.account, shop.state, TODAY - timedelta(days=1), TODAY + timedelta(days=3))
    assert told(found) == [(False, True, entry.id), (True, False, None)]
    assert [(m.after, m.until) for m in found] == [(at(TODAY), at(TODAY)), (at(TODAY), at(TODAY + timedelta(days=1)))]
    assert outside(shop.account, shop.state, EVER) == found[1:]
    later = moved_between(shop.account, shop.state, TODAY + timedelta(days=1), TODAY + timedelta(days=3))
    assert later == (), "it was over before"


def test_what_stands_at_the_next_copy_is_told_once(shop: Shop) -> None:
    entry = shop.changed(a_change(Verb.PROMOTE), TODAY)
    # The same moment once more, as on a clock that stands still, and the nights after it.
    for day in (0, 1, 2):
        shop.settings(TODAY + timedelta(days=day), primary=True)
    found = moved_between(shop.account, shop.state, TODAY - timedelta(days=1), TODAY + timedelta(days=2))
    assert told(found) == [(False, True, entry.id)]
    assert outside(shop.account, shop.state, EVER) == ()


def test_what_adsync_has_taken_back_itself_is_nobodys_change(shop: Shop) -> None:
    shop.changed(a_change(Verb.PROMOTE), TODAY)
    shop.changed(a_change(Verb.DEMOTE), TODAY, "rollback")
    shop.settings(TODAY + timedelta(days=1), primary=False)
    assert moved_between(shop.account, shop.state, TODAY, TODAY + timedelta(days=1)) == ()


def test_a_target_that_was_moved_on_elsewhere_is_told_from_where_adsync_had_moved_it(shop: Shop) -> None:
    field = TARGET_FIELDS["TARGET_CPA"]
    brand = a_campaign(strategy="TARGET_CPA", target_cpa_micros=10_000_000)
    shop.campaigns = (brand, SET_APART)
    shop.settings(TODAY, primary=False)
    step = a_change(
        Verb.TARGET, kind=CAMPAIGN, object_id="1", before=fields(**{field: 10e6}), after=fields(**{field: 9e6})
    )
    entry = shop.changed(step, TODAY)
    shop.campaigns = (replace(brand, target_cpa_micros=7_000_000), SET_APART)
    shop.settings(TODAY + timedelta(days=1), primary=False)
    found = moved_between(shop.account, shop.state, TODAY, TODAY + timedelta(days=1))
    assert told(found) == [(10_000_000, 9_000_000, entry.id), (9_000_000, 7_000_000, None)]


def test_what_adsync_has_changed_since_the_newest_copy_is_named(shop: Shop) -> None:
    entry = shop.changed(a_change(Verb.PROMOTE), TODAY)
    assert moved_between(shop.account, shop.state, TODAY, TODAY) == ()
    assert not_copied_yet(shop.account, shop.state, TODAY) == (entry,)
    assert not_copied_yet(shop.account, shop.state, TODAY - timedelta(days=1)) == (), (
        "of an earlier day nobody expects it"
    )
    shop.settings(TODAY + timedelta(days=1), primary=True)
    assert not_copied_yet(shop.account, shop.state, TODAY + timedelta(days=1)) == ()
