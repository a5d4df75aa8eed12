"""Finds the command, runs it, and turns what it raises into a message and an exit code."""

from __future__ import annotations

import errno
import importlib
import io
import json
import os
import re
import sys
from collections.abc import Sequence
from typing import Any

import click

from adsync import __version__
from adsync.errors import AdsyncError

# Name -> (module, what it does). Help lists these without importing any of them.
COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("adsync.cli.demo", "Watch adsync do its job for 32 weeks, without any credentials."),
    "init": ("adsync.cli.init", "List what your credentials can see, and write a config."),
    "doctor": ("adsync.cli.doctor", "Check everything that a night needs, and say how to mend it."),
    "pull": ("adsync.cli.pull", "Copy Google's numbers into the state database."),
    "score": ("adsync.cli.score", "Which micro-conversions announce the main one, and the menu of them."),
    "funnel": (
        "adsync.cli.funnel",
        "How far visitors come on the way to the main conversion, and where they are lost.",
    ),
    "channels": ("adsync.cli.channels", "What each channel or campaign brings, starts and finishes."),
    "status": ("adsync.cli.status", "Where each account stands, and what needs a person."),
    "holds": ("adsync.cli.holds", "What stops automation, and how a person ends it."),
    "goals": ("adsync.cli.goals", "Which conversion actions each campaign bids on, and why."),
    "plan": ("adsync.cli.plan", "Show what would be changed, and why."),
    "review": ("adsync.cli.review", "Say yes or no to each planned change."),
    "apply": ("adsync.cli.apply", "Carry out what is approved."),
    "sync": ("adsync.cli.sync", "The night: pull, plan and apply for all accounts."),
    "log": ("adsync.cli.log", "What was changed, by whom and why; what is pending."),
    "diff": ("adsync.cli.diff", "What moved in an account's settings between two days, and who did it."),
    "adopt": ("adsync.cli.adopt", "Let adsync look after conversion actions that others have made."),
    "rollback": ("adsync.cli.rollback", "Plan to take a change back."),
    "report": ("adsync.cli.report", "Write a page with the numbers, the funnel and the change log."),
    "backtest": ("adsync.cli.backtest", "Replay a history: what the rule would have done, night by night."),
    "simulate": ("adsync.cli.simulate", "Try a policy on simulated years of accounts whose truth is known."),
    "sandbox": ("adsync.cli.sandbox", "A made-up Google on this machine, to try things on."),
}

BROKEN_PIPE, INTERRUPTED = 141, 130
_OUT_OF_MEMORY = re.compile("failed to map segment|annot allocate memory")
"""What the loader of libraries says."""


class _LazyGroup(click.Group):
    """Knows its commands by name and imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        from adsync.cli.options import takes_text

        command: click.Command = importlib.import_module(COMMANDS[name][0]).command
        return takes_text(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, what) for name, (_, what) in COMMANDS.items()])

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in COMMANDS:
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            ctx.fail(f"There is no command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="adsync")
@click.option(
    "--config",
    type=click.Path(dir_okay=False),
    metavar="PATH",
    help="The config file (default: adsync.yaml, or ADSYNC_CONFIG).",
)
@click.option("-q", "--quiet", is_flag=True, help="No progress on the terminal.")
@click.option("-v", "--verbose", count=True, help="More log lines on stderr; twice for Google's own.")
@click.pass_context
def cli(context: click.Context, config: str | None, quiet: bool, verbose: int) -> None:
    """Runs the life of micro-conversions in Google Ads: finds those that announce the sale, creates their conversion
    actions, and retires them when the sale can stand alone.

    \b
    Try it without credentials:   adsync demo
    Connect an account:           adsync init, then adsync doctor
    Every night, from cron:       adsync sync
    """
    context.obj = {"config": config, "quiet": quiet, "verbose": verbose}


def run(arguments: Sequence[str]) -> int:
    """Runs a command line; returns its exit code."""
    if sys.stdout is None:  # closed by the caller (`>&-`): nobody reads, and that is no failure
        sys.stdout = io.StringIO()
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        click.echo("Stopped. What is stored stays; the next run carries on.", err=True)
        return INTERRUPTED
    except (BrokenPipeError, SystemExit) as stop:
        if isinstance(stop, SystemExit) and stop.code != 1:
            raise
        # The reader went away (`adsync log | head`), of which click and rich make an end with 1, as nothing else does here.
        # Python would complain once more when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EIO, errno.EBADF):
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        click.echo(f"adsync: the output cannot be written: {error.strerror}.", err=True)
        return 1
    except (MemoryError, ImportError) as error:
        # What is imported late is loaded into memory like everything else.
        if isinstance(error, ImportError) and not _OUT_OF_MEMORY.search(str(error)):
            raise
        click.echo(
            "adsync: the system gives no more memory. End other programs, or raise the limit (ulimit -v).", err=True
        )
        return 1


def _run(arguments: Sequence[str]) -> int:
    """The same; what the system does to it is the caller's."""
    try:
        result = cli.main(args=list(arguments), prog_name="adsync", standalone_mode=False)
        sys.stdout.flush()
    except AdsyncError as error:
        return _report(error, as_json="--json" in arguments)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.Abort:
        click.echo("Stopped.", err=True)
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    return result if isinstance(result, int) else 0


def _report(error: AdsyncError, *, as_json: bool) -> int:
    from adsync.render.text import clean

    # Before what is for programs: their disk may be full.
    click.echo(f"adsync: {clean(str(error))}", err=True)
    if as_json:
        click.echo(json.dumps({"schema": 1, "error": error.as_document()}))
    return error.exit_code
