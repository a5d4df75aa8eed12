"""One simulated year of one account: what the rule did, and on which nights."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from adsync.decide.replay import Answers, Known, replay, stand_ins
from adsync.model.freeze import Freeze
from adsync.model.policy import Policy
from adsync.model.window import Window
from adsync.simulate.draw import FIRST_NIGHT, Drawn, draw, fading_over
from adsync.simulate.kinds import YEAR, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What became of one account. retired, returned: the nights of each change, counted from the first.

    all_retired: the nights after which no helper was bid on any more.
    """

    retired: tuple[int, ...]
    returned: tuple[int, ...]
    all_retired: tuple[int, ...]

    @property
    def changes(self) -> int:
        return len(self.retired) + len(self.returned)


def live(kind: Kind, policy: Policy, answers: Answers, *, helpers: int, seed: tuple[int, ...]) -> Life:
    """One account of a kind, night after night. The same seed makes the same account."""
    account = _Account(draw(kind, np.random.default_rng(seed)))
    policy = replace(policy, freezes=(*policy.freezes, *(Freeze(days=days) for days in account.drawn.declared)))
    retired, returned, all_retired = [], [], []
    nights = Window(FIRST_NIGHT, FIRST_NIGHT + timedelta(days=YEAR - 1))
    for night in replay(policy, account.known, stand_ins(helpers), nights, answers=answers):
        number = (night.on - FIRST_NIGHT).days
        if night.applied == "demote":
            retired.append(number)
            if not night.primary:
                all_retired.append(number)
                account.lose_helpers(night.on)
        elif night.applied == "restore":
            returned.append(number)
            account.regain_helpers(night.on)
    return Life(retired=tuple(retired), returned=tuple(returned), all_retired=tuple(all_retired))


class _Account:
    """What is known of an account; its sales may depend on what is done with it."""

    def __init__(self, drawn: Drawn) -> None:
        self.drawn = drawn
        self._now = drawn.with_helpers

    def known(self, night: date) -> Known:
        return Known.final(self._now, night)

    def lose_helpers(self, on: date) -> None:
        self._now = fading_over(self.drawn, on)

    def regain_helpers(self, on: date) -> None:
        """From now on sales are as they would have been; what was lost stays lost."""
        now, whole = self._now.macro, self.drawn.with_helpers.macro
        if now is whole:
            return
        kept = (on - now.first).days
        series = replace(now, values=(*now.values[:kept], *whole.values[kept:]))
        self._now = replace(self._now, macro=series)
