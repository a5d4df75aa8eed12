"""Verdicts of grade C: of the candidates of which no better grade says anything, those whose rate moves with the macro's."""

from __future__ import annotations

from collections.abc import Mapping

from adsync.model.ads import ConversionAction
from adsync.model.evidence import Verdict
from adsync.model.figures import number_of, percent, plural
from adsync.model.grade import C
from adsync.model.policy import Policy
from adsync.model.tier import TierScore, Unasked
from adsync.model.weekly import CampaignWeeks, Elasticity
from adsync.score.daily import BREAK_WEEKS, broke_in, elasticity, refused
from adsync.score.intervals import benjamini_hochberg

RISE = 1.1
"""Of micros for each click, for which is said how many more macros there were."""


def moving_scores(
    weeks: Mapping[str, CampaignWeeks], unasked: Mapping[str, str], macro: str, policy: Policy
) -> tuple[tuple[TierScore, ...], tuple[Unasked, ...]]:
    """These candidates, those that move most with the macro first, and those of which the weeks say nothing.

    unasked: why others were not even looked at.
    """
    recorded = {event: _recorded(table) for event, table in weeks.items()}
    reasons = {event: reason for event, table in recorded.items() if (reason := _refusal(table, macro))}
    fitted = {event: elasticity(table) for event, table in recorded.items() if event not in reasons}
    known = {event: found for event, found in fitted.items() if found is not None}
    reasons |= {event: "Its rate hardly varies within campaigns." for event in fitted if event not in known}
    q_values = benjamini_hochberg([found.p_value for found in known.values()])
    scores = [
        _told(event, recorded[event], found, q, macro, policy)
        for (event, found), q in zip(known.items(), q_values, strict=True)
    ]
    scores.sort(key=lambda score: (-(score.moves_with.low if score.moves_with else 0.0), score.event))
    return tuple(scores), _grouped({**reasons, **unasked})


def different_attribution(macros: tuple[ConversionAction, ...], micro: ConversionAction) -> str:
    """Why two actions' conversions do not belong to the same clicks; "" where they do."""
    if any(action.attribution_model != micro.attribution_model for action in macros):
        return (
            f'"{micro.name}" and the main conversion are attributed by different models: their conversions belong to '
            "different clicks."
        )
    return ""


def _recorded(weeks: CampaignWeeks) -> CampaignWeeks:
    """From the first week on in which the micro was counted: before it, it was not yet."""
    counted = weeks.micros.sum(axis=0) > 0
    return weeks.since(int(counted.argmax())) if counted.any() else weeks.since(len(weeks.starts))


def _refusal(weeks: CampaignWeeks, macro: str) -> str:
    if not weeks.starts:
        return "Google Ads has not counted it on a day whose clicks are all old enough."
    if reason := refused(weeks):
        return reason
    clicks = weeks.clicks.sum(axis=0)
    for counts, what in ((weeks.micros.sum(axis=0), "its conversions"), (weeks.macros.sum(axis=0), plural(macro))):
        if (week := broke_in(counts, clicks)) is not None:
            return (
                f"On {weeks.starts[week]} {what} for each click became another number, by a factor of two or more over "
                f"{BREAK_WEEKS} weeks: the site or a tag changed."
            )
    return ""


def _told(event: str, weeks: CampaignWeeks, found: Elasticity, q: float, macro: str, policy: Policy) -> TierScore:
    moves = found.of_micros.low > 0 and q < policy.false_discovery_rate
    point, low, high = (_more(at) for at in (found.of_micros.point, found.of_micros.low, found.of_micros.high))
    seen = (
        f"In weeks in which a campaign had {percent(RISE - 1)} more of it for each click than usual it had {point} more "
        f"{plural(macro)} ({low} to {high}), in {found.campaigns} campaigns over {number_of(found.weeks, 'week')}."
    )
    if not moves:
        seen += (
            " That may be chance."
            if found.of_micros.low <= 0
            else f" Among all candidates that may be chance (q = {q:.2f})."
        )
    return TierScore(
        event=event,
        exposed=None,
        converted=None,
        p=None,
        lift=None,
        risk_difference=None,
        q=q,
        coverage=None,
        volume_30d=30.0 * float(weeks.micros.sum()) / (7 * len(weeks.starts)),
        announces=None,
        grade=C.name,
        verdict=Verdict.GOOD if moves else Verdict.NOT_BETTER,
        because=seen,
        cannot_know=C.cannot_know,
        raised_by=C.raised_by,
        moves_with=found.of_micros,
    )


def _more(slope: float) -> str:
    return percent(RISE**slope - 1)


def _grouped(reasons: Mapping[str, str]) -> tuple[Unasked, ...]:
    """One for each reason."""
    events: dict[str, list[str]] = {}
    for event, reason in reasons.items():
        events.setdefault(reason, []).append(event)
    return tuple(Unasked(grade=C.name, events=tuple(names), because=reason) for reason, names in events.items())
