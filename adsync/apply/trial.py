"""A plan as `apply` would carry it out, up to the moment at which something would be sent."""

from __future__ import annotations

from dataclasses import replace

from adsync.apply.objects import Look
from adsync.apply.results import ChangeResult
from adsync.apply.runner import NOTHING_SENT, Runner
from adsync.errors import GoogleRefused
from adsync.model.change import KEY_EVENT, Change
from adsync.model.log import Outcome
from adsync.plan.outcome import state_after

_CANNOT_VALIDATE = "MutateError.RESOURCE_DOES_NOT_SUPPORT_VALIDATE_ONLY"


class Trial(Runner):
    """Google validates each change; nothing is changed, nothing written down. What follows is looked at as if it were done."""

    def _is_done(self, result: ChangeResult) -> bool:
        return result.outcome is Outcome.VALID or super()._is_done(result)

    def _send(self, name: str, change: Change, look: Look) -> Look:
        if change.is_kept_here:
            self._note(name, change, Outcome.VALID, NOTHING_SENT)
            return look
        if left := self.allowance.take(self.plan.origin):
            self._note(name, change, Outcome.SKIPPED, left)
            return look
        said = "GA4 cannot validate without doing." if change.kind == KEY_EVENT else "Google would accept it."
        try:
            self.writer.send(change, validate_only=True)
        except GoogleRefused as error:
            if error.code != _CANNOT_VALIDATE:
                self._note(name, change, Outcome.FAILED, str(error))
                return look
            said = "Google Ads cannot validate this without doing it."
        self._note(name, change, Outcome.VALID, said)
        self.past = self.past.looking_after(change)
        after = state_after(look.over(self.state), change)
        return replace(look, actions=after.actions, campaigns=after.campaigns, goals=after.goals)

    def _record_already(self, name: str, change: Change, look: Look) -> None:
        self._note(name, change, Outcome.ALREADY, "It is so already.")
