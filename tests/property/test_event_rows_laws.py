"""Whatever rows a log has: each is used, or counted with the one reason for which it is not."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from adsync.errors import UsageError
from adsync.model.left_out import REASONS
from adsync.wiring import event_log

REFUSALS = ("none can be used", "look like", "from before 2005", "a time that can be read")
COLUMNS = ("user_pseudo_id", "event_timestamp", "event_name", "session_id", "transaction_id")
START = 1_760_000_000_000_000
ROW = st.tuples(
    st.sampled_from(["", "u1", "u2", "u3", " ", 'u"1,']),
    st.sampled_from(
        [START, START, START + 1, START + 10**9, START * 2, 5, -1, 0, "", "soon", "2026-01-05", "nan", 1e15]
    ),
    st.sampled_from(["", "purchase", "purchase", "view", "a\nb", "é", "NULL"]),
    st.sampled_from(["", "1", "2", "one"]),
    st.sampled_from(["", "", "T1", "T2"]),
)


@settings(max_examples=40)
@given(rows=st.lists(ROW, min_size=1, max_size=25), with_sessions=st.booleans())
def test_every_row_is_used_or_counted_with_its_reason(rows: list[tuple[object, ...]], *, with_sessions: bool) -> None:
    columns = [n for n, name in enumerate(COLUMNS) if with_sessions or name != "session_id"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow([COLUMNS[n] for n in columns])
            writer.writerows([row[n] for n in columns] for row in rows)
        try:
            with event_log([path], "purchase") as log:
                found = log.summary
        except UsageError as told:
            assert any(words in str(told) for words in REFUSALS)  # noqa: PT017
            return
    assert found.rows == len(rows) == sum(found.names.values()) + sum(found.excluded.values())
    assert set(found.excluded) <= set(REASONS) and min(found.excluded.values()) >= 0
    assert found.visitors <= len({row[0] for row in rows} - {""}) and "" not in found.names
