"""adsync demo: 32 weeks of nights on a growing shop, told as they happen."""

from __future__ import annotations

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from adsync.cli.options import Whole, console, progress
from adsync.cli.sandbox_options import DIRECTORY

if TYPE_CHECKING:
    from rich.console import Console

    from adsync.model.account import Account
    from adsync.nightly import NightReport
    from adsync.ports import Ports

SCRIPTED = ("key_event", "promote")
"""What the demo's person says yes to."""


@click.command(name="demo")
@click.option("--weeks", default=32, show_default=True, type=Whole(1, 55), help="How many weeks of nights to play.")
@click.option("--seed", default=7, show_default=True, type=Whole(0), metavar="N", help="Another seed, other visitors.")
@click.option(
    "--dir",
    "directory",
    type=DIRECTORY,
    metavar="DIR",
    help="Where to keep the state (default: a temporary folder).",
)
@click.pass_context
def command(context: click.Context, weeks: int, seed: int, directory: Path | None) -> None:
    """Watch adsync do its job on a made-up Google, with the real clients and without any credentials.

    \b
    Example:
      adsync demo
    """
    from adsync.sandbox.process import sandbox_process

    folder = directory or Path(tempfile.mkdtemp(prefix="adsync-demo-"))
    click.echo("Starting a made-up Google Ads, GA4 and OAuth on this machine ...")
    with sandbox_process(folder, "--fresh", "--scenario", "growing-shop", "--seed", str(seed)) as sandbox:
        from adsync.cli.logs import set_up_logs
        from adsync.settings import load
        from adsync.wiring import Wiring

        set_up_logs(context.obj["verbose"])
        wiring = Wiring(load(environment=sandbox.environment()))
        account = wiring.settings.accounts[0]
        ports = wiring.ports(account)
        out = console()
        _introduce(out, account)
        with progress(context, weeks * 7, "Playing nights") as step:
            for _ in range(weeks * 7):
                _one_night(out, account, ports)
                sandbox.control.advance(1)
                step(f"{ports.clock.now():%Y-%m-%d}", 1)
        _sum_up(out, account, ports)
        report = _report(folder, account, ports)
    click.echo(f"\nThe report: {report}")
    click.echo(f"Everything is in {folder} (adsync.db is the state). Look around there, or delete it.")
    if directory is None and shutil.which("adsync") is None:
        click.echo("To play further:  . .venv/bin/activate")
    click.echo("To play by hand:  adsync sandbox serve --dir DIR   and in another terminal:  . DIR/env")


def _introduce(out: Console, account: Account) -> None:
    out.print(
        f"\nA shop with about 12 purchases a month from ads, and campaigns that bid by themselves (maximize conversions, no "
        f"target). Account {account.customer_id}, GA4 property {account.property_id}. From week 9 on it grows to 60.\n"
        "Each night adsync pulls, scores, decides, plans and applies. Nights on which nothing is due stay silent.\n"
    )


def _one_night(out: Console, account: Account, ports: Ports) -> None:
    from adsync.nightly import run_night

    night = run_night(account, ports)
    told = _tell(out, night)
    if night.news:
        _script(out, night, ports)
    if told:
        out.print()


def _tell(out: Console, night: NightReport) -> bool:
    """Prints what a night did, as `adsync sync` would; nothing for a quiet one."""
    from adsync.render.terminal import applied_table, plan_table, text

    done = [
        (r.name, r.change, r.outcome, r.note) for r in (night.applied.results if night.applied else ()) if r.outcome
    ]
    if not (done or night.news or night.reviews):
        return False
    out.print(text(f"{night.pulled.as_of:%A %Y-%m-%d}. {night.decisions.demand.stands}", "bold"))
    for review in night.reviews:
        out.print(text(review.named))
    if night.news:
        out.print(plan_table(night.news))
    if done:
        out.print(applied_table(done))
    return True


def _script(out: Console, night: NightReport, ports: Ports) -> None:
    """Says yes to what the demo's person agrees to, and prints the command that a person would type."""
    from adsync.review import choose, verdicts

    kinds = {p.change.verb.value for p in night.plan.changes if p.consent.value == "review"}
    for kind in SCRIPTED:
        if kind in kinds:
            out.print(f"  $ adsync review --account {night.account.name} --approve {kind}", style="cyan")
            chosen = choose(night.plan.numbered(), [kind])
            ports.state.ledger.approve(verdicts(chosen, approved=True, by="demo", now=ports.clock.now()))


def _sum_up(out: Console, account: Account, ports: Ports) -> None:
    """The change log with its outcome reviews, and four weeks a line what was sold and what bidding learned from."""
    from adsync.changelog import reviewed_changes
    from adsync.model.outcome_words import review_line
    from adsync.render.terminal import text, weeks_table
    from adsync.render.timeline import timeline_table

    entries = ports.state.ledger.entries([account.customer_id])
    reviews = {r.entry.id: review_line(r).said for r in reviewed_changes(ports.state, [account.customer_id])}
    out.print(text("The change log (adsync log):", "bold"))
    out.print(timeline_table(entries, {}, {}, {account.customer_id: account.name}, {}, reviews))
    out.print()
    snapshot = ports.state.numbers.snapshot(account.customer_id)
    if snapshot is not None:
        out.print(text("What was sold, and what bidding learned from, in Google Ads' own numbers:", "bold"))
        out.print(weeks_table(_four_weeks(account, ports)))


def _four_weeks(account: Account, ports: Ports) -> list[tuple[str, float, float]]:
    """Four weeks a row: their first day, purchases, and conversions that counted for bidding."""
    from adsync.model.window import Window

    numbers, customer_id = ports.state.numbers, account.customer_id
    snapshot = numbers.snapshot(customer_id)
    assert snapshot is not None
    today = snapshot.state.as_of
    macros = {a.id for a in account.macro_actions(snapshot.state)}
    rows = []
    last = today - timedelta(days=1)
    for back in range(8):
        window = Window.ending(last - timedelta(days=28 * back), days=28)
        days = numbers.campaign_conversions(customer_id, window, today)
        sold = sum(d.all_conversions for d in days if d.action_id in macros)
        rows.append((str(window.first), sold, sum(d.conversions for d in days)))
    return rows[::-1]


def _report(folder: Path, account: Account, ports: Ports) -> Path:
    """Writes the page that `adsync report` would write; returns where."""
    from adsync.files import write_private
    from adsync.render.report import report_html
    from adsync.reporting import page_of

    path = folder / "report.html"
    write_private(path, report_html([page_of(account, ports.state, ports.clock)]))
    return path
