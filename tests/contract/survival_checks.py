"""What must hold after a fault, wherever it was."""

from __future__ import annotations

from collections.abc import Sequence

from adsync.errors import AccessDenied
from tests.contract.survival import BUDGET, Healthy, Played, Scene, Stored, ends, fault
from tests.contract.survival_kinds import CHANGES, MUTATE, Fault


def survives(scene: Scene, stage: str, healthy: Healthy, at: int, one: Fault) -> None:
    """Plays a stage with a fault at a call, looks at everything, plays it once more in good health, and looks again."""
    scene.restore()
    before = scene.stored()
    played = scene.play(stage, fault(healthy.calls, at, one.trouble, one.times))
    _ends_as_it_should(played, one)
    _names_the_call(played, at, one)
    _sends_nothing_twice(played, healthy, one)
    _stores_reports_whole_or_not_at_all(scene, before, healthy)
    _counts_its_operations(played)
    later = scene.again(stage)
    assert later.error is None, later.error
    assert ends(scene) == healthy.at_the_end


def survives_all(scene: Scene, stage: str, healthy: Healthy, at: int, faults: Sequence[Fault]) -> None:
    """The same for many faults at one call; all of those that it does not survive are named."""
    fallen = {}
    for one in faults:
        try:
            survives(scene, stage, healthy, at, one)
        except AssertionError as error:
            fallen[one.name] = str(error)
    assert not fallen, fallen


def _ends_as_it_should(played: Played, one: Fault) -> None:
    told = "" if played.error is None else str(played.error)
    assert "defect" not in told, told
    ends = None if played.error is None else type(played.error)
    # Tokens that expire at a call to GA4 are gone for Google Ads too; a change is not sent again even then.
    late = one.trouble.forgets_tokens and ends is AccessDenied and played.calls[-1] == MUTATE
    assert ends is one.ends or late, told
    assert "\n" not in told and "<html" not in told and "Traceback" not in told
    assert played.outcome.error is None or played.outcome.error.exit_code == one.ends.exit_code if one.ends else True


def _names_the_call(played: Played, at: int, one: Fault) -> None:
    if played.error is None or not one.named:
        return
    request_id = played.error.request_id
    assert request_id and request_id in str(played.error)
    if played.calls[at].startswith("ads "):
        assert request_id in played.request_ids[at:], "the id of the call that failed, or of its repetition"


def _sends_nothing_twice(played: Played, healthy: Healthy, one: Fault) -> None:
    for call in CHANGES:
        # Google's client repeats a call to GA4 that was not admitted, with a new token, twice at most.
        repeated = 2 if call != MUTATE and one.trouble.http == 401 else 0
        assert played.calls.count(call) <= healthy.calls.count(call) + repeated


def _stores_reports_whole_or_not_at_all(scene: Scene, before: Stored, healthy: Healthy) -> None:
    for report, rows in scene.stored().items():
        assert rows in (before[report], healthy.stored[report]), f"{report} is stored in part"


def _counts_its_operations(played: Played) -> None:
    assert played.outcome.operations == played.operations_seen <= BUDGET
