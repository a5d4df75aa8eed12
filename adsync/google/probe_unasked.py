"""The open questions that `probe.py` does not ask, and why: its output names them all the same."""

from __future__ import annotations

from adsync.model.probe import Probed, Question, Reaction

_GOALS = 5
_LIMITS = 4
_GA4 = 15

_TRAFFIC = "It depends on the property's traffic: adsync doctor says what its reports leave out."
_REPORTS = "The probe asks Google Ads only; a report of the property would show it."


def not_asked(question: Question, why: str) -> Probed:
    """A question that was not put."""
    return Probed(question=question, reaction=Reaction.NOT_ASKED, said=why)


NEVER_ASKED: tuple[Probed, ...] = tuple(
    not_asked(Question(point=point, asks=asks), why)
    for point, asks, why in (
        (
            _LIMITS,
            "How many conversion actions may an account have?",
            "Only making them up to the limit would show it.",
        ),
        (
            _GOALS,
            "Does CampaignConversionGoalService take validate_only?",
            "If it does not, asking would detach a campaign from the account's goals.",
        ),
        (_GA4, "From how many rows on does GA4 fold them into (other)?", _TRAFFIC),
        (_GA4, "Does GA4 leave out rows with few users?", _TRAFFIC),
        (_GA4, "Does GA4 sample?", _TRAFFIC),
        (_GA4, "How late is GA4 with its numbers?", _TRAFFIC),
        (_GA4, "Does a GA4 funnel's table name its metrics twice?", _REPORTS),
        (_GA4, "Do GA4's key event rates go up to 1 or up to 100?", _REPORTS),
        (_GA4, "Are GA4's sessions of an event those in which it happened?", _REPORTS),
    )
)
"""What cannot be asked without a change, and what GA4 alone could tell."""
