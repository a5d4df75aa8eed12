"""One account as its owner describes it in the config."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import date

from adsync.model.ads import AccountState, ConversionAction
from adsync.model.condition import Condition
from adsync.model.limits import ChangeLimits
from adsync.model.policy import DEFAULT_AUTO, Policy
from adsync.model.protected import Protected
from adsync.model.scope import Scope, ScopeKind, scopes_of
from adsync.model.sharing import CrossAccount, Disagreement, Sharing, disagreement


@dataclass(frozen=True, slots=True, kw_only=True)
class Macro:
    """The main goal: its GA4 event, and the conversion actions (id or exact name) that stand for it in Google Ads."""

    event_name: str
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An event that might announce the macro.

    category: what Google Ads calls it. depth: its usual place in the funnel, 1 early to 9 late.
    on_path: it is a step that leads to the macro. distinct_from: ids or exact names of conversion actions that look as if they
    counted it and count something else.
    route: "ga4" takes the mirror that Google makes of the key event; "tag" creates an action that needs its tag.
    """

    event_name: str
    title: str
    category: str
    depth: int
    route: str = "ga4"
    on_path: bool = False
    distinct_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A Google Ads account, its GA4 property, and what its owner wants.

    customer_id, login_customer_id: ten digits. property_id: digits. *_credentials: names from the config.
    event_log: files, folders or addresses of the log of single events that the night scores; none where it has none.
    conditions: more candidates, for logs of events only: Google counts no conditions, so that nobody can bid on one.
    scope: what is decided as one.
    auto: kinds of change that run without asking. name_prefix: put before the names of actions that adsync creates.
    limits: how many changes may be made at most. protected: of what nothing is changed. cross_account: what was agreed to
    where another account owns the conversion actions; None where nothing was. decided_by: the account of the config that
    agreed to changes which meet this one.
    """

    name: str
    customer_id: str
    property_id: str
    macro: Macro
    candidates: tuple[Candidate, ...]
    conditions: tuple[Condition, ...] = ()
    event_log: tuple[str, ...] = ()
    business: str = "shop"
    login_customer_id: str = ""
    read_credentials: str = "default"
    write_credentials: str = "default"
    policy: Policy = field(default_factory=Policy)
    scope: ScopeKind = ScopeKind.GOALS
    auto: frozenset[str] = DEFAULT_AUTO
    name_prefix: str = "adsync: "
    limits: ChangeLimits = field(default_factory=ChangeLimits)
    protected: Protected = field(default_factory=Protected)
    cross_account: CrossAccount | None = None
    decided_by: str = ""

    @property
    def events(self) -> tuple[str, ...]:
        """Macro first, then every candidate."""
        return (self.macro.event_name, *(c.event_name for c in self.candidates))

    def candidate(self, event_name: str) -> Candidate | None:
        return next((c for c in self.candidates if c.event_name == event_name), None)

    def action_of(
        self, state: AccountState, candidate: Candidate, counted_by: tuple[tuple[str, str], ...] = ()
    ) -> ConversionAction | None:
        """The action that counts a candidate; None while there is none.

        counted_by: what the change log says, by events. It goes by ids: an action with a new name is the same action.
        """
        known = state.action(dict(counted_by).get(candidate.event_name, ""))
        if known is not None and known.status != "REMOVED":
            return known
        if candidate.route == "tag":
            return next(iter(state.actions_named(self.tag_name(candidate))), None)
        return state.mirror_of(self.property_id, candidate.event_name)

    def macro_actions(self, state: AccountState) -> tuple[ConversionAction, ...]:
        """The configured macro actions that exist, in the order of the config, each once."""
        found = (action for name in self.macro.actions for action in state.actions_named(name))
        return tuple(dict.fromkeys(found))

    def scopes(self, state: AccountState) -> tuple[Scope, ...]:
        """The parts of the account that are decided each by itself, at least one."""
        return scopes_of(state, self.scope, {action.goal for action in self.macro_actions(state)})

    def disagreement(self, sharing: Sharing | None) -> Disagreement | None:
        """Why nothing may be changed in the account at all; None where something may."""
        return disagreement(self.cross_account, sharing, self.decided_by)

    @property
    def fingerprint(self) -> str:
        """A hash of everything that its owner has said of it and that a night decides by."""
        said = asdict(self)
        # They decide what becomes of a plan, not what stands in it.
        del said["limits"], said["protected"], said["cross_account"], said["decided_by"]
        if not self.event_log:
            # Without a log nothing is asked of conditions, and the hash is that of versions that knew no logs.
            del said["conditions"], said["event_log"]
        for candidate in said["candidates"]:
            # The same of versions that looked for nobody else's actions.
            if not candidate["distinct_from"]:
                del candidate["distinct_from"]
        return hashlib.sha256(json.dumps(said, default=_plain, sort_keys=True).encode()).hexdigest()

    def tag_name(self, candidate: Candidate) -> str:
        """The name of the conversion action that adsync creates for this candidate on the tag route."""
        return f"{self.name_prefix}{candidate.title}"


def _plain(value: object) -> object:
    """Dates and sets as JSON knows them, always in the same order."""
    return value.isoformat() if isinstance(value, date) else sorted(value)  # type: ignore[call-overload]
