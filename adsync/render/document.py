"""Model values as plain JSON values: stable keys, dates as ISO text, no Python in them."""

from __future__ import annotations

import json
from typing import Any

from pydantic_core import to_jsonable_python

SCHEMA = 1


def as_json(data: Any, **beside: Any) -> str:
    """What `--json` prints. beside: what stands next to the data, by its key."""
    document = {"schema": SCHEMA, "data": data, **beside}
    return json.dumps(to_jsonable_python(document), indent=2, ensure_ascii=False)
