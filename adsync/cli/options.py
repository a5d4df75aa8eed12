"""What several commands share: options, settings, the terminal."""

from __future__ import annotations

import getpass
import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from rich.console import Console

    from adsync.settings import Settings
    from adsync.wiring import Wiring

Command = TypeVar("Command", bound=Callable[..., Any])


class _Date(click.ParamType[date]):
    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return day_in(value)
        except ValueError:
            self.fail(f"{value!r} is no date; write it as 2026-11-21.", param, ctx)


DATE = _Date()


def day_in(written: str) -> date:
    """The day that is written as 2026-11-21. Raises ValueError where none is."""
    if not _is_plain(written):
        raise ValueError(written)
    return datetime.strptime(written, "%Y-%m-%d").date()  # noqa: DTZ007  (a business date has no time zone)


def _is_plain(value: Any) -> bool:
    """Whether a number or date is written in 0 to 9: Python reads the digits of all scripts, and underscores among them."""
    return not isinstance(value, str) or (value.isascii() and "_" not in value)


class Whole(click.IntRange):
    """A whole number within a range."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if not _is_plain(value):
            self.fail(f"{value!r} is no number; write it with the digits 0 to 9.", param, ctx)
        number: int = super().convert(value, param, ctx)
        return number


class Number(click.FloatRange):
    """A number within a range; "nan" compares with nothing, so that every range would let it pass."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if not _is_plain(value):
            self.fail(f"{value!r} is no number; write it with the digits 0 to 9.", param, ctx)
        number: float = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value} is not in the range {self._describe_range()}.", param, ctx)
        return number


class _Text(click.ParamType[str]):
    """Names, ids and whatever else is written: bytes that are no text can be neither stored nor looked up."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            str(value).encode()
        except UnicodeEncodeError:
            self.fail(f"{value!r} is no text; write it in UTF-8.", param, ctx)
        return str(value)


TEXT = _Text()


def takes_text(command: click.Command) -> click.Command:
    """The command, in which each option that took any string takes text."""
    for parameter in command.params:
        if isinstance(parameter.type, click.types.StringParamType):
            parameter.type = TEXT
    for each in command.commands.values() if isinstance(command, click.Group) else ():
        takes_text(each)
    return command


account_option = click.option(
    "--account", "accounts", multiple=True, metavar="NAME", help="Only this account; may be given several times."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON on stdout.")
helpers_option = click.option(
    "--helpers",
    type=Whole(1, 9),
    default=1,
    show_default=True,
    metavar="N",
    help="How many are bid on at first.",
)
as_of_option = click.option("--as-of", type=DATE, metavar="DATE", help="As it was known on this date.")


def settings_of(context: click.Context) -> Settings:
    """The checked settings; accounts that were set aside are named on stderr.

    Raises SettingsError for a config without accounts: every command works on some.
    """
    from adsync.errors import SettingsError
    from adsync.render.text import clean
    from adsync.settings import load

    given = context.obj["config"]
    settings = load(Path(given) if given else None)
    for faulty in settings.faulty:
        click.echo(f"adsync: account {clean(faulty.name)} is set aside. {clean(faulty.problem)}", err=True)
    if not settings.accounts and not settings.faulty:
        raise SettingsError(
            f"{settings.path} names no accounts.",
            "Under `accounts` stands which to work on, such as:  accounts: [{name: shop, customer_id: 123-456-7890, "
            "property_id: 371001234, macro: {event: purchase, actions: [Purchase (web)]}}]",
            next_step="Write them there, or have the file replaced by what your credentials can see: adsync init --force",
        )
    return settings


def wiring_of(context: click.Context, *, talks_to_google: bool = True) -> Wiring:
    """Adapters for the settings. Commands that only read what is stored log nothing and need not wait for a logger."""
    from adsync.wiring import Wiring

    if talks_to_google:
        from adsync.cli.logs import set_up_logs

        set_up_logs(context.obj["verbose"])
    return Wiring(settings_of(context))


def not_in_the_future(as_of: date | None, wiring: Wiring) -> None:
    """Raises UsageError for a date that has begun nowhere on earth yet."""
    from adsync.errors import UsageError

    if as_of is not None and as_of > (wiring.clock.now() + timedelta(hours=14)).date():
        raise UsageError(f"{as_of} has not come yet.", "Nothing is known of days to come.")


def console(*, stderr: bool = False) -> Console:
    """A terminal that wraps where it must and colours where it may (NO_COLOR is respected)."""
    from rich.console import Console

    made = Console(stderr=stderr, highlight=False, soft_wrap=False)
    if not made.is_terminal:
        # Pipes and cron mail have no width; tables should not be squeezed into eighty columns there.
        made.width = int(width) if (width := os.environ.get("COLUMNS", "")).isdigit() else 140
    return made


@contextmanager
def progress(context: click.Context, total: int | None, what: str) -> Iterator[Callable[[str, int], None]]:
    """A progress line on an interactive stderr; calls do nothing elsewhere. Call with a text and a number of steps.

    total: None where it is not known beforehand.
    """
    import sys

    if context.obj["quiet"] or not sys.stderr.isatty():
        yield lambda text, steps: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[now]}"),
    )
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total, now="")
        yield lambda text, steps: bar.update(task, advance=steps, now=text)


def write_page(path: Path, page: str) -> None:
    """Writes a page that only its owner may read. Raises UsageError where the file cannot be written."""
    from adsync.errors import UsageError
    from adsync.files import write_private

    try:
        write_private(path, page)
    except OSError as error:
        raise UsageError(f"{path} cannot be written.", error.strerror or str(error)) from None


def who() -> str:
    """The name of the system's user, for what people decide: unverified, but better than nothing."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown user"
