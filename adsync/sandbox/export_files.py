"""Loads a real GA4 export (Parquet or NDJSON, nested event_params) as one property's events."""

from __future__ import annotations

import glob
from pathlib import Path
from typing import Any

import numpy as np

from adsync.sandbox import world as layout
from adsync.sandbox.world import CHANNELS, Log

_DELAY = 4 * 3600
_DIRECT = CHANNELS.index("Direct")

# Rows without a visitor or session id (consent) are kept out of the ids, not out of the counts: each is its own.
_QUERY = """
select
    cast(event_timestamp as bigint) // 1000000 as seconds,
    cast(event_date as varchar) as day,
    event_name as name,
    coalesce(user_pseudo_id, 'row ' || row_number() over ()) as visitor,
    coalesce(user_pseudo_id, 'row ' || row_number() over ()) || '.' || coalesce(cast(list_filter(event_params,
        lambda p: p.key = 'ga_session_id')[1].value.int_value as varchar), '') as session,
    coalesce(device.category, 'desktop') as device,
    {value} as value
from source
where event_name is not null and event_timestamp is not null
order by seconds, visitor, name
"""

_VALUE = "coalesce(try_cast(ecommerce.purchase_revenue as double), 0.0)"


class UnreadableEvents(Exception):
    """The file is no GA4 export, or cannot be read."""


def load_events(path: Path) -> Log:
    """The events of an export, a file or a folder of daily ones, as a log; processed four hours after they happened.

    Raises UnreadableEvents.
    """
    try:
        import duckdb
    except ModuleNotFoundError:
        raise UnreadableEvents("Reading an export needs DuckDB: pip install 'adsync[events]'") from None
    if not path.exists():
        raise UnreadableEvents(f"There is no file {path}.")
    connection = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
    try:
        # Literal path, no globbing: brackets in a name are a name.
        _source(connection, path).create_view("source")
        known = {row[0] for row in connection.sql("describe source").fetchall()}
        value = _VALUE if "ecommerce" in known else "0.0"
        columns = connection.sql(_QUERY.format(value=value)).fetchnumpy()
    except duckdb.Error as error:
        raise UnreadableEvents(f"{path} cannot be read as a GA4 export: {str(error).splitlines()[0]}") from None
    if not len(columns["seconds"]):
        raise UnreadableEvents(f"{path} holds no events.")
    return _as_log(columns)


def _source(connection: Any, path: Path) -> Any:
    """The rows of a file, or of all export files of one kind in a folder."""
    files = [path]
    if path.is_dir():
        files = sorted(path.glob("events_*.parquet")) or sorted(path.glob("events_*.ndjson"))
        if not files:
            raise UnreadableEvents(f"{path} holds no events_YYYYMMDD.parquet and no events_YYYYMMDD.ndjson.")
    # Literal paths, no globbing: brackets in a name are a name.
    names = [glob.escape(str(file)) for file in files]
    if files[0].suffix == ".parquet":
        return connection.read_parquet(names, union_by_name=True)
    # Days on which nothing was sold have no ecommerce to infer its type from.
    return (
        connection.read_json(names, union_by_name=True, sample_size=-1)
        if path.is_dir()
        else connection.read_json(names)
    )


def _as_log(columns: dict[str, Any]) -> Log:
    names, name = np.unique(np.asarray(columns["name"], dtype=str), return_inverse=True)
    if len(names) > layout.MOST_NAMES:
        raise UnreadableEvents(f"It has {len(names)} different events; the sandbox takes {layout.MOST_NAMES}.")
    visitor = np.unique(np.asarray(columns["visitor"], dtype=str), return_inverse=True)[1]
    first, session = np.unique(np.asarray(columns["session"], dtype=str), return_index=True, return_inverse=True)[1:]
    device = np.asarray(columns["device"], dtype=str)[first]
    traits = np.select([device == "mobile", device == "tablet"], [0, 2], 1) << layout.DEVICE_SHIFT
    cents = np.rint(np.asarray(columns["value"], dtype=float) * 100)
    valued = np.flatnonzero(cents > 0)
    facts = name | layout.HEARD | layout.TAGGED | _DELAY << layout.DELAY_SHIFT
    none = np.full(len(first), -1, np.int32)
    return Log(
        tuple(names.tolist()),
        "UTC",
        {
            "time": np.asarray(columns["seconds"], dtype=np.uint32),
            "day": np.asarray(columns["day"], dtype=str).astype(np.uint32),
            "session": session.astype(np.uint32),
            "facts": facts.astype(np.uint32),
            "visitor": visitor[first].astype(np.uint32),
            "traits": (traits | layout.AGREED_TO_MEASURING | _DIRECT).astype(np.uint16),
            "last_click": none,
            "last_click_time": np.zeros(len(first), np.uint32),
            "click_before": none,
            "value_at": valued.astype(np.uint32),
            "value_cents": cents[valued].astype(np.uint32),
        },
    )
