"""What somebody meets who has just come: no credentials yet, forms that decide nothing, long lists of checks."""

from __future__ import annotations

from pathlib import Path

import pytest
from google.auth.exceptions import DefaultCredentialsError

from adsync.doctor.findings import Finding, ok, problem, warning
from adsync.errors import AccessDenied
from adsync.google import credentials as reading
from adsync.settings import CredentialSource, Environment, endpoints
from tests.sandboxes import adsync_here

CONFIG = """
accounts:
  - name: shop
    customer_id: 123-456-7890
    property_id: 371001234
    macro: {event: purchase, actions: [Purchase (web)]}
"""


def test_a_machine_without_credentials_is_told_how_the_config_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(**_: object) -> None:
        raise DefaultCredentialsError("Your default credentials were not found.")

    monkeypatch.setattr(reading, "application_default", none)
    with pytest.raises(AccessDenied) as told:
        reading.credentials(
            "default", CredentialSource(application_default=True), Environment(), endpoints(Environment()), scopes=[]
        )
    assert told.value.next_step.endswith("without a config: adsync init --key-file FILE")


@pytest.mark.parametrize("form", ["", "approve: []\nrefuse: []\n"])
def test_a_form_that_says_nothing_decides_nothing(form: str, tmp_path: Path) -> None:
    (tmp_path / "adsync.yaml").write_text(CONFIG)
    (tmp_path / "form.yaml").write_text(form)
    done = adsync_here("review", "--from", "form.yaml", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "The review form form.yaml says yes or no to nothing; nothing was decided.\n"


def test_a_form_that_comes_through_a_pipe_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "adsync.yaml").write_text(CONFIG)
    forms = [(("all",), ("promote",)), ((), ())]
    monkeypatch.setattr("adsync.review.read_form", lambda _: forms.pop(0))
    adsync_here("review", "--from", "/dev/stdin", cwd=tmp_path)
    assert forms == [((), ())]


WELL = ok("shop", "currency", "EUR, as in GA4.")
ILL = (
    warning("shop", "auto-tagging", "It is off.", "Switch it on."),
    problem("shop", "link", "There is none.", "Link them."),
)


@pytest.mark.parametrize(
    ("found", "words", "says", "says_not", "code"),
    [
        ((WELL, *ILL), (), ["auto-tagging", "3 checks: 1 ok, 1 warning, 1 problem. Those that are ok:  adsync doctor --all"],
         ["currency"], 1),
        ((WELL, *ILL), ("--all",), ["auto-tagging", "currency", "3 checks: 1 ok, 1 warning, 1 problem.\n"], ["Those that"], 1),
        ((WELL, WELL), (), ["2 checks: 2 ok. Those", "A night can run: adsync sync"], ["currency", "Account"], 0),
        ((WELL, *ILL), ("--json",), ["currency", "auto-tagging"], ["checks"], 1),
    ],
)  # fmt: skip
def test_the_doctor_shows_what_is_not_well_and_counts_the_rest(
    found: tuple[Finding, ...], words: tuple[str, ...], says: list[str], says_not: list[str], code: int,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    (tmp_path / "adsync.yaml").write_text(CONFIG)
    monkeypatch.setattr("adsync.doctor.examine", lambda *_: found)
    done = adsync_here("doctor", *words, cwd=tmp_path)
    assert done.returncode == code
    assert [word for word in says if word not in done.stdout] == []
    assert [word for word in says_not if word in done.stdout] == []
