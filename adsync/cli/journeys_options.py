"""What the commands about visitors' ways share: their options, and how they end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from adsync.cli.interrupts import ends_at_once
from adsync.cli.options import Number, Whole, console, write_page
from adsync.model.dataset import MAX_GB, MOST_DAYS, READ_DAYS, SCHEME, Dataset, dataset

if TYPE_CHECKING:
    from rich.console import RenderableType

    from adsync.model.condition import Condition
    from adsync.ports import EventLog
    from adsync.wiring import Billed

Report = TypeVar("Report")
Command = TypeVar("Command", bound=Callable[..., Any])


MOST_STEPS = 50
"""Of steps and micros that one command asks about. The work grows with each, and no way has so many."""

NAMES_NOTHING = "It names nothing. Is a variable not set?"


class _Source(click.ParamType["Path | Dataset"]):
    """A path, or a dataset of BigQuery."""

    name = "path"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path | Dataset:
        if not str(value):  # a path without a name is the current folder
            self.fail(NAMES_NOTHING, param, ctx)
        if str(value).lower().startswith(SCHEME):
            return dataset(value)
        if "://" in str(value):
            self.fail(f"{value} lies elsewhere: only files of this machine and {SCHEME} are read.", param, ctx)
        return Path(value)


EVENTS_HELP = (
    "A log of single events: a file or folder of the GA4 export or of flat CSV or Parquet, may be given several times; or "
    "the export itself, as bigquery://PROJECT/analytics_ID."
)


def events_option(*, required: bool = True) -> Callable[[Command], Command]:
    """Where the events are, and what limits the bill of BigQuery."""

    def added(command: Command) -> Command:
        options = (
            click.option(
                "--events", type=_Source(), multiple=True, required=required, metavar="PATH", help=EVENTS_HELP
            ),
            click.option(
                "--read-days",
                type=Whole(1, MOST_DAYS),
                metavar="N",
                help=f"With bigquery://: so many days up to the newest, or to --as-of (default: {READ_DAYS}).",
            ),
            click.option(
                "--max-gb",
                type=Number(0.01, 1_000_000),
                metavar="N",
                help=f"With bigquery://: gigabytes that may be billed; more is refused (default: {MAX_GB:g}).",
            ),
        )
        for option in reversed(options):
            command = option(command)
        return command

    return added


def billed(
    events: tuple[Path | Dataset, ...],
    as_of: date | None,
    read_days: int | None,
    max_gb: float | None,
    at_least_days: int = 0,
) -> Billed:
    """What limits the bill. at_least_days: that a question looks at. Raises UsageError where nothing is billed."""
    from adsync.errors import UsageError
    from adsync.wiring import Billed

    if (read_days, max_gb) != (None, None) and all(isinstance(source, Path) for source in events):
        raise UsageError("--read-days and --max-gb are for bigquery:// only.", "Files are read whole.")
    return Billed(
        as_of=as_of,
        days=read_days or min(MOST_DAYS, max(READ_DAYS, at_least_days)),
        max_gb=max_gb or MAX_GB,
        tell=lambda line: click.echo(line, err=True),
    )


@contextmanager
def open_log(
    events: tuple[Path | Dataset, ...],
    limits: Billed,
    macro: str | None = None,
    conditions: Sequence[Condition] = (),
    named: Sequence[tuple[str, str]] = (),
) -> Iterator[EventLog]:
    """The log that a command asks. A job of BigQuery is called off at Ctrl-C, the engine of files ends at once.

    conditions: the candidates. named: events that the log must have besides, each with the option that says so. Raises
    UsageError where it lacks one.
    """
    from adsync.score.asking import candidate_in_log, event_in_log
    from adsync.wiring import event_log

    def look(rows_by_name: Mapping[str, int]) -> None:
        # A log without one event is refused with a reason of its own.
        if not rows_by_name:
            return
        for event, option in named:
            event_in_log(event, rows_by_name, option)
        for candidate in conditions:
            candidate_in_log(candidate, rows_by_name)

    in_files = all(isinstance(source, Path) for source in events)
    with ends_at_once() if in_files else nullcontext(), event_log(events, macro, conditions, limits, look) as log:
        yield log


class EventName(click.ParamType[str]):
    """An event's name, as it is or in double quotes."""

    name = "event"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from adsync.model.condition import names_in

        names = names_in(str(value))
        return names[0] if len(names) == 1 else str(value)


macro_option = click.option("--macro", required=True, type=EventName(), metavar="EVENT", help="The main conversion.")
days_option = click.option(
    "--days",
    type=Whole(1, 3_650),
    default=28,
    show_default=True,
    metavar="N",
    help="The period: so many days up to the log's last one, or to --as-of.",
)


def _names_a_file(_: click.Context, __: click.Parameter, path: Path | None) -> Path | None:
    if path == Path():
        raise click.BadParameter(NAMES_NOTHING)
    return path


html_option = click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    callback=_names_a_file,
    metavar="FILE",
    help="Write a page with charts as well.",
)


def names_of(written: str | None, option: str) -> tuple[str, ...]:
    """Names of events with commas between them. Raises UsageError for an empty one, and for more than anybody can read."""
    from adsync.errors import UsageError
    from adsync.model.condition import names_in

    if written is None:
        return ()
    names = names_in(written)
    if not all(names):
        raise UsageError(
            f"{option} {written!r} has an empty name.", next_step=f"Such as: {option} view_item,add_to_cart"
        )
    if len(names) > MOST_STEPS:
        raise UsageError(
            f"{len(names)} events in {option} are too many at once.",
            "Each of them is another pass through the log, and another column to read.",
            next_step=f"Name {MOST_STEPS} at most.",
        )
    return names


def show(
    report: Report,
    *,
    lines: Callable[[Report], Iterable[RenderableType]],
    document: Callable[[Report], dict[str, Any]],
    page: Callable[[Report], str],
    html: Path | None,
    as_json: bool,
) -> None:
    """Writes the page where one is wanted, and prints JSON or what people read."""
    if html is not None:
        write_page(html, page(report))
    if as_json:
        from adsync.render.document import as_json as to_json

        click.echo(to_json(document(report)))
        return
    terminal = console()
    for line in lines(report):
        terminal.print(line)
