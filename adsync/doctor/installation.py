"""Checks what all accounts share: config, credentials, the state database, the clock, the budget."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from adsync.doctor.findings import Finding, checked, ok, problem, warning
from adsync.operations import READS_PER_NIGHT, of_a_night
from adsync.state.database import sqlite_path
from adsync.wiring import Wiring

MOST_SKEW_SECONDS = 60


def installation_findings(wiring: Wiring) -> Iterator[Finding]:
    """What holds for all accounts."""
    settings = wiring.settings
    for faulty in settings.faulty:
        yield problem(faulty.name, "config", faulty.problem, "Correct the config; the account is set aside until then.")
    for name, source in settings.credentials.items():
        for path in (source.key_file, source.google_ads_yaml):
            if path is not None:
                yield _mode(f"credential {name}", path)
    yield from checked("", "state database", lambda: _state(wiring))
    yield from checked("", "clock", lambda: _clock(wiring))
    yield _budget(wiring)


def _mode(what: str, path: Path) -> Finding:
    if not path.exists():
        return problem("", what, f"{path} does not exist.", "Name the right file under `credentials` in the config.")
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return warning("", what, f"{path} can be read by others.", f"chmod 600 {path}")
    return ok("", what, f"{path} is readable by its owner only.")


def _state(wiring: Wiring) -> Finding:
    path = sqlite_path(wiring.database.url)
    return ok("", "state database", wiring.database.url) if path is None else _mode("state database", path)


def _clock(wiring: Wiring) -> Finding:
    skew = wiring.clock_skew_seconds()
    if abs(skew) > MOST_SKEW_SECONDS:
        ahead = "ahead of" if skew > 0 else "behind"
        return problem(
            "",
            "clock",
            f"This machine is {abs(skew):.0f} seconds {ahead} Google.",
            "Switch on NTP: timedatectl set-ntp true",
        )
    return ok("", "clock", "This machine and Google agree on the time.")


def _budget(wiring: Wiring) -> Finding:
    needed = sum(of_a_night(account) for account in wiring.settings.accounts)
    allowed = wiring.settings.limits.operations_per_day
    more = ", more where changes meet other accounts" if any(a.cross_account for a in wiring.settings.accounts) else ""
    saw = (
        f"A night needs about {needed} operations ({READS_PER_NIGHT} an account{more}); limits.operations_per_day "
        f"allows {allowed:,} a day."
    )
    if allowed < READS_PER_NIGHT:
        return problem("", "budget", saw, "Not one account fits: raise limits.operations_per_day in the config.")
    if needed > allowed:
        return warning(
            "", "budget", saw, "Apply for a higher access level, or raise limits.operations_per_day if you have one."
        )
    return ok("", "budget", saw)
