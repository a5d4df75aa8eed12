"""What is wrong with a config file: file, key, what was found, what is allowed."""

from __future__ import annotations

import difflib
import reprlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

_WANTED = {
    "missing": "it is missing and has no default",
    "list_type": "a list is wanted here",
    "dict_type": "a mapping (key: value) is wanted here",
    "model_type": "a mapping (key: value) is wanted here",
}


_OUT_OF_RANGE = ("greater_than_equal", "less_than_equal")
MANY_KEYS = 20
"""More keys than this are no help beside the one that was probably meant."""


def explain(file: Path, within: str, model: type[BaseModel], error: ValidationError) -> str:
    """One line for each problem. within: the key under which ``model`` was read."""
    lines = []
    for problem in error.errors():
        word_wanted = problem["type"] in ("literal_error", "string_type") and _is_branch(problem["loc"][-1])
        if word_wanted and isinstance(problem["input"], (list, dict)):
            continue  # the other branch of "a word or a list" says what is wrong with the list
        steps = [part for part in problem["loc"] if not _is_branch(part)]
        key = within + "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in steps)
        lines.append(f"{file}, {key.lstrip('.') or 'top level'}: {_problem(problem, model)}.")
    # Every branch of a union complains; each complaint is wanted once.
    return " ".join(dict.fromkeys(lines))


def _is_branch(part: int | str) -> bool:
    """Pydantic adds the names of union branches to the path; people look for the keys that they wrote."""
    return isinstance(part, str) and (part in ("str", "CredentialNames", "mapping", "text") or "[" in part)


def _problem(problem: Any, model: type[BaseModel]) -> str:
    kind, found = problem["type"], problem["input"]
    if kind == "extra_forbidden":
        known = _model_at(model, problem["loc"][:-1]).model_fields
        allowed = sorted(field.alias or name for name, field in known.items())
        near = difflib.get_close_matches(str(problem["loc"][-1]), allowed, n=1)
        guess = f" (did you mean {near[0]}?)" if near else ""
        listed = "" if near and len(allowed) > MANY_KEYS else f"; allowed are {', '.join(allowed)}"
        return f"there is no such key{guess}{listed}"
    if kind in _OUT_OF_RANGE and (allowed_range := _range(_model_at(model, problem["loc"][:-1]), problem["loc"][-1])):
        low, high = allowed_range
        hint = f"; for {found:g} % write {found / 100:g}" if high <= 1 < found <= 100 else ""
        return f"found {reprlib.repr(found)}; allowed is {low:g} to {high:g}{hint}"
    wanted = _WANTED.get(kind) or str(problem["msg"]).removeprefix("Value error, ")
    if kind == "missing" or isinstance(found, (dict, list)):
        return wanted
    return f"found {reprlib.repr(found)}; {wanted[0].lower()}{wanted[1:]}"


def _range(model: type[BaseModel], name: int | str) -> tuple[float, float] | None:
    """What a number may be, from and to; None where it is not bounded on both sides."""
    field = model.model_fields.get(str(name))
    bounds: list[Any] = field.metadata if field is not None else []
    lows = [bound.ge for bound in bounds if hasattr(bound, "ge")]
    highs = [bound.le for bound in bounds if hasattr(bound, "le")]
    return (lows[0], highs[0]) if lows and highs else None


def _model_at(model: type[BaseModel], path: tuple[int | str, ...]) -> type[BaseModel]:
    """The model that describes the mapping at this place."""
    for part in path:
        field = model.model_fields.get(str(part))
        if field is not None:
            model = next(_models_in(field.annotation), model)
    return model


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)
