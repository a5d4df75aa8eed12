"""What is known on a night of one account, and its helpers as the demand rule sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from adsync.decide.drift import DRIFT
from adsync.decide.mirrors import missing_mirrors
from adsync.decide.refusals import allowed, without_way_back
from adsync.decide.stops import stopped_helpers
from adsync.model.account import Account, Candidate
from adsync.model.ads import AccountState, ConversionAction
from adsync.model.capability import Capability
from adsync.model.decision import Decision, Helper, Hold
from adsync.model.evidence import Evidence
from adsync.model.goal import as_flags, resting
from adsync.model.grade import DECIDING
from adsync.model.history import History
from adsync.model.holds import Cleared
from adsync.model.log import Past
from adsync.model.policy import Policy
from adsync.model.pulled import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """What one night's decisions read. stopped: what stops single helpers, as `stops` says. missing: by event the
    mirrors that do not come. resting: ids of helpers whose goal adsync has switched off; in the snapshot they are secondary, and
    the goal is on: that is the same to bidding. around: the account as it was left by the last change of who is bid on, and as
    it was read, goals as they are."""

    account: Account
    snapshot: Snapshot
    history: History
    evidence: Mapping[str, Evidence]
    past: Past
    cleared: frozenset[Cleared]
    around: tuple[AccountState | None, AccountState]
    stopped: Mapping[str, Hold]
    missing: Mapping[str, Hold]
    resting: frozenset[str]

    @classmethod
    def of(
        cls,
        account: Account,
        snapshot: Snapshot,
        history: History,
        evidence: Sequence[Evidence],
        past: Past,
        cleared: frozenset[Cleared],
        then: AccountState | None = None,
    ) -> Night:
        rest = resting(snapshot.state, past.switched_off, past.counted_by)
        known = history.capabilities
        stopped = stopped_helpers(account, snapshot, past, history.as_of, cleared)
        return cls(
            account=account,
            snapshot=replace(snapshot, state=as_flags(snapshot.state, rest)),
            history=history,
            evidence={e.event_name: e for e in evidence if e.grade in DECIDING},
            past=past,
            cleared=cleared,
            around=(then, snapshot.state),
            stopped={name: _to_do(hold, snapshot.state, known) for name, hold in stopped.items()},
            missing=missing_mirrors(account, snapshot, past),
            resting=frozenset(a.id for a in rest),
        )

    @property
    def policy(self) -> Policy:
        """Its numbers; the demand line is each scope's own."""
        return self.account.policy

    @property
    def state(self) -> AccountState:
        return self.snapshot.state

    @property
    def capabilities(self) -> tuple[Capability, ...]:
        return self.history.capabilities

    @property
    def helpers(self) -> list[Helper]:
        """The candidates that adsync has made an action of, in the account's order."""
        return [h for c in self.account.candidates if (h := self._helper(c)) is not None]

    def _helper(self, candidate: Candidate) -> Helper | None:
        """The candidate's action as the demand rule sees it; None where adsync has made none."""
        action = self.action_of(candidate)
        if action is None or action.status != "ENABLED" or action.id not in self.past.managed:
            return None
        known = self.evidence.get(candidate.event_name)
        return Helper(
            action_id=action.id,
            event_name=candidate.event_name,
            primary=action.primary_for_goal,
            trusted=action.id in self.past.trusted,
            worth=known.share.point if known else 0.0,
        )

    def action_of(self, candidate: Candidate) -> ConversionAction | None:
        return self.account.action_of(self.state, candidate, self.past.counted_by)

    def allowed(self, decision: Decision) -> Decision:
        """The decision as far as Google lets it be carried out."""
        return allowed(decision, self.state, self.capabilities, self.resting)


def _to_do(hold: Hold, state: AccountState, known: Sequence[Capability]) -> Hold:
    return without_way_back(hold, state, known) if hold.code == DRIFT else hold
