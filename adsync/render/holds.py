"""Holds as a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.table import Table

from adsync.model.holds import DaysAside, HoldNews, KnownHold, Obstacle
from adsync.render.terminal import text


def holds_table(holds: Sequence[KnownHold], names: Mapping[str, str], blocked: Sequence[Obstacle] = ()) -> Table:
    """A line for each hold, and one without an id for what stops a planned change. names: of accounts, by customer id."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("id", justify="right", no_wrap=True)
    for heading in ("account", "since"):
        table.add_column(heading, no_wrap=True)
    for heading in ("what was seen", "what to do"):
        table.add_column(heading)
    for known in holds:
        hold = known.hold
        table.add_row(
            str(known.id),
            text(names.get(known.customer_id, known.customer_id)),
            str(hold.since),
            text(hold.saw),
            text(_todo(known)),
        )
    for each in blocked:
        account = text(names.get(each.customer_id, each.customer_id))
        table.add_row("-", account, str(each.since), text(each.saw), text(each.todo))
    return table


def set_aside_table(found: Sequence[DaysAside], names: Mapping[str, str]) -> Table:
    """A line for each reason why days are no evidence. What no night ever held for has no id to end it by."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("id", justify="right", no_wrap=True)
    for heading in ("account", "first", "last"):
        table.add_column(heading, no_wrap=True)
    table.add_column("days", justify="right", no_wrap=True)
    table.add_column("what was seen")
    for each in found:
        days = each.days
        table.add_row(
            str(each.hold_id or "-"),
            text(names.get(each.customer_id, each.customer_id)),
            str(days.first),
            str(days.last),
            str(days.days),
            text(days.saw),
        )
    return table


def hold_lines(news: HoldNews) -> Iterator[str]:
    """What a night says of holds that began or ended on it."""
    for known in news.began:
        yield f"Hold {known.id}, since {known.hold.since}: {known.hold.saw} {known.todo}"
    for known in news.ended:
        yield f"Hold {known.id}, since {known.hold.since}, {_how_it_ended(known)}. It said: {known.hold.saw}"


def _how_it_ended(known: KnownHold) -> str:
    if known.put_back_by is not None:
        return f"has ended, for adsync put it back with entry {known.put_back_by}"
    # Which of the two the hold does not know: it is there while a change is due that Google refuses.
    why = ", for the change is due no more or Google accepts it" if known.hold.code == "refused" else ""
    return f"has ended by itself{why}"


def _todo(known: KnownHold) -> str:
    if known.cleared_at is not None:
        return f"Ended on {known.cleared_at:%Y-%m-%d} by {known.cleared_by}: {known.reason}"
    if known.put_back_by is not None:
        return f"Ended on {known.ended_on}: adsync put it back with entry {known.put_back_by}."
    if known.ended_on is not None:
        return f"Ended by itself on {known.ended_on}."
    return known.todo
