"""The review form: a YAML or JSON file that says yes or no to changes by name."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from adsync.errors import UsageError
from adsync.files import read_yaml

_WRONG = {
    "extra_forbidden": "a form has no such list",
    "list_type": "this should be a list",
    "string_type": "this should be the name of a change, or a kind",
    "model_type": "this should be the two lists with their names",
}
"""What is wrong, by the kinds of error that such a form can have."""


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid")

    approve: list[str] = []
    refuse: list[str] = []


def read_form(path: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What to approve and what to refuse. Raises UsageError for anything that is not a review form."""
    try:
        form = _Form.model_validate(read_yaml(path) or {})
    except OSError as error:
        raise UsageError(f"The review form {path} cannot be read.", error.strerror or str(error)) from None
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"])) or "top level"
        raise UsageError(
            f"The review form {path} is not understood: {key}: {_WRONG.get(first['type'], first['msg'])}.",
            'It has two lists: "approve" and "refuse", of names such as shop-2026-11-21-1/2, or kinds.',
        ) from None
    except ValueError as error:
        raise UsageError(f"The review form {path} is neither YAML nor JSON.", str(error)) from None
    both = sorted(set(form.approve) & set(form.refuse))
    if both:
        raise UsageError(f"The review form {path} says yes and no to {', '.join(both)}.")
    return tuple(form.approve), tuple(form.refuse)
