"""A change without an answer, from the command line: who runs adsync again too early is told when."""

from __future__ import annotations

from datetime import datetime

from adsync.model.log import by_minute
from tests.contract.test_state import open_folder
from tests.contract.test_state_trouble import Machine, machine, prepared

__all__ = ["machine", "open_folder", "prepared"]


def test_who_applies_again_too_early_is_told_from_when_on_it_is_read_back(machine: Machine) -> None:
    machine.sandbox.control.fault("createKeyEvent", "lost")
    first = machine.adsync("apply")
    assert first.returncode == 1 and "outcome unknown" in first.stdout
    (moment,) = [row["read_back_from"] for row in machine.unsettled()]
    again = machine.adsync("apply")
    when = by_minute(datetime.fromisoformat(moment))
    words = f'Entry 1 ("add_to_cart": mark as key event in GA4) has no known outcome yet: it waits until {when} to be read back'
    assert again.returncode == 5 and words in " ".join(again.stdout.split()), again.stdout
    machine.sandbox.running.estate.now += 16 * 60
    assert machine.unsettled() == []
    assert machine.rows("select outcome from change_log") == [("applied",)]
