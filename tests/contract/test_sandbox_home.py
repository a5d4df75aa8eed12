"""A sandbox with a folder goes on where it was, however its process ended."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adsync.errors import UsageError
from adsync.sandbox import kept_keys
from adsync.sandbox.addressing import serving_from
from adsync.sandbox.ads.account import AdsAccount, Edit
from adsync.sandbox.ads.tracking import Action, Flags
from adsync.sandbox.building import draw_account
from adsync.sandbox.coding import decoded, encoded, hints_of
from adsync.sandbox.control import SandboxControl
from adsync.sandbox.estate import Estate
from adsync.sandbox.ga4.property import KeyEventRecord, Property
from adsync.sandbox.home import Home, look_into
from adsync.sandbox.kept_keys import kept_identities
from adsync.sandbox.oauth import RefreshGrant
from adsync.sandbox.process import sandbox_process
from adsync.sandbox.saved import SavedState
from adsync.sandbox.scenarios import SCENARIOS
from adsync.sandbox.serve import Ports, RunningSandbox
from adsync.sandbox.stored import Recipe, open_world, write_world
from tests.sandboxes import LocalSandbox, local_sandbox, run_adsync

SMALL = {"scenario": "starved-shop", "seed": 7}


@dataclass
class _Part:
    """Every kind of field that the state's dataclasses have."""

    number: int
    share: float
    flag: bool
    words: list[str]
    pairs: dict[tuple[str, str], bool]
    since: int | None
    nested: list[Flags]
    by_id: dict[int, Flags]
    kinds: frozenset[str]
    anything: dict[str, object] = field(default_factory=dict)


def test_every_kind_of_field_comes_back_as_it_was() -> None:
    part = _Part(
        number=3,
        share=0.25,
        flag=True,
        words=["a", "b"],
        pairs={("PURCHASE", "WEBSITE"): False},
        since=None,
        nested=[Flags(1, "ENABLED", True)],
        by_id={7: Flags(2, "HIDDEN", False)},
        kinds=frozenset({"x", "y"}),
        anything={"campaign.name": "x", "target": 3},
    )
    assert decoded(_Part, json.loads(json.dumps(encoded(part)))) == part


@pytest.mark.parametrize("kind", [AdsAccount, Property, Action, Edit, KeyEventRecord])
def test_every_type_of_the_state_can_be_saved(kind: type) -> None:
    assert hints_of(kind), "its fields have types that can be found"


def test_what_cannot_be_saved_is_refused_rather_than_lost() -> None:
    with pytest.raises(TypeError, match="object"):
        encoded([object()])


def test_a_world_on_disk_is_the_world_that_was_drawn(tmp_path: Path) -> None:
    recipe = Recipe(scenario="lead-gen")
    drawn = draw_account(SCENARIOS["lead-gen"], recipe, 0)
    write_world(tmp_path, 3, drawn)
    opened = open_world(tmp_path, 3)
    for name in ("time", "arrival", "day", "name", "visitor", "session", "value", "click", "measured", "tagged"):
        assert np.array_equal(getattr(opened.log, name), getattr(drawn.log, name)), name
    assert np.array_equal(opened.clicks.cost, drawn.clicks.cost)
    assert (opened.log.names, opened.first_day, opened.last_day) == (drawn.log.names, drawn.first_day, drawn.last_day)
    size = sum(path.stat().st_size for path in tmp_path.rglob("*.npy"))
    assert size < 18 * len(drawn.log), "bytes an event, its share of sessions and clicks included"


def test_nobody_else_may_look_into_a_world_in_a_folder_that_is_open_to_all(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    write_world(tmp_path, 0, draw_account(SCENARIOS["lead-gen"], Recipe(scenario="lead-gen", history_days=30), 0))
    assert {folder.stat().st_mode & 0o077 for folder in (tmp_path / "world", tmp_path / "world" / "0000")} == {0}


# Going on ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    """A folder with a small world."""
    place = Home(tmp_path)
    place.estate(SMALL)
    place.close()
    return tmp_path


def opened(directory: Path, **given: Any) -> Estate:
    """The estate as the next process would find it."""
    place = Home(directory)
    try:
        return place.estate(given)
    finally:
        place.close()


def test_clock_switches_and_everything_else_that_changed_is_there_again(drawn: Path) -> None:
    estate = opened(drawn)
    account = estate.accounts["1000000001"]
    estate.advance(9)
    account.campaigns[0].target_cpa_micros = 5_000_000
    account.goals[("PURCHASE", "WEBSITE")] = False
    account.property.key_events.append(
        KeyEventRecord(id=9, event_name="sign_up", counting_method="ONCE_PER_SESSION", created_at=estate.now)
    )
    estate.changed(account.customer_id)
    again = opened(drawn)
    assert again.now == estate.now
    assert encoded(again.accounts["1000000001"], ("clicks", "property")) == encoded(account, ("clicks", "property"))
    assert again.properties["300000001"].key_events == account.property.key_events
    assert again.properties["300000001"].ads_links == ["1000000001"]


def test_what_nobody_wrote_down_is_not_there(drawn: Path) -> None:
    estate = opened(drawn)
    estate.accounts["1000000001"].campaigns[0].name = "Renamed"
    assert opened(drawn).accounts["1000000001"].campaigns[0].name != "Renamed"


def test_options_that_contradict_the_folder_are_refused_with_what_to_do(drawn: Path) -> None:
    with pytest.raises(UsageError) as caught:
        opened(drawn, scenario="growing-shop", seed=7)
    told = str(caught.value)
    assert "--scenario starved-shop" in told and "growing-shop" in told and "--seed" not in told and "--fresh" in told
    assert opened(drawn, scenario="starved-shop").scenario.name == "starved-shop"


def test_the_calendar_of_all_clients_can_start_on_any_day(tmp_path: Path) -> None:
    estate = opened(tmp_path, scenario="agency", starts_on="2031-05-14", history_days=30, future_days=31)
    assert f"{estate.date_time:%Y-%m-%d %H}" == "2031-05-14 04"
    assert {client.starts_on.isoformat() for client in estate.clients.values()} == {"2031-05-14"}
    assert {len(a.clicks.time[a.clicks.time < estate.now]) > 0 for a in estate.accounts.values()} == {True}
    assert opened(tmp_path).now == estate.now
    with pytest.raises(UsageError, match="--starts-on 2031-05-14, not 2031-05-15"):
        opened(tmp_path, starts_on="2031-05-15")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--starts-on", "tomorrow"), "is not a day"),
        (("--starts-on", "1969-05-01"), "2005 to 2090"),
        (("--starts-on", "today", "--events", "."), "not both"),
    ],
)
def test_days_on_which_no_calendar_can_start_are_wrong_usage(
    tmp_path: Path, options: tuple[str, ...], told: str
) -> None:
    ended = run_adsync("sandbox", "serve", "--dir", "box", *options, cwd=tmp_path)
    assert ended.returncode == 2 and told in ended.stderr and not (tmp_path / "box").exists()


def test_fresh_forgets_what_the_folder_held(drawn: Path) -> None:
    opened(drawn).advance(5)
    place = Home(drawn)
    estate = place.estate({"scenario": "lead-gen", "accounts": 2}, fresh=True)
    place.close()
    assert estate.scenario.name == "lead-gen" and len(estate.accounts) == 2
    assert f"{estate.date_time:%Y-%m-%d}" == "2026-03-09"


def test_a_world_that_was_not_drawn_to_its_end_is_drawn_anew(drawn: Path) -> None:
    (drawn / "world" / "recipe.json").unlink()
    (drawn / "world" / "0000" / "time.npy").unlink()
    assert len(opened(drawn, scenario="starved-shop").properties["300000001"].log.time) > 100_000


def test_a_world_of_another_version_is_refused(drawn: Path) -> None:
    path = drawn / "world" / "recipe.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 0}))
    with pytest.raises(UsageError, match="another version"):
        opened(drawn)


def test_two_processes_cannot_serve_from_one_folder(drawn: Path) -> None:
    first = Home(drawn)
    with pytest.raises(UsageError, match="already"):
        Home(drawn)
    first.close()


def test_looking_into_a_folder_changes_nothing(drawn: Path) -> None:
    holder = Home(drawn)
    recipe, estate = look_into(drawn)
    holder.close()
    assert recipe.scenario == "starved-shop" and estate.saved is None
    with pytest.raises(UsageError, match="no sandbox"):
        look_into(drawn / "elsewhere")


def test_looking_sees_what_a_process_has_written_that_serves_or_was_killed(drawn: Path) -> None:
    place = Home(drawn)
    estate = place.estate({})
    estate.advance(3)
    assert (drawn / "sandbox.db-wal").stat().st_size, "not yet in the file itself"
    assert look_into(drawn)[1].now == estate.now
    place.close()


def test_keys_and_ports_stay_the_same_so_that_programs_stay_connected(drawn: Path) -> None:
    place = Home(drawn)
    first = kept_identities(drawn)
    assert kept_identities(drawn) == first
    sandbox = RunningSandbox(drawn, place.estate({}), identities=first)
    running = sandbox.running
    place.keep_ports(running)
    # While somebody listens there, another one is chosen; an option always wins.
    assert place.ports(Ports(http=4711)) == Ports(http=4711)
    sandbox.stop()
    assert place.ports(Ports()) == Ports(
        ads=running.ads_port, http=running.http_port, https=running.https_port, proxy=running.proxy_port
    )
    place.close()


def test_tokens_grants_and_quota_are_there_again(drawn: Path) -> None:
    place = Home(drawn)
    estate = place.estate({})
    sandbox = RunningSandbox(drawn, estate, identities=kept_identities(drawn))
    sandbox.tokens.grant = RefreshGrant(refresh_token="1//mine")
    estate.project.level = "basic"
    estate.project.charge(7, estate.now)
    estate.note("project")
    estate.changed()
    sandbox.stop()
    place.close()
    place = Home(drawn)
    estate = place.estate({})
    sandbox = RunningSandbox(drawn, estate, identities=kept_identities(drawn))
    assert sandbox.tokens.grant.refresh_token == "1//mine"
    assert (estate.project.level, estate.project.used(estate.now)) == ("basic", 7)
    sandbox.stop()
    place.close()


def test_keys_that_end_soon_are_made_anew(drawn: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Home(drawn)
    first = kept_identities(drawn)
    monkeypatch.setattr(kept_keys, "_LAST", timedelta(0))
    assert kept_identities(drawn) != first
    place.close()


def test_a_save_takes_a_millisecond_or_so_whatever_else_there_is(tmp_path: Path) -> None:
    place = Home(tmp_path)
    estate = place.estate({"scenario": "starved-shop", "accounts": 20, "history_days": 40, "future_days": 31})
    account = estate.accounts["1000000007"]
    took = []
    for value in range(50):
        account.campaigns[0].target_cpa_micros = value
        began = time.perf_counter()
        estate.changed(account.customer_id)
        took.append(time.perf_counter() - began)
    place.close()
    assert np.median(took) < 0.01
    with sqlite3.connect(tmp_path / "sandbox.db") as connection:
        (document,) = connection.execute("SELECT document FROM part WHERE name = 'account 1000000007'").fetchone()
    assert json.loads(document)["campaigns"][0]["target_cpa_micros"] == 49


def test_only_what_differs_is_written(tmp_path: Path) -> None:
    saved = SavedState(tmp_path / "state.db")
    saved.save({"one": "1", "two": "2"})
    with sqlite3.connect(tmp_path / "state.db") as connection:
        connection.execute("UPDATE part SET document = 'seen' WHERE name = 'one'")
    saved.save({"one": "1", "two": "3"})
    assert SavedState(tmp_path / "state.db").documents() == {"one": "seen", "two": "3"}
    assert (tmp_path / "state.db").stat().st_mode & 0o077 == 0


# The real thing ------------------------------------------------------------------------------------------------------


def test_whoever_got_the_port_of_a_killed_sandbox_does_not_obey_its_controls(tmp_path: Path) -> None:
    killed, alive = tmp_path / "killed", tmp_path / "alive"
    killed.mkdir()
    with local_sandbox(alive) as sandbox:
        now = sandbox.control.now()
        (killed / "sandbox.json").write_text((alive / "sandbox.json").read_text())
        clock = f"{sandbox.running.running.url}/sandbox/clock?{serving_from(killed)}"
        for control in (SandboxControl.of(killed), SandboxControl(clock)):
            with pytest.raises(UsageError, match=f"No sandbox serves from {killed}.*serves from {alive}") as caught:
                control.advance(1)
            assert f"serve --dir {killed}" in caught.value.next_step
        assert sandbox.control.now() == now
        assert SandboxControl.of(alive).advance(1) == now + timedelta(days=1)
        assert serving_from(alive) in (alive / "env").read_text()


def test_a_killed_sandbox_goes_on_with_all_that_it_had_answered(tmp_path: Path) -> None:
    options = ("--scenario", "starved-shop", "--history-days", "120", "--future-days", "60")
    with sandbox_process(tmp_path, *options) as first:
        assert run_adsync("sync", cwd=tmp_path, variables=first.variables()).returncode == 0
        first.control.advance(3)
        created = run_adsync("review", "--approve", "all", cwd=tmp_path, variables=first.variables())
        assert created.returncode == 0, created.stderr
        applied = run_adsync("apply", cwd=tmp_path, variables=first.variables())
        assert applied.returncode == 0, applied.stdout + applied.stderr
        before, variables = first.control.status(), first.variables()
        os.kill(first.process.pid, signal.SIGKILL)
        first.process.wait()
    assert (tmp_path / "sandbox.json").exists(), "nobody tidied up"
    with sandbox_process(tmp_path) as second:
        after = second.control.status()
        assert second.variables() == variables, "same ports, same files"
        assert {**after, "calls": None} == {**before, "calls": None}
        assert run_adsync("status", cwd=tmp_path, variables=variables).returncode == 0
        assert run_adsync("sync", "--no-apply", cwd=tmp_path, variables=variables).returncode == 0


def test_serving_with_other_options_is_wrong_usage(tmp_path: Path) -> None:
    with sandbox_process(tmp_path, "--scenario", "starved-shop", "--history-days", "60", "--future-days", "40"):
        told = run_adsync("sandbox", "serve", "--dir", str(tmp_path), cwd=tmp_path)
        assert told.returncode == 2 and "already" in told.stderr
        exported = run_adsync(
            "sandbox", "export-events", "--dir", str(tmp_path), "--to", "out", "--days", "5", cwd=tmp_path
        )
        assert exported.returncode == 0, exported.stderr
        assert len(list((tmp_path / "out").glob("events_*.parquet"))) == 5
    told = run_adsync("sandbox", "serve", "--dir", str(tmp_path), "--seed", "8", cwd=tmp_path)
    assert told.returncode == 2 and "--seed 7" in told.stderr


def test_help_loads_no_heavy_library() -> None:
    code = (
        "import sys, click.testing; from adsync.cli.sandbox import command; "
        "result = click.testing.CliRunner().invoke(command, ['serve', '--help']); assert result.exit_code == 0; "
        "print(sorted({'numpy', 'duckdb', 'grpc', 'google'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_a_sandbox_in_this_process_keeps_nothing(tmp_path: Path) -> None:
    with local_sandbox(tmp_path, "starved-shop") as sandbox:
        assert isinstance(sandbox, LocalSandbox) and sandbox.running.estate.saved is None
        SandboxControl.of(tmp_path).advance(1)
    assert not (tmp_path / "sandbox.db").exists() and not (tmp_path / "world").exists()


@pytest.mark.parametrize("text", ["{", "", '{"a": 1}', '["a", -1, 99999999, null]', "[-1, 2, 3, 4]"])
def test_a_damaged_note_of_the_ports_costs_nothing_but_the_ports(drawn: Path, text: str) -> None:
    (drawn / "ports.json").write_text(text, encoding="utf-8")
    place = Home(drawn)
    assert place.ports(Ports(http=4711)) == Ports(http=4711)
    place.close()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("world/recipe.json", "[]"),
        ("world/recipe.json", '{"format": 0}'),
        ("world/0000/facts.json", "{"),
        ("world/0000/facts.json", None),
        ("world/0000/time.npy", None),
        ("world/0000/time.npy", "short"),
        ("identities.json", "{"),
        ("identities.json", '{"made": "2999-01-01T00:00:00+00:00"}'),
    ],
)
def test_damage_in_the_folder_is_said_with_what_to_do(drawn: Path, name: str, text: str | None) -> None:
    file, kept = drawn / name, (drawn / name).read_bytes() if (drawn / name).exists() else None
    file.unlink(missing_ok=True)
    if text is not None:
        file.write_text(text, encoding="utf-8")
    place = Home(drawn)
    try:
        with pytest.raises(UsageError, match=r"(--fresh|Delete the file)"):
            _open(place, drawn)
    finally:
        place.close()
        file.unlink(missing_ok=True)
        if kept is not None:
            file.write_bytes(kept)


def _open(place: Home, directory: Path) -> None:
    place.estate({})
    kept_identities(directory)
