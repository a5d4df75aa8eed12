"""Ibis expressions as BigQuery's SQL, and what Ibis' own translation leaves out. Nothing here needs Google's client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import sqlglot as sg
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.bigquery import BigQueryCompiler

from adsync.events.engine import Table

_EXACT = sg.parse_one(
    """
    ARRAY_AGG(x IGNORE NULLS ORDER BY x)[SAFE_OFFSET(CAST(FLOOR((COUNT(x) - 1) * q) AS INT64))]
      * (1 - ((COUNT(x) - 1) * q - FLOOR((COUNT(x) - 1) * q)))
    + ARRAY_AGG(x IGNORE NULLS ORDER BY x)[SAFE_OFFSET(CAST(CEIL((COUNT(x) - 1) * q) AS INT64))]
      * ((COUNT(x) - 1) * q - FLOOR((COUNT(x) - 1) * q))
    """,
    read="bigquery",
)
"""The quantile q of x between two neighbours in the order of all values. PERCENTILE_CONT says the same, but is no aggregate."""


_IN_ORDER = sg.parse_one("ARRAY(SELECT one FROM UNNEST(x) AS one ORDER BY TO_JSON_STRING(one))", read="bigquery")
"""Structs have no order of their own; that of their texts is as good as any, for whoever compares lists."""


class _Compiler(BigQueryCompiler):  # type: ignore[misc]
    """Exact where BigQuery's usual functions are not: APPROX_QUANTILES would give other figures than files do."""

    # Of an operation on these lists Ibis takes no translation.
    UNSUPPORTED_OPS = tuple(op for op in BigQueryCompiler.UNSUPPORTED_OPS if op.__name__ != "Median")
    SIMPLE_OPS = {op: name for op, name in BigQueryCompiler.SIMPLE_OPS.items() if op.__name__ != "Hash"}  # noqa: RUF012

    def visit_HexDigest(self, op: Any, *, arg: Any, how: str) -> Any:
        if how != "md5":
            raise NotImplementedError(how)
        return self.f.to_hex(self.f.md5(arg))

    def visit_ArrayIndex(self, op: Any, *, arg: Any, index: Any) -> Any:
        # The emulator counts from one where it cannot see that the place is a whole number.
        known = isinstance(index, sge.Literal)
        return arg[self.f.safe_offset(index if known else self.cast(index, op.index.dtype))]

    def visit_ArraySort(self, op: Any, *, arg: Any) -> Any:
        return _filled(_IN_ORDER, {"x": arg})

    def visit_Hash(self, op: Any, *, arg: Any) -> Any:
        return self.f.farm_fingerprint(self.f.to_json_string(arg))

    def visit_Median(self, op: Any, *, arg: Any, where: Any) -> Any:
        return self.visit_Quantile(op, arg=arg, quantile=sge.convert(0.5), where=where)

    def visit_Quantile(self, op: Any, *, arg: Any, quantile: Any, where: Any) -> Any:
        value = arg if where is None else self.if_(where, arg, sge.Null())
        return _filled(_EXACT, {"x": value, "q": quantile})


def _filled(template: Any, meant: Mapping[str, Any]) -> Any:
    """A copy of the template in which its columns stand for these expressions."""

    def filled(node: Any) -> Any:
        if isinstance(node, sge.Column) and not node.table and node.name in meant:
            return meant[node.name].copy()
        return node

    return template.transform(filled)


_COMPILER = _Compiler()


def sql_of(expression: Table, stacks: Mapping[str, str] = MappingProxyType({})) -> str:
    """One SELECT statement. stacks: queries that stand behind names of tables."""
    tree = _COMPILER.to_sqlglot(expression)

    def opened(node: Any) -> Any:
        if not (isinstance(node, sge.Table) and node.name in stacks and not node.db):
            return node
        return sge.Subquery(this=sg.parse_one(stacks[node.name], read="bigquery"), alias=node.args.get("alias"))

    return str((tree.transform(opened) if stacks else tree).sql("bigquery"))


def stacked(parts: Sequence[Table]) -> str:
    """All rows of tables of the same columns. Ibis would nest the tables by twos, which BigQuery takes for too complex."""
    return " UNION ALL ".join(sql_of(part) for part in parts)
