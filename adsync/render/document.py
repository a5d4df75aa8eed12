"""Model values as plain JSON values: stable keys, dates as ISO text, no Python in them."""

from __future__ import annotations

import json
from typing import Any

from pydantic_core import to_jsonable_python

SCHEMA = 1


def as_json(data: Any) -> str:
    """What `--json` prints."""
    return json.dumps({"schema": SCHEMA, "data": to_jsonable_python(data)}, indent=2, ensure_ascii=False)
