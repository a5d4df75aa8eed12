"""What makes numbers untrustworthy. A guard holds decisions or takes days out of evidence; it never causes a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from math import exp

from scipy.special import bdtrc

from adsync.decide.posterior import dispersion
from adsync.decide.weeks import Weeks
from adsync.model.account import Account
from adsync.model.ads import AccountState, ConversionAction
from adsync.model.decision import Health, Hold
from adsync.model.history import History
from adsync.model.volume import DailySeries
from adsync.model.window import Window

OUTAGE_DAYS, OUTAGE_CHANCE = 3, 0.002
EXPECTATION_DAYS = 56
RATIO_CHANCE, RATIO_FACTOR = 0.01, 1.4


def usable_until(actions: Sequence[ConversionAction], today: date) -> date:
    """The last day whose macros are all in: yesterday for last-click web tags, three days ago for everything else."""
    prompt = all(not a.is_ga4_mirror and a.attribution_model == "GOOGLE_ADS_LAST_CLICK" for a in actions)
    return today - timedelta(days=1 if prompt else 3)


def inspect(
    account: Account,
    state: AccountState,
    history: History,
    macro: DailySeries,
    last_day: date,
    companion: DailySeries | None,
) -> Health:
    """All that the guards have to say tonight."""
    holds = [*_macro_settings(account, state, history.as_of), *_stale(history)]
    holds += _double_count(account, state, history.conversions, last_day)
    flagged, outage = _outages(account, macro, last_day, companion, history.clicks)
    holds += outage
    if not outage and companion is not None:
        holds += _ratio_change(account, macro.without(flagged), companion, last_day)
    return Health(holds=tuple(holds), flagged=flagged)


def _macro_settings(account: Account, state: AccountState, today: date) -> list[Hold]:
    """The macro must exist, be enabled and be bid on, or its volume means nothing for bidding."""
    holds = []
    for name in account.macro.actions:
        actions = state.actions_named(name)
        if not actions:
            holds.append(
                Hold(
                    code="macro_missing",
                    since=today,
                    saw=f'The macro action "{name}" is not in the account.',
                    todo="Correct macro.actions in the config (adsync init lists the account's actions).",
                    returns_too=True,
                )
            )
        for action in actions:
            if action.status != "ENABLED" or not action.primary_for_goal:
                shown = "primary" if action.primary_for_goal else "secondary"
                holds.append(
                    Hold(
                        code="macro_not_counting",
                        since=today,
                        saw=f'The macro action "{action.name}" is {action.status.lower()} and {shown}.',
                        todo="Enable it and make it primary in Google Ads, or name another macro in the config.",
                        returns_too=True,
                    )
                )
    return holds


def _stale(history: History) -> list[Hold]:
    if history.conversions_as_of == history.as_of:
        return []
    since = history.conversions_as_of or history.as_of
    return [
        Hold(
            code="stale",
            since=since,
            saw=f"The conversions were last copied on {since}."
            if history.conversions_as_of
            else "No conversions are stored yet.",
            todo="Run: adsync pull",
            returns_too=True,
        )
    ]


def _double_count(
    account: Account, state: AccountState, series: Mapping[str, DailySeries], last_day: date
) -> list[Hold]:
    """Two macro actions that run near one to one count every sale twice, until a person names one of them."""
    actions = account.macro_actions(state)
    window = Window.ending(last_day, days=84)
    for index, first in enumerate(actions):
        for second in actions[index + 1 :]:
            if first.id not in series or second.id not in series:
                continue
            a, b = series[first.id], series[second.id]
            (total_a, _), (total_b, _) = a.total(window), b.total(window)
            shared = sum(min(a.at(day) or 0.0, b.at(day) or 0.0) for day in window)
            if min(total_a, total_b) >= 10 and shared >= 0.7 * max(total_a, total_b):
                return [
                    Hold(
                        code="double_count",
                        since=last_day,
                        saw=f'"{first.name}" ({total_a:.0f} in 12 weeks) and "{second.name}" ({total_b:.0f}) go one to one.',
                        todo="They seem to count the same sales: name only one of them under macro.actions.",
                    )
                ]
    return []


def _outages(
    account: Account, macro: DailySeries, last_day: date, companion: DailySeries | None, clicks: DailySeries | None
) -> tuple[frozenset[date], list[Hold]]:
    """Runs of days without a macro that the rate before makes nearly impossible.

    While the companion goes on it is the tag, and the days are no evidence. While it stops as well it is the traffic,
    and the days stand. Either way nothing is decided as long as the run lasts.
    """
    flagged: set[date] = set()
    holds: list[Hold] = []
    for run in _silent_runs(macro, Window.ending(last_day, days=112)):
        lasts = run.last == last_day
        if _share_of_usual(clicks, run) < 0.5:
            if lasts:
                holds.append(_paused(run))
            continue
        if companion is not None and _share_of_usual(companion, run) < 0.5:
            if lasts:
                holds.append(_silent_site(account, run))
            continue
        flagged.update(run)
        if lasts:
            holds.append(_broken_tag(account, run))
    return frozenset(flagged), holds


def _paused(run: Window) -> Hold:
    return Hold(
        code="paused",
        since=run.first,
        saw=f"Ad clicks fell by more than half on {run.first}, and conversions stopped: the campaigns seem to be paused.",
        todo="Nothing, if that is meant: decisions go on when the clicks are back.",
        returns_too=True,
    )


def _silent_site(account: Account, run: Window) -> Hold:
    return Hold(
        code="silence",
        since=run.first,
        saw=f"No {account.macro.event_name} since {run.first}, and far fewer of the steps before it.",
        todo="Check the site and its tags. Decisions go on when conversions are back.",
        returns_too=True,
    )


def _broken_tag(account: Account, run: Window) -> Hold:
    return Hold(
        code="outage",
        since=run.first,
        saw=f"No {account.macro.event_name} since {run.first} while visitors went on; this looks like a broken tag.",
        todo=f"Check the {account.macro.event_name} tag. Decisions go on when conversions are back.",
    )


def _silent_runs(macro: DailySeries, window: Window) -> list[Window]:
    """Runs of three or more zero days whose chance, at the rate of the 56 days before them, is under 0.2 %."""
    runs: list[Window] = []
    start: date | None = None
    for day in (*window, window.last + timedelta(days=1)):
        if day in window and macro.at(day) == 0.0:
            start = start or day
            continue
        if start is not None:
            run = Window(start, day - timedelta(days=1))
            if len(run) >= OUTAGE_DAYS and _chance_of_silence(macro, run) < OUTAGE_CHANCE:
                runs.append(run)
        start = None
    return runs


def _chance_of_silence(macro: DailySeries, run: Window) -> float:
    eve = run.first - timedelta(days=1)
    count, days = macro.total(Window.ending(eve, days=EXPECTATION_DAYS))
    # Lumpy accounts are silent for days without anything being wrong.
    phi = dispersion(Weeks.of(macro, eve, 12).counts)
    return exp(-count / days * len(run) / phi) if days else 1.0


def _share_of_usual(series: DailySeries | None, run: Window) -> float:
    """The daily rate in a run over that of the 56 days before; 1 where nothing is known of either."""
    if series is None:
        return 1.0
    count, days = series.total(run)
    before, days_before = series.total(Window.ending(run.first - timedelta(days=1), days=EXPECTATION_DAYS))
    return (count / days) / (before / days_before) if days and days_before and before else 1.0


def _ratio_change(account: Account, macro: DailySeries, companion: DailySeries, last_day: date) -> list[Hold]:
    """Macros per helper in the newest seven days against the 56 before: a sudden rise looks like double counting."""
    # Days that only one of the two knows would tilt the ratio.
    both = [d for d in Window.ending(last_day, days=63) if macro.at(d) is not None and companion.at(d) is not None]
    new, old = both[-7:], both[:-7]
    if len(new) < 7 or len(old) < 28:
        return []
    x1, m1 = sum(macro.at(d) or 0.0 for d in new), sum(companion.at(d) or 0.0 for d in new)
    x0, m0 = sum(macro.at(d) or 0.0 for d in old), sum(companion.at(d) or 0.0 for d in old)
    share = (m1 + 1) / (m1 + m0 + 2)
    chance = float(bdtrc(round(x1) - 1, round(x0 + x1), share)) if x1 >= 1 else 1.0
    factor = ((x1 + 0.5) / (m1 + 0.5)) / ((x0 + 0.5) / (m0 + 0.5))
    if chance >= RATIO_CHANCE or factor < RATIO_FACTOR:
        return []
    return [
        Hold(
            code="ratio",
            since=new[0],
            saw=f"{account.macro.event_name} rose {factor:.1f} times faster than the steps before it since {new[0]}.",
            todo="Check whether the tag fires twice. Decisions go on when the ratio is as before.",
        )
    ]
