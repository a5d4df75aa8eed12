"""Reads the config file. A mistake in one account sets that account aside; a mistake anywhere else stops the command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from adsync.catalog import candidates_for
from adsync.errors import SettingsError
from adsync.files import read_yaml
from adsync.model.account import Account, Candidate, Macro
from adsync.model.condition import Condition
from adsync.model.contradictions import contradictions
from adsync.model.policy import DEFAULT_AUTO
from adsync.model.protected import Protected
from adsync.model.sharing import CrossAccount, dashed
from adsync.settings.environment import Environment
from adsync.settings.explain import explain
from adsync.settings.policy import merged
from adsync.settings.schema import (
    AccountEntry,
    CandidateEntry,
    ConfigFile,
    CredentialNames,
    CredentialSource,
    Limits,
    auto_kinds,
)

DEFAULT_PATH = Path("adsync.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultyAccount:
    """An account that was set aside, and why."""

    name: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything a command needs to know before it begins."""

    path: Path
    state: str
    limits: Limits
    credentials: Mapping[str, CredentialSource]
    accounts: tuple[Account, ...]
    faulty: tuple[FaultyAccount, ...]
    environment: Environment

    def chosen(self, names: tuple[str, ...]) -> tuple[Account, ...]:
        """The named accounts, or all of them; an unknown or faulty name is an error."""
        by_name = {a.name: a for a in self.accounts}
        for name in names:
            if name not in by_name:
                broken = next((f for f in self.faulty if f.name == name), None)
                if broken is not None:
                    raise SettingsError(f"Account {name} was set aside.", broken.problem)
                raise SettingsError(
                    f"There is no account {name!r} in {self.path}.",
                    f"It knows: {', '.join(sorted(by_name)) or 'none'}.",
                )
        return tuple(by_name[n] for n in dict.fromkeys(names)) if names else self.accounts


def load(path: Path | None = None, environment: Environment | None = None) -> Settings:
    """The checked settings.

    Raises SettingsError with file, key, what was found and what is allowed.
    """
    env = environment or _environment()
    file = path or env.config or DEFAULT_PATH
    document = _read(file)
    try:
        parsed = ConfigFile.model_validate(document)
    except ValidationError as error:
        raise SettingsError(
            explain(file, "", ConfigFile, error), next_step="Every key is described in config/adsync.yaml."
        ) from None
    accounts, faulty = _accounts(file, parsed)
    return Settings(
        path=file,
        state=_state_url(file, env.state or parsed.state),
        limits=parsed.limits,
        credentials={name: _beside(file, source) for name, source in parsed.credentials.items()},
        accounts=accounts,
        faulty=faulty,
        environment=env,
    )


def bare(path: Path, credentials: Mapping[str, CredentialSource]) -> Settings:
    """Settings without a config file, for looking around with credentials alone."""
    return Settings(
        path=path,
        state="sqlite://",
        limits=Limits(),
        credentials=credentials,
        accounts=(),
        faulty=(),
        environment=_environment(),
    )


def _environment() -> Environment:
    try:
        return Environment()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(".env cannot be read.", str(error), next_step="Correct it, or remove it.") from None
    except ValidationError as error:
        raise SettingsError(explain(Path("environment"), "", Environment, error)) from None


def _read(file: Path) -> object:
    try:
        return read_yaml(file) or {}
    except FileNotFoundError:
        raise SettingsError(
            f"There is no config file {file}.",
            next_step="Write one with: adsync init   (or name yours: adsync --config PATH, or ADSYNC_CONFIG)",
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} cannot be read.", str(error)) from None
    except ValueError as error:
        raise SettingsError(f"{file} is not YAML.", str(error)) from None


def _accounts(file: Path, parsed: ConfigFile) -> tuple[tuple[Account, ...], tuple[FaultyAccount, ...]]:
    good: list[Account] = []
    faulty: list[FaultyAccount] = []
    known_credentials = {"default", *parsed.credentials}
    for number, raw in enumerate(parsed.accounts):
        found = raw.get("name") if isinstance(raw, dict) else None
        name = found if isinstance(found, str) else f"number {number + 1}"
        try:
            account = _as_account(AccountEntry.model_validate(raw), parsed, file)
            _check_against(account, good, known_credentials)
        except ValidationError as error:
            faulty.append(FaultyAccount(name=name, problem=explain(file, f"accounts[{number}]", AccountEntry, error)))
        except ValueError as error:
            faulty.append(FaultyAccount(name=name, problem=f"{file}, accounts[{number}]: {error}"))
        else:
            good.append(account)
    return tuple(_decided(account, good) for account in good), tuple(faulty)


def _decided(account: Account, accounts: list[Account]) -> Account:
    """With the account that decides about the conversion actions of both, where one does."""
    if account.cross_account is not None:
        return account
    found = (o.name for o in accounts if o.cross_account and account.customer_id in o.cross_account.client_ids)
    return replace(account, decided_by=next(found, ""))


def _as_account(raw: AccountEntry, file: ConfigFile, path: Path) -> Account:
    names = raw.credentials if isinstance(raw.credentials, CredentialNames) else None
    usual = candidates_for(raw.business, macro_event=raw.macro.event)
    listed = () if isinstance(raw.candidates, str) else raw.candidates
    named = tuple(c.as_candidate() for c in listed if isinstance(c, CandidateEntry))
    candidates = usual if isinstance(raw.candidates, str) else named
    return Account(
        name=raw.name,
        customer_id=raw.customer_id,
        property_id=raw.property_id,
        login_customer_id=raw.login_customer_id or "",
        macro=Macro(event_name=raw.macro.event, actions=tuple(raw.macro.actions)),
        candidates=_apart(candidates, raw.distinct_from),
        conditions=tuple(c for c in listed if isinstance(c, Condition)),
        event_log=_event_log(path, raw),
        business=raw.business,
        read_credentials=names.read if names else str(raw.credentials),
        write_credentials=names.write if names else str(raw.credentials),
        policy=merged(file.policy, raw.policy),
        scope=raw.scope or file.scope,
        auto=auto_kinds(auto_kinds(DEFAULT_AUTO, file.approval), raw.approval),
        name_prefix=raw.name_prefix,
        limits=raw.limits.over(file.limits),
        protected=Protected(actions=tuple(raw.protected.actions), campaigns=tuple(raw.protected.campaigns)),
        cross_account=_cross_account(raw),
    )


def _apart(candidates: Sequence[Candidate], distinct_from: Mapping[str, Sequence[str]]) -> tuple[Candidate, ...]:
    """The candidates, each with the conversion actions that count something else."""
    known = [candidate.event_name for candidate in candidates]
    if unknown := next((event for event in distinct_from if event not in known), None):
        raise ValueError(f"distinct_from: {unknown} is no candidate of the account; they are {', '.join(known)}")
    return tuple(
        replace(c, distinct_from=tuple(dict.fromkeys((*c.distinct_from, *distinct_from.get(c.event_name, ())))))
        for c in candidates
    )


def _cross_account(raw: AccountEntry) -> CrossAccount | None:
    if raw.cross_account is None:
        return None
    return CrossAccount(owner_id=raw.cross_account.owner, client_ids=tuple(dict.fromkeys(raw.cross_account.clients)))


def _event_log(file: Path, raw: AccountEntry) -> tuple[str, ...]:
    """Where the account's events are. Whether they can be read is not asked here: a night goes on without them."""
    named = [raw.events] if isinstance(raw.events, str) else raw.events or []
    try:
        return tuple(each if "://" in each else str(file.parent / Path(each).expanduser()) for each in named)
    except RuntimeError as error:  # ~somebody, who is not known here
        raise ValueError(f"events: {error}") from None


def _check_against(account: Account, others: list[Account], credentials: set[str]) -> None:
    for other in others:
        if account.name == other.name:
            raise ValueError(f"the name {account.name!r} is used by another account; names are unique")
        if account.customer_id == other.customer_id:
            raise ValueError(f"customer_id {account.customer_id} is the account {other.name!r} already")
        _check_owners(account, other)
    agreed = account.cross_account
    if agreed is not None and account.customer_id not in agreed.client_ids:
        raise ValueError(f"cross_account.clients: the account itself, {dashed(account.customer_id)}, is not named")
    named = [*(c.event_name for c in account.candidates), *(c.text for c in account.conditions)]
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise ValueError(f"candidates: {', '.join(twice)} is named twice")
    if account.macro.event_name in (*account.events[1:], *(c.event for c in account.conditions)):
        raise ValueError(f"candidates: {account.macro.event_name} is the macro; it cannot announce itself")
    if unfit := contradictions(account.policy):
        raise ValueError("; ".join(unfit))
    for name in (account.read_credentials, account.write_credentials):
        if name not in credentials:
            raise ValueError(f"credentials: found {name!r}; the file names {', '.join(sorted(credentials))}")


def _check_owners(account: Account, other: Account) -> None:
    """Two accounts that decided about the same conversion actions would undo each other's changes night by night."""
    mine, theirs = account.cross_account, other.cross_account
    if mine is not None and theirs is not None and mine.owner_id == theirs.owner_id:
        raise ValueError(
            f"cross_account: the account {other.name!r} decides about the conversion actions of {dashed(mine.owner_id)} "
            "already; only one account may"
        )


def _state_url(file: Path, state: str) -> str:
    """A path is taken as beside the config file, so that cron and a terminal mean the same database."""
    if "://" in state:
        return state
    return f"sqlite:///{_path(file, 'state', Path(state)).resolve()}"


def _path(file: Path, key: str, found: Path) -> Path:
    """A path that the config names, as seen from the config file."""
    try:
        path = file.parent / found.expanduser()
        path.stat()
    except FileNotFoundError:
        return path
    except (OSError, RuntimeError, ValueError) as error:
        raise SettingsError(f"{file}, {key}: found {str(found)[:80]!r}; it is no path here ({error}).") from None
    return path


def _beside(file: Path, source: CredentialSource) -> CredentialSource:
    paths = {
        name: _path(file, name, found)
        for name in ("key_file", "google_ads_yaml")
        if (found := getattr(source, name)) is not None
    }
    return source.model_copy(update=paths)
