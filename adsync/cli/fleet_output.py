"""What went wrong with some accounts, on stderr, and the exit code that says so."""

from __future__ import annotations

from typing import Any

import click

from adsync.apply import Applied
from adsync.fleet import FleetReport
from adsync.render.text import clean
from adsync.settings import Settings


def show_trouble(report: FleetReport[Any], settings: Settings) -> int:
    """Names every account that was not done, and why; returns the exit code."""
    for outcome in report.outcomes:
        if outcome.error is not None:
            click.echo(f"adsync: {outcome.account.name}: {clean(str(outcome.error))}", err=True)
        elif outcome.skipped:
            click.echo(f"adsync: {outcome.account.name} is left for the next run. {outcome.skipped}", err=True)
    if not report.outcomes:
        click.echo(f"adsync: every account in {settings.path} is set aside: correct what is named above.", err=True)
    if report.exit_code == 0 and settings.faulty:
        return 5
    return report.exit_code


def show_stop(name: str, applied: Applied) -> None:
    """Names the error after which an account's other changes were left."""
    if applied.stopped_by is not None:
        click.echo(f"adsync: {name}: {clean(str(applied.stopped_by))}", err=True)
