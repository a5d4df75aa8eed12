"""The naming map as people and programs get it."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from adsync.catalog import BUSINESSES, CATALOGUE, MAIN_GOALS, menu
from adsync.cli import run
from adsync.cli.score_names import show_names


@pytest.fixture
def shown(capsys: pytest.CaptureFixture[str]) -> Any:
    def show(*options: str) -> str:
        code = run(["score", "--names", *options])
        said = capsys.readouterr()
        assert (code, said.err) == (0, "")
        return said.out

    return show


def test_every_name_stands_whole_in_columns_that_line_up(shown: Any) -> None:
    heading, *lines = shown().splitlines()
    columns = [heading.index(word) for word in ("GA4", "What", "Condition", "Google Ads", "Meta", "LinkedIn", "TikTok")]
    cells = [[line[a:b].strip() for a, b in pairwise(columns)] for line in lines[:-2]]
    assert len({row[0] for row in cells}) == len(cells) == len({e.event_name for e in (*CATALOGUE, *MAIN_GOALS)})
    assert ["third_page", "Third page of a session", "page_view*3", "ENGAGEMENT", "custom", "OTHER*"] in cells
    assert ["add_to_cart", "Added to cart", "", "ADD_TO_CART", "AddToCart", "ADD_TO_CART"] in cells
    assert lines[-2].startswith("* not verified")


@pytest.mark.parametrize("business", BUSINESSES)
def test_a_business_gets_its_menu_and_its_main_goals_after_it(shown: Any, business: str) -> None:
    names = [line.split()[0] for line in shown("--business", business).splitlines()[1:-2]]
    wanted = [e.event_name for e in (*menu(business), *(e for e in MAIN_GOALS if business in e.businesses))]
    assert names == wanted


def test_the_document_has_all_that_is_known(shown: Any) -> None:
    document = json.loads(shown("--json"))
    assert document["schema"] == 1 and len(document["data"]) == len(CATALOGUE) + len(MAIN_GOALS)
    (trial,) = (found for found in document["data"] if found["event"] == "start_trial")
    assert trial["names"]["tiktok"] == {"name": "StartTrial", "verified": False}
    del trial["names"]
    assert trial == {
        "event": "start_trial",
        "title": "Trial begun",
        "condition": "start_trial",
        "category": "SIGNUP",
        "counting_type": "ONE_PER_CLICK",
        "depth": 5,
        "on_path": True,
        "origin": "custom",
        "businesses": ["saas"],
        "taken": False,
        "main_goal": False,
    }


def test_without_a_config_it_says_what_needs_none(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["score"]) == 2
    said = capsys.readouterr().err
    assert "There is no config file adsync.yaml. Write one with: adsync init" in said
    assert "adsync score --events export/ --macro purchase   or: adsync score --names" in said


def test_a_terminal_too_narrow_for_a_line_shows_whole_names_below_each_other(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for width in (40, 120, 300):
        show_names("leads", Console(width=width, force_terminal=True, color_system=None))
        said = capsys.readouterr().out
        assert ("MARKETING_QUALIFIED_LEAD*" in said) and max(map(len, said.splitlines())) <= width
        assert ("\nGoogle Ads" in said) == (width < 300)
