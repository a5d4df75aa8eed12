"""BigQuery's SQL of what Ibis leaves out, held against DuckDB's own figures."""

from __future__ import annotations

from typing import Any

import duckdb
import ibis
import pytest
import sqlglot

from adsync.events.bigquery_sql import sql_of, stacked
from adsync.events.ids import known_ids

COLUMNS = {"segment": "int64", "value": "float64", "name": "string"}


def table(name: str = "t") -> Any:
    return ibis.table(COLUMNS, name=name)


def answer(sql: str, rows: str) -> list[tuple[Any, ...]]:
    """What BigQuery's SQL says of rows, in DuckDB's dialect."""
    (statement,) = sqlglot.transpile(sql, read="bigquery", write="duckdb")
    with duckdb.connect() as connection:
        connection.execute(f"create table t as {rows}")
        return connection.execute(statement).fetchall()


@pytest.mark.parametrize("rows", [1, 2, 3, 7, 100, 101])
def test_medians_and_quantiles_are_exact_in_every_group(rows: int) -> None:
    t = table()
    sql = sql_of(t.group_by("segment").agg(middle=t.value.median(), high=t.value.quantile(0.99)).order_by("segment"))
    made = f"select i % 3 as segment, if(i % 5 = 0, null, (hash(i) % 1000)::double) as value from range({rows}) r(i)"
    with duckdb.connect() as connection:
        known = connection.execute(
            f"select segment, median(value), quantile_cont(value, 0.99) from ({made}) group by 1 order by 1"
        ).fetchall()
    found = answer(sql, made)
    assert [row[0] for row in found] == [row[0] for row in known]
    for mine, other in zip(found, known, strict=True):
        assert mine == pytest.approx(other) or (mine[1:] == other[1:] == (None, None))


def test_a_stack_stands_where_its_name_stood_with_each_part_once() -> None:
    parts = [table(f"day_{n}") for n in range(50)]
    sql = sql_of(table("days").group_by("segment").agg(n=ibis._.count()), {"days": stacked(parts)})
    assert sql.count("UNION ALL") == 49 and "`days`" not in sql
    assert max(sql.count(f"`day_{n}`") for n in range(50)) == 1
    # Side by side: fifty queries inside each other are too complex for BigQuery.
    depth = [sql[:place].count("(") - sql[:place].count(")") for place in range(0, len(sql), 20)]
    assert max(depth) <= 2


def test_a_place_in_a_list_counts_from_nothing() -> None:
    t = table()
    assert "safe_offset(CAST(`t0`.`segment` AS INT64))" in sql_of(t.select(x=ibis.array([1.0, 2.0])[t.segment]))


def test_a_hash_is_md5_in_hexadecimal_digits() -> None:
    assert "TO_HEX(MD5(`t0`.`name`))" in sql_of(table().select(x=table().name.hexdigest("md5")))
    with pytest.raises(NotImplementedError, match="sha1"):
        sql_of(table().select(x=table().name.hexdigest("sha1")))


def test_bigquery_takes_the_same_ids_for_nobody() -> None:
    t = ibis.table({"user_id": "string"}, name="t")
    rows = "select unnest(['undefined', ' NULL ', '\\N', '(not set)', '0', '', '00-00', 'u1', '10', null]) as user_id"
    found = answer(sql_of(known_ids(t)), rows)
    assert [row[0] for row in found] == [None] * 7 + ["u1", "10", None]
