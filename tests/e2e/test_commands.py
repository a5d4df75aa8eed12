"""Promises that every command keeps: help, an example that runs, quick start-up, exit codes, JSON."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from adsync.cli.main import COMMANDS
from tests.event_worlds import draw, write_parquet
from tests.sandboxes import Shell, adsync_here, run_adsync

SUBCOMMANDS = {
    "sandbox": (
        "serve",
        "scenarios",
        "advance",
        "status",
        "install-tag",
        "fault",
        "switch",
        "export-events",
    )
}
# Examples that would not end, take a minute, or need something to work on: their own tests run them.
ELSEWHERE = {
    "adsync demo",
    "adsync sandbox serve --dir /tmp/sandbox --scenario starved-shop",
    "adsync adopt --action 700000004 --as add_to_cart",
    "adsync holds --restore 4",
    'adsync holds --clear 4 --reason "a real sale, checked against the shop"',
}


LOG = """user_pseudo_id,event_timestamp,event_name,device,channel
v1,2026-06-01T12:00:00Z,view_item,mobile,Email
v1,2026-06-01T12:01:00Z,add_to_cart,mobile,Email
v1,2026-06-01T12:02:00Z,view_cart,mobile,Email
v1,2026-06-01T12:03:00Z,purchase,mobile,Email
v2,2026-06-01T12:00:00Z,view_item,desktop,
"""


def every_command() -> list[tuple[str, ...]]:
    return [(name, *sub) for name in COMMANDS for sub in [(), *((s,) for s in SUBCOMMANDS.get(name, ()))]]


def examples(help_text: str) -> list[str]:
    """The adsync commands in the example of a help text."""
    _, _, after = help_text.partition("Example")
    lines = (line.strip() for line in after.split("Options:")[0].splitlines())
    return [re.sub(r"^.*\* +", "", line).removesuffix(" &") for line in lines if "adsync" in line]


@pytest.fixture(scope="module")
def pulled(shop: Shell) -> Shell:
    """The shop once its numbers have been copied."""
    assert shop.adsync("pull").returncode == 0
    return shop


def counts_file() -> str:
    """Half a year of counts."""
    return "\n".join(["date,macro", *(f"{date(2026, 1, 1) + timedelta(days=n)},2" for n in range(180))])


@pytest.mark.parametrize("words", every_command(), ids=" ".join)
def test_every_command_has_help_with_an_example(words: tuple[str, ...], tmp_path: Path) -> None:
    shown = adsync_here(*words, "--help", cwd=tmp_path)
    assert shown.returncode == 0
    assert examples(shown.stdout), shown.stdout
    assert len(shown.stdout.splitlines()[2].strip()) > 20, "a sentence says what it does"


def test_help_imports_no_client_no_database_and_no_numerics(tmp_path: Path) -> None:
    script = (
        "import sys; from adsync.cli import run; run(['--help']); "
        "heavy = {'google', 'grpc', 'sqlalchemy', 'alembic', 'duckdb', 'numpy', 'scipy', 'pydantic', 'altair', 'rich'}; "
        "print(sorted(heavy & {name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert shown.stderr.strip() == "[]"
    assert "rollback" in shown.stdout


def test_scoring_a_log_imports_no_database_no_settings_and_no_pandas(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(LOG, encoding="utf-8")
    script = (
        "import sys; from adsync.cli import run; "
        "run(['score', '--events', 'log.csv', '--macro', 'purchase', '--json']); "
        "slow = {'google', 'grpc', 'sqlalchemy', 'pydantic', 'altair', 'pandas'}; "
        "print(sorted(slow & {name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert shown.stderr.strip().splitlines()[-1] == "[]"
    assert '"macro": "purchase"' in shown.stdout


def test_the_examples_of_the_help_texts_run(shop: Shell) -> None:
    shop.here("sync")
    shop.here("review", "--approve", "all")
    shop.here("apply")
    (shop.directory / "counts.csv").write_text(counts_file(), encoding="utf-8")
    (shop.directory / "export").mkdir()
    world = draw("planted helpers", seed=1, visitors=500)
    write_parquet(world, shop.directory / "export" / "events.parquet")
    (shop.directory / "log.csv").write_text(LOG, encoding="utf-8")
    (shop.directory / "faults.yaml").write_text("faults: [{call: SearchStream, kind: cut}]", encoding="utf-8")
    wanted = {e for words in every_command() for e in examples(shop.here(*words, "--help").stdout)} - ELSEWHERE
    assert len(wanted) >= 15
    for example in sorted(wanted, key=lambda text: ("advance" in text, "--events" in text, text)):
        arguments = (
            example.split("adsync ", 1)[1]
            .replace("--dir /tmp/sandbox", f"--dir {shop.directory}")
            .replace("--config /etc/adsync/adsync.yaml", f"--config {shop.directory}/adsync.yaml")
            .replace("--events export/", "--events log.csv")
            .replace("--accounts 40", "--accounts 20")
            .replace("--entry 4", "--entry 1")
            .replace("--action 700000003", "--action 700000001")
            .replace(
                "--key-file service-account.json", f"--key-file {shop.directory}/service-account.json --out new.yaml"
            )
            .split()
        )
        if arguments[:2] == ["sandbox", "serve"] or arguments == ["review"]:
            continue  # one waits for Ctrl-C, the other for a terminal
        # The clients log what `doctor --probe` provokes; everything else may run where all is imported.
        ran = (shop.adsync if arguments[0] == "doctor" else shop.here)(*arguments)
        assert ran.returncode == 0, f"{example}\n{ran.stdout}\n{ran.stderr}"
        shop.control.fault("", "none")


@pytest.mark.parametrize(
    "words",
    [
        ("status",),
        ("goals",),
        ("adopt",),
        ("diff", "--from", "2026-01-01"),
        ("plan",),
        ("log",),
        ("log", "--pending"),
        ("doctor",),
        ("pull",),
        ("sync",),
        ("apply",),
        ("init", "--list"),
        ("backtest", "--account", "shop"),
        ("score", "--names"),
        ("score",),
    ],
    ids=" ".join,
)
def test_json_is_one_document_with_a_schema_and_nothing_else_on_stdout(
    words: tuple[str, ...], pulled: Shell, capfd: pytest.CaptureFixture[str]
) -> None:
    ran = (pulled.adsync if words == ("sync",) else pulled.here)(*words, "--json")
    assert capfd.readouterr().out == "", "nor past Python"
    document = json.loads(ran.stdout)
    assert document["schema"] == 1
    assert "data" in document


def test_an_error_is_json_too_when_json_was_asked_for(shop: Shell) -> None:
    ran = shop.adsync("status", "--account", "nobody", "--json")
    assert ran.returncode == 2
    assert json.loads(ran.stdout)["error"]["error"] == "SettingsError"
    assert "nobody" in ran.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("sinc",), "Did you mean sync?"),
        (("status", "--as-of", "yesterday"), "2026-11-21"),
        (("rollback",), "--entry"),
        (("rollback", "--entry", "99"), "no entry 99"),
        (("review", "--approve", "shop-1999-01-01-1/1"), "No change is called"),
        (("review", "--from", "nowhere.yaml"), "cannot be read"),
        (("--config", "nowhere.yaml", "status"), "There is no config file"),
        (("score", "--names", "--events", "x.csv"), "adsync score --names"),
        (("score", "--macro", "purchase"), "--events export/"),
        (("score", "--account", "nobody"), "nobody"),
        (("score", "--account", "shop", "--events", "x.csv", "--macro", "purchase"), "belongs to no account"),
        (("channels", "--events", "x.csv"), "--macro"),
        (("funnel", "--macro", "purchase"), "--events"),
        (("funnel", "--events", "nowhere.csv", "--macro", "purchase"), "There is no file nowhere.csv"),
        (("score", "--names", "--business", "lottery"), "saas"),
        (("backtest",), "--counts counts.csv"),
        (("backtest", "--account", "nobody"), "nobody"),
        (("backtest", "--account", "shop", "--first", "1999-01-01"), "can be:"),
        (("sandbox", "serve", "--dir", "x", "--scenario", "zoo"), "growing-shop"),
        (("sandbox", "serve", "--dir", "x", "--events", "nowhere.parquet"), "does not exist"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_usage_exits_with_2_says_what_is_allowed_and_shows_no_traceback(
    words: tuple[str, ...], says: str, pulled: Shell
) -> None:
    ran = pulled.here(*words)
    assert ran.returncode == 2
    assert says in ran.stderr
    assert "Traceback" not in ran.stderr


EMPTY_CONFIGS = ("", "# state: adsync.db\n", "accounts: []\n")
OFF_ACCOUNTS = ("channels", "demo", "funnel", "init", "sandbox", "simulate")
ON_ACCOUNTS = [name for name in COMMANDS if name not in OFF_ACCOUNTS]
WITH = {"rollback": ("--entry", "1"), "diff": ("--from", "2026-01-01"), "backtest": ("--account", "shop")}


@pytest.mark.parametrize(("name", "text"), [*((n, "") for n in ON_ACCOUNTS), *(("status", t) for t in EMPTY_CONFIGS)])
def test_a_config_without_accounts_is_an_error_that_says_what_to_write(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "adsync.yaml").write_text(text, encoding="utf-8")
    ran = adsync_here(name, *WITH.get(name, ()), cwd=tmp_path)
    assert ran.returncode == 2
    assert ran.stdout == "" and "adsync.yaml names no accounts." in ran.stderr
    assert "adsync init --force" in ran.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["adsync.yaml"]


def test_the_account_that_an_empty_config_is_told_to_have_is_one(tmp_path: Path) -> None:
    (tmp_path / "adsync.yaml").touch()
    (example,) = re.findall(r"accounts: \[\{.*\}\]", run_adsync("status", cwd=tmp_path).stderr)
    (tmp_path / "adsync.yaml").write_text(example, encoding="utf-8")
    assert run_adsync("status", cwd=tmp_path).returncode == 0


def test_a_reader_that_goes_away_is_no_error(shop: Shell) -> None:
    command = f"{Path(sys.executable).parent / 'adsync'} log --json | head -c 1"
    ran = subprocess.run(
        ["sh", "-c", command],
        env={**shop.variables, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stderr == ""


def test_colours_are_left_out_of_pipes(shop: Shell) -> None:
    assert "\x1b" not in shop.adsync("status").stdout
