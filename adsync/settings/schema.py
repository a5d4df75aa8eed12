"""What the config file may say: every key, its shape and its limits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PlainValidator,
    Tag,
    model_validator,
)

from adsync.catalog import BUSINESSES, CATALOGUE, entry
from adsync.errors import UsageError
from adsync.model.account import Candidate
from adsync.model.ads import CATEGORIES
from adsync.model.condition import Condition, condition
from adsync.model.limits import IN_A_MONTH, IN_A_RUN, OF_ALL, ChangeLimits
from adsync.model.policy import APPROVAL_KINDS
from adsync.model.scope import ScopeKind
from adsync.settings.policy import PolicyEntry


def _customer_id(found: object) -> str:
    digits = re.sub(r"[-\s]", "", str(found))
    if not re.fullmatch(r"[0-9]{10}", digits):
        raise ValueError("a Google Ads customer id has ten digits, like 123-456-7890")
    return digits


def _property_id(found: object) -> str:
    digits = str(found).removeprefix("properties/")
    if not re.fullmatch(r"[0-9]{6,12}", digits):
        raise ValueError("a GA4 property id is the number under Admin > Property details, like 371001234, not a G- id")
    return digits


def _event_name(found: str) -> str:
    if not re.fullmatch(r"[A-Za-z]\w{0,39}", found):
        raise ValueError("a GA4 event name has up to 40 letters, digits and underscores and begins with a letter")
    return found


def _account_name(found: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", found):
        raise ValueError("a name has up to 40 letters, digits, dots, dashes and underscores")
    return found


def _business(found: str) -> str:
    if found not in BUSINESSES:
        raise ValueError(f"a business model is one of {', '.join(BUSINESSES)}")
    return found


def _event_source(found: str) -> str:
    if not found.strip() or "\0" in found:
        raise ValueError("no path stands there; name a file or folder of events, or bigquery://PROJECT/DATASET")
    if "://" in found and not re.fullmatch(r"bigquery://[^/\s]+/[^/\s]+", found):
        raise ValueError("an event log is a file, a folder or bigquery://PROJECT/DATASET")
    return found


CustomerId = Annotated[str, BeforeValidator(_customer_id)]
PropertyId = Annotated[str, BeforeValidator(_property_id)]
EventName = Annotated[str, AfterValidator(_event_name)]
EventSource = Annotated[str, AfterValidator(_event_source)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CredentialSource(_Strict):
    """Where one named credential comes from: exactly one of the first four."""

    key_file: Path | None = None
    google_ads_yaml: Path | None = None
    environment: bool = False
    application_default: bool = False
    impersonate: str = ""

    @model_validator(mode="after")
    def _one_source(self) -> CredentialSource:
        named = [self.key_file, self.google_ads_yaml, self.environment, self.application_default]
        if sum(bool(source) for source in named) != 1:
            raise ValueError("name exactly one of key_file, google_ads_yaml, environment, application_default")
        return self


class Limits(_Strict):
    """How hard adsync may press on Google, how long it waits, and how many changes it may make at once."""

    threads: int = Field(16, ge=1, le=64)
    operations_per_day: int = Field(2880, ge=1)
    timeout_seconds: float = Field(60.0, gt=0, le=600)
    attempts: int = Field(4, ge=1, le=10)
    first_wait_seconds: float = Field(5.0, gt=0, le=300)
    changes_per_run: int = Field(OF_ALL, ge=1, le=10_000)
    account_changes_per_run: int = Field(IN_A_RUN, ge=1, le=1000)
    account_changes_per_month: int = Field(IN_A_MONTH, ge=1, le=10_000)


class AccountLimits(_Strict):
    """How many changes may be made in one account; None for what the file says of all."""

    changes_per_run: int | None = Field(None, ge=1, le=1000)
    changes_per_month: int | None = Field(None, ge=1, le=10_000)

    def over(self, all_accounts: Limits) -> ChangeLimits:
        return ChangeLimits(
            changes_per_run=self.changes_per_run or all_accounts.account_changes_per_run,
            changes_per_month=self.changes_per_month or all_accounts.account_changes_per_month,
        )


def _category(found: str) -> str:
    if found and found not in CATEGORIES:
        near = get_close_matches(found.upper(), CATEGORIES, n=1)
        raise ValueError((f"did you mean {near[0]}? " if near else "") + f"Google Ads knows {', '.join(CATEGORIES)}")
    return found


def _approval_kind(found: str) -> str:
    if found not in APPROVAL_KINDS:
        raise ValueError(f"a kind of change is one of {', '.join(APPROVAL_KINDS)}")
    return found


Approval = dict[Annotated[str, AfterValidator(_approval_kind)], Literal["auto", "review"]]


def auto_kinds(base: frozenset[str], approval: Mapping[str, str]) -> frozenset[str]:
    return frozenset(
        kind for kind in APPROVAL_KINDS if approval.get(kind, "auto" if kind in base else "review") == "auto"
    )


class MacroEntry(_Strict):
    model_config = ConfigDict(coerce_numbers_to_str=True)  # YAML reads an id as a number

    event: EventName
    actions: list[str] = Field(min_length=1)


class CandidateEntry(_Strict):
    model_config = ConfigDict(coerce_numbers_to_str=True)  # YAML reads an id as a number

    event: EventName
    title: str = Field("", max_length=80)
    category: Annotated[str, AfterValidator(_category)] = ""
    depth: int = Field(0, ge=0, le=9)
    route: Literal["ga4", "tag"] = "ga4"
    distinct_from: list[str] = []

    def as_candidate(self) -> Candidate:
        known = entry(self.event)
        return Candidate(
            event_name=self.event,
            title=self.title or (known.title if known else self.event),
            category=self.category or (known.category if known else "ENGAGEMENT"),
            depth=self.depth or (known.depth if known else 3),
            route=self.route,
            on_path=known.on_path if known else False,
            distinct_from=tuple(self.distinct_from),
        )


def _listed(found: str) -> CandidateEntry | Condition:
    """An event of the catalogue by its name alone, or a condition."""
    try:
        read = condition(found)
    except UsageError as error:
        raise ValueError(str(error).removesuffix(".")) from None
    if not read.is_an_event:
        return read
    if entry(read.event) is None:
        near = get_close_matches(read.event, [e.event_name for e in CATALOGUE], n=1)
        guess = f"did you mean {near[0]}? " if near else ""
        raise ValueError(f"{guess}the catalogue has no such event; one of your own is written as {{event: {found}}}")
    return CandidateEntry(event=read.event)


ListedCandidate = Annotated[
    Annotated[CandidateEntry, Tag("mapping")]
    | Annotated[CandidateEntry | Condition, PlainValidator(_listed), Tag("text")],
    Discriminator(lambda found: "text" if isinstance(found, str) else "mapping"),
]


class CredentialNames(_Strict):
    read: str
    write: str


Named = Annotated[str, Field(min_length=1)]


NameOrId = Annotated[str, Field(min_length=1, coerce_numbers_to_str=True)]  # YAML reads an id as a number


class ProtectedEntry(_Strict):
    model_config = ConfigDict(coerce_numbers_to_str=True)  # YAML reads an id as a number

    actions: list[Named] = []
    campaigns: list[Named] = []


class CrossAccountEntry(_Strict):
    owner: CustomerId
    clients: list[CustomerId] = Field(min_length=1)


class AccountEntry(_Strict):
    name: Annotated[str, AfterValidator(_account_name)]
    customer_id: CustomerId
    property_id: PropertyId
    macro: MacroEntry
    login_customer_id: CustomerId | None = None
    credentials: str | CredentialNames = "default"
    business: Annotated[str, AfterValidator(_business)] = "shop"
    candidates: Literal["from the catalogue"] | list[ListedCandidate] = "from the catalogue"
    distinct_from: dict[EventName, list[NameOrId]] = Field(default_factory=dict)
    events: EventSource | Annotated[list[EventSource], Field(min_length=1)] | None = None
    name_prefix: str = Field("adsync: ", max_length=40)
    policy: PolicyEntry = PolicyEntry()
    scope: ScopeKind | None = None
    approval: Approval = Field(default_factory=dict)
    limits: AccountLimits = AccountLimits()
    protected: ProtectedEntry = ProtectedEntry()
    cross_account: CrossAccountEntry | None = None


class ConfigFile(_Strict):
    """The config file, its accounts still unread: each is checked by itself."""

    state: str = "adsync.db"
    limits: Limits = Limits()
    credentials: dict[str, CredentialSource] = Field(default_factory=dict)
    policy: PolicyEntry = PolicyEntry()
    scope: ScopeKind = ScopeKind.GOALS
    approval: Approval = Field(default_factory=dict)
    accounts: list[Any] = Field(default_factory=list)
