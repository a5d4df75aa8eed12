"""Loads a real GA4 export (Parquet or NDJSON, nested event_params) as one property's events."""

from __future__ import annotations

import glob
from pathlib import Path
from typing import Any

import numpy as np

from adsync.sandbox.world import Log

# Rows without a visitor or session id (consent) are kept out of the ids, not out of the counts: each is its own.
_QUERY = """
select
    cast(event_timestamp as bigint) // 1000000 as seconds,
    cast(event_date as varchar) as day,
    event_name as name,
    coalesce(user_pseudo_id, 'row ' || row_number() over ()) as visitor,
    coalesce(user_pseudo_id, 'row ' || row_number() over ()) || '.' || coalesce(cast(list_filter(event_params,
        lambda p: p.key = 'ga_session_id')[1].value.int_value as varchar), '') as session,
    coalesce(device.category, 'desktop') as device
from source
where event_name is not null and event_timestamp is not null
order by seconds, visitor, name
"""


class UnreadableEvents(Exception):
    """The file is no GA4 export, or cannot be read."""


def load_events(path: Path) -> Log:
    """The export's events as a log, processed four hours after they happened.

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
        reader = connection.read_parquet if path.suffix == ".parquet" else connection.read_json
        reader(glob.escape(str(path))).create_view("source")
        columns = connection.sql(_QUERY).fetchnumpy()
    except duckdb.Error as error:
        raise UnreadableEvents(f"{path} cannot be read as a GA4 export: {str(error).splitlines()[0]}") from None
    if not len(columns["seconds"]):
        raise UnreadableEvents(f"{path} holds no events.")
    return _as_log(columns)


def _as_log(columns: dict[str, Any]) -> Log:
    at = np.asarray(columns["seconds"], dtype=np.int64)
    names, name = np.unique(np.asarray(columns["name"], dtype=str), return_inverse=True)
    visitor = np.unique(np.asarray(columns["visitor"], dtype=str), return_inverse=True)[1]
    session = np.unique(np.asarray(columns["session"], dtype=str), return_inverse=True)[1]
    device = np.asarray(columns["device"], dtype=str)
    return Log(
        names=tuple(names.tolist()),
        time=at,
        arrival=at + 4 * 3600,
        day=np.asarray(columns["day"], dtype=str).astype(np.int64),
        name=name.astype(np.int64),
        visitor=visitor.astype(np.int64),
        session=session.astype(np.int64),
        channel=np.full(len(at), 2),
        device=np.select([device == "mobile", device == "tablet"], [0, 2], 1).astype(np.int64),
        value=np.zeros(len(at)),
        click=np.full(len(at), -1),
        click_before=np.full(len(at), -1),
        session_click=np.full(len(at), -1),
        measured=np.ones(len(at), bool),
    )
