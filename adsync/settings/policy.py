"""The `policy` of the config: a preset, single numbers over it, and declared seasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model, model_validator

from adsync.model.freeze import Freeze
from adsync.model.policy import PARAMETERS, Policy
from adsync.model.presets import PRESETS
from adsync.model.window import Window


def _day(found: object) -> object:
    """YAML makes dates of days itself; numbers, which pydantic would take for seconds, are no days."""
    if isinstance(found, str):
        try:
            return date.fromisoformat(found)
        except ValueError:
            pass
    if not isinstance(found, date) or isinstance(found, datetime):
        raise ValueError("a day is wanted, like 2026-11-20")
    return found


Day = Annotated[date, BeforeValidator(_day)]


class FreezeEntry(BaseModel):
    """A declared season. Its days are both included."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first: Day = Field(alias="from")
    last: Day = Field(alias="to")
    why: str = Field("", max_length=80)
    every_year: bool = False

    @model_validator(mode="after")
    def _is_a_span(self) -> FreezeEntry:
        if self.last < self.first:
            raise ValueError(f"it ends ({self.last}) before it begins ({self.first})")
        if self.every_year and (self.last - self.first).days >= 364:
            raise ValueError("what comes every year is shorter than a year, or nothing would ever change")
        return self

    def as_freeze(self) -> Freeze:
        return Freeze(days=Window(self.first, self.last), why=self.why, every_year=self.every_year)


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    preset: Literal["cautious", "default", "fast"] | None = None
    freezes: list[FreezeEntry] = Field(default_factory=list)

    def over(self, base: Policy) -> Policy:
        """``base`` with the preset in place, then every number that is set here; freezes are added to those of ``base``."""
        numbers: Mapping[str, Any] = self.model_dump(exclude_none=True, exclude={"preset", "freezes"})
        named = PRESETS[self.preset] if self.preset else {}
        freezes = tuple(freeze.as_freeze() for freeze in self.freezes)
        return replace(base, freezes=(*base.freezes, *freezes), **{**named, **numbers})


def merged(file: PolicyEntry, account: PolicyEntry) -> Policy:
    """The account's policy over the file's. A return line that neither names keeps its distance from the demand line."""
    policy = account.over(file.over(Policy()))
    if any("return_per_30_days" in entry.model_dump(exclude_none=True) for entry in (file, account)):
        return policy
    return replace(policy, return_per_30_days=min(policy.return_per_30_days, policy.highest_return_line))


if TYPE_CHECKING:
    PolicyEntry = _Entry
else:
    # Type and range of every number stand with the number itself, in model/policy.py.
    PolicyEntry = create_model(
        "PolicyEntry",
        __base__=_Entry,
        **{p.name: (p.kind | None, Field(None, ge=p.low, le=p.high)) for p in PARAMETERS},
    )
