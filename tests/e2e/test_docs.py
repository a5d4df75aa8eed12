"""The documents say what is so: pasted sessions are played, commands and settings are found."""

from __future__ import annotations

import json
import re
import subprocess
import textwrap
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from adsync.cli.main import COMMANDS
from adsync.events.flat import OPTIONAL
from adsync.model.condition import condition
from adsync.model.evidence import Verdict
from adsync.model.left_out import REASONS
from adsync.render.score import VERDICTS
from adsync.sandbox.fault_kinds import NAMED
from adsync.sandbox.scenarios import SCENARIOS
from adsync.settings import Environment, load
from tests.sandboxes import Shell, adsync_here, shell


def sessions(text: str) -> list[str]:
    """The fenced blocks that show a terminal."""
    return re.findall(r"```console\n(.*?)```", text, flags=re.DOTALL)


def steps(session: str) -> Iterator[tuple[str, list[str]]]:
    """Each command of a session, and the lines that are said to follow it."""
    for block in re.split(r"^\$ ", session, flags=re.MULTILINE)[1:]:
        command, *lines = block.splitlines()
        yield command, [line for line in lines if line.strip()]


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """Somebody who follows the README, with the sandbox already started."""
    with shell(tmp_path_factory.mktemp("readme")) as running:
        yield running


def test_the_session_in_the_readme_is_what_one_sees(root: Path, reader: Shell) -> None:
    (session,) = sessions((root / "README.md").read_text())
    played = list(steps(session))
    assert len(played) >= 8
    for command, expected in played:
        if command.startswith(". "):
            continue  # the fixture has read the environment
        ran = reader.here(*command.removeprefix("adsync ").split())
        assert ran.returncode == 0, f"{command}: {ran.stderr}"
        seen = squeezed(ran.stdout)
        for line in expected:
            if line != "...":
                assert squeezed(line).strip() in seen, f"{command} does not print: {line}\nbut: {ran.stdout}"


def play(text: str, typed: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    """Types the sessions of a page, and looks for each line that they show."""
    for command, expected in (step for session in sessions(text) for step in steps(session)):
        ran = typed(*command.removeprefix("adsync ").split())
        assert ran.returncode == 0, ran.stderr
        for line in expected:
            assert line == "..." or squeezed(line).strip() in squeezed(ran.stdout), (
                f"not printed: {line}\nbut: {ran.stdout}"
            )


def test_the_backtest_page_shows_what_one_sees_and_names_every_option(root: Path) -> None:
    text = (root / "docs" / "backtest.md").read_text()
    play(text, partial(adsync_here, cwd=root))
    options = re.findall(r"^  (--[a-z-]+)", adsync_here("backtest", "--help", cwd=root).stdout, flags=re.MULTILINE)
    assert len(options) >= 10
    assert [option for option in options if option not in text] == []


def test_the_page_on_funnels_shows_what_one_sees_and_says_what_every_option_is(root: Path) -> None:
    text = (root / "docs" / "funnels.md").read_text()
    play(text, partial(adsync_here, cwd=root))
    helps = "".join(adsync_here(name, "--help", cwd=root).stdout for name in ("funnel", "channels"))
    options = re.findall(r"^  (--[a-z-]+)", helps, flags=re.MULTILINE)
    assert len(options) >= 16
    assert [option for option in options if option not in text] == []


def test_the_catalogue_page_shows_what_one_sees_and_its_conditions_and_config_are_read(
    root: Path, tmp_path: Path
) -> None:
    text = (root / "docs" / "catalogue.md").read_text()
    play(text, partial(adsync_here, cwd=root))
    _, _, below = text.partition("## Conditions")
    shown = re.findall(r"^\| `([^`]+)` \|", below, flags=re.MULTILINE)
    assert [condition(example).text for example in shown] == shown and len(shown) == 8
    quoted = re.findall(r'`("[^`]+|[^`|]+=Yes[^`]+)`', below)
    assert [condition(example).text for example in quoted] == quoted and len(quoted) == 3
    (listed,) = re.findall(r"```yaml\n(.*?)```", text, flags=re.DOTALL)
    (tmp_path / "adsync.yaml").write_text(
        "accounts:\n- name: shop\n  customer_id: 123-456-7890\n  property_id: 371001234\n"
        f"  macro: {{event: purchase, actions: [Purchase (web)]}}\n{textwrap.indent(listed, '  ')}"
    )
    settings = load(tmp_path / "adsync.yaml", Environment.model_validate({"ADSYNC_STATE": "sqlite://"}))
    assert settings.faulty == ()
    (shop,) = settings.accounts
    assert [c.title for c in shop.candidates] == ["Added to cart", "Trial begun", "Wheel of fortune"]
    assert [c.text for c in shop.conditions] == ["page_view*3"]


def test_the_scores_page_shows_what_one_sees_and_names_every_option_reason_and_column(
    root: Path, tmp_path: Path
) -> None:
    text = (root / "docs" / "scores.md").read_text()
    with shell(tmp_path, "--scenario", "starved-shop", "--seed", "7") as shop:
        play(text, shop.here)
    # Any log has all keys; this one is small.
    told = adsync_here("score", "--events", "docs/events.csv", "--macro", "purchase", "--json", cwd=root).stdout
    (candidate, *_) = json.loads(told)["data"]["candidates"]
    columns = [*OPTIONAL, *set(candidate) - {"event", "verdict", "because", "grade"}]
    options = ["--events", "--macro", "--candidates", "--horizon-days", "--as-of", "--by", "--promoted", "--json"]
    verdicts = [f"| {words} |" for verdict, words in VERDICTS.items() if verdict is not Verdict.UNKNOWN]
    assert [word for word in (*columns, *options, *REASONS, *verdicts) if word not in text] == []


def test_every_command_is_in_the_readme(root: Path) -> None:
    text = (root / "README.md").read_text()
    missing = [name for name in COMMANDS if f"adsync {name}" not in text and f"make {name}" not in text]
    assert missing == []


def test_every_environment_variable_is_in_the_example(root: Path) -> None:
    text = (root / ".env.example").read_text()
    for field in Environment.model_fields.values():
        assert f"{field.validation_alias}=" in text


def test_the_example_config_loads_and_its_values_are_the_defaults(root: Path, tmp_path: Path) -> None:
    commented = load(root / "config" / "adsync.yaml", Environment.model_validate({"ADSYNC_STATE": "sqlite://"}))
    bare = tmp_path / "adsync.yaml"
    bare.write_text(
        "accounts: [{name: example-shop, customer_id: 123-456-7890, login_customer_id: 999-000-0001, "
        "property_id: 371001234, macro: {event: purchase, actions: [Purchase (web)]}}]"
    )
    plain = load(bare, Environment.model_validate({"ADSYNC_STATE": "sqlite://"}))
    assert commented.faulty == ()
    assert commented.accounts == plain.accounts
    assert commented.limits == plain.limits


@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        *(f"docs/{n}.md" for n in ("sandbox", "developing", "policy", "statistics", "backtest", "catalogue", "scores")),
    ],
)
def test_links_lead_somewhere(root: Path, page: str) -> None:
    text = (root / page).read_text()
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert ((root / page).parent / target).exists(), target
    headings = {
        re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    }
    for anchor in re.findall(r"\]\(#([^)]+)\)", text):
        assert anchor in headings, anchor


def test_the_makefile_has_the_targets_that_the_documents_name(root: Path) -> None:
    named = set()
    for page in ("README.md", "docs/developing.md"):
        named |= set(re.findall(r"make ([a-z]+)", (root / page).read_text()))
    for target in named & {"demo", "test", "verify", "bench", "install", "cassettes", "constraints", "lint", "clean"}:
        listed = subprocess.run(["make", "-n", target], cwd=root, capture_output=True, text=True, check=False)
        assert listed.returncode == 0, listed.stderr
    assert {"demo", "test", "verify", "bench"} <= named


def test_the_version_is_the_packages(reader: Shell) -> None:
    from adsync import __version__

    assert reader.here("--version").stdout.strip() == f"adsync, version {__version__}"


def test_what_the_sandbox_page_tells_one_to_type_works(root: Path, tmp_path: Path) -> None:
    text = (root / "docs" / "sandbox.md").read_text()
    (plan,) = re.findall(r"```yaml\n(.*?)```", text, flags=re.DOTALL)
    (tmp_path / "faults.yaml").write_text(plan, encoding="utf-8")
    typed = [line for line in re.findall(r"^    adsync (sandbox .*)$", text, flags=re.MULTILINE) if "serve" not in line]
    assert len(typed) >= 10
    with shell(tmp_path) as playing:
        for command in typed:
            ran = playing.adsync(*command.replace("/tmp/export", str(tmp_path / "export")).split())
            assert ran.returncode == 0, f"{command}: {ran.stderr}"


def test_the_sandbox_page_names_every_scenario_fault_option_and_file(root: Path, reader: Shell) -> None:
    text = (root / "docs" / "sandbox.md").read_text()
    options = re.findall(r"^  (--[a-z0-9-]+)", reader.here("sandbox", "serve", "--help").stdout, flags=re.MULTILINE)
    files = {path.name for path in reader.directory.iterdir() if path.suffix in (".json", ".pem", ".yaml")}
    files -= {"identities.json", "ports.json", "sandbox.json"}
    names = {*SCENARIOS, *NAMED, *options, *files} - {"--help", "--scenario"}
    assert [name for name in sorted(names) if name not in text] == []
