"""The engine on this machine is at work while the next statement is written: what that does to errors and to its end."""

from __future__ import annotations

from pathlib import Path

import duckdb
import ibis
import pytest

from adsync.events.duckdb_engine import DuckDBEngine

HOURS_OF_WORK = 10**13


def _numbers_to(end: int) -> ibis.Table:
    return ibis.range(end).unnest().name("n").as_table()


def test_kept_rows_are_whole_when_they_are_asked_for() -> None:
    with DuckDBEngine([]) as engine:
        engine.keep("kept", _numbers_to(9))
        kept = engine.keep("kept", _numbers_to(3_000_000))  # a name that is taken is given to the new rows
        even = engine.keep("even", kept.filter(kept.n % 2 == 0))
        assert engine.totals(kept.agg(n=kept.count(), total=kept.n.sum())) == {
            "n": 3_000_000,
            "total": 4_499_998_500_000,
        }
        assert engine.totals(even.agg(n=even.count())) == {"n": 1_500_000}


def test_files_are_read_beside_what_is_under_way(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    duckdb.execute(f"copy (select 1 as one) to '{path}'")
    with DuckDBEngine([path]) as engine:
        kept = engine.keep("kept", _numbers_to(9_000_000).agg(total=ibis._.n.sum()))
        one = engine.connection.read_parquet(path)
        assert engine.totals(one.agg(n=one.count())) == {"n": 1}
        assert engine.totals(kept.agg(n=kept.count())) == {"n": 1}


def test_what_goes_wrong_in_kept_rows_is_raised_by_the_next_question_once() -> None:
    with DuckDBEngine([]) as engine:
        numbers = _numbers_to(9)
        bad = engine.keep("bad", numbers.mutate(n=(numbers.n * ibis.literal(2**62))))
        engine.keep("of_bad", bad)
        for n in range(2):  # one of them has begun by the time the first has failed
            engine.keep(f"busy {n}", _numbers_to(5_000_000).agg(total=ibis._.n.sum()))
        with pytest.raises(duckdb.OutOfRangeException):
            engine.totals(numbers.agg(n=numbers.count()))
        assert engine.totals(numbers.agg(n=numbers.count())) == {"n": 9}


def test_later_answers_are_had_in_any_order() -> None:
    with DuckDBEngine([]) as engine:
        kept = engine.keep("kept", _numbers_to(1_000))
        sums = engine.later(kept.agg(total=kept.n.sum()))
        engine.keep("kept", _numbers_to(3))
        few = engine.later(kept.agg(total=kept.n.sum()))
        assert engine.totals(kept.agg(n=kept.count())) == {"n": 3}
        assert (few()["total"].tolist(), sums()["total"].tolist()) == ([3], [499_500])
        assert sums()["total"].tolist() == [499_500]


def test_a_later_answer_raises_what_went_wrong_before_it() -> None:
    with DuckDBEngine([]) as engine:
        numbers = _numbers_to(9)
        fine = engine.later(numbers.agg(n=numbers.count()))
        bad = engine.keep("bad", numbers.mutate(n=(numbers.n * ibis.literal(2**62))))
        of_bad = engine.later(bad.agg(n=bad.count()))
        assert fine()["n"].tolist() == [9]
        with pytest.raises(duckdb.OutOfRangeException):
            of_bad()
        assert engine.numbers(numbers.agg(n=numbers.count()))["n"].tolist() == [9]


def test_answers_are_not_kept_by_the_engine() -> None:
    with DuckDBEngine([]) as engine:
        for n in range(20):
            engine.numbers(_numbers_to(n + 1))
        assert not engine._begun


def test_work_under_way_ends_with_the_error_that_leaves_it() -> None:
    def stopped_at_once() -> None:
        with DuckDBEngine([]) as engine:
            engine.keep("sums", _numbers_to(HOURS_OF_WORK).agg(total=ibis._.n.sum()))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped_at_once()
