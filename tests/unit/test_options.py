"""What the command line takes as a number."""

from __future__ import annotations

import pytest

from adsync.cli import run


@pytest.mark.parametrize("command", [["score", "--events", "log.csv", "--macro", "purchase"], ["backtest"]])
def test_a_demand_line_that_is_no_number_is_refused(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*command, "--demand", "nan"]) == 2
    assert "nan is not in the range 5<=x<=1000" in capsys.readouterr().err
