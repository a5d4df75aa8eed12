"""What is said of single helpers: why they are observed, promoted, given a value, or none of it."""

from __future__ import annotations

from adsync.decide.weakened import Weakened
from adsync.model.decision import CANNOT_KNOW, GRADE, RAISED_BY, Numbers, Standing
from adsync.model.evidence import Evidence, Verdict
from adsync.model.figures import converts, percent, percents_apart, plural, spelled
from adsync.model.goal import goal_title
from adsync.model.policy import Policy
from adsync.model.selection import Selection
from adsync.model.value import DrawnShare

WAITING_FOR_MIRROR = "Marked as a key event; waiting for Google to make its conversion action, which takes up to a day."


def promoting(
    macro: str, evidence: Evidence, clicks: float, need: float, now: Standing, policy: Policy, *, most: bool = True
) -> str:
    """Why a helper should be used for bidding. most: it brings more than any other, where none brings enough."""
    reaches = f"gives bidding {clicks:.0f} conversions a month"
    if clicks >= need:
        reaches += f" to learn from ({need:.0f} are wanted)"
    else:
        reaches += f"{', the most of all helpers' if most else ' from ads'}, though {need:.0f} are wanted"
    share = evidence.share
    return (
        f"{now.recent:.0f} {plural(macro)} in the last {spelled(policy.return_weeks)} weeks are too few to learn from. "
        f"{evidence.event_name} announces them: "
        f"{percent(share.point)} of those who do it go on to {converts(macro)} "
        f"({percent(share.low)} to {percent(share.high)}), and it {reaches}."
    )


def chosen_by_log(selection: Selection) -> str:
    """Why the event log chose it."""
    count = f"{selection.volume:.0f} visitors in 30 days, those of the macro too, from ads or not"
    wanted = f"{selection.need:.0f} are wanted"
    return f"The event log chose it. {selection.because.removesuffix('.')} ({count}; {wanted})."


def observed_first(selection: Selection | None, policy: Policy) -> str:
    """Why a helper that fits is not bid on yet. selection: where an event log chose it."""
    chosen = f" {chosen_by_log(selection)}" if selection is not None else ""
    return f"Observed.{chosen} Before it is bid on it is observed for {policy.observe_days_before_promotion} days."


def too_small_a_share(macro: str, evidence: Evidence, asked: float) -> str:
    """Why a good helper is only observed."""
    share, least = percents_apart(evidence.share.point, asked)
    return (
        f" {share} go on to {converts(macro)}; where campaigns bid for conversions a helper counts as much as a sale, "
        f"and {least} are asked (minimum_share)."
    )


def left_to_others(goal: tuple[str, str]) -> str:
    """Of a helper whose goal adsync has switched off, and into which somebody else's action has come since."""
    return (
        f" Campaigns bid on its goal, {goal_title(goal)}, again only when you let them in Google Ads: what adsync has switched "
        "off holds another primary action by now."
    )


def graded(evidence: Evidence) -> Numbers:
    """Of which grade evidence is, what that leaves open, and what would tell more."""
    said = ((GRADE, evidence.grade), (CANNOT_KNOW, evidence.cannot_know), (RAISED_BY, evidence.raised_by))
    return tuple((name, what) for name, what in said if what)


def weakened(macro: str, found: Weakened) -> str:
    """That a helper announces less than when it was promoted, or than when it began to be observed."""
    share, then = found.now.share, found.then
    since, back = (
        ("when it was promoted", "; adsync rollback takes the promotion back")
        if found.promoted
        else (
            "when it began to be observed",
            "",
        )
    )
    return (
        f" {found.now.event_name} announces less than it did: {percent(share.point)} of those who do it go on to "
        f"{converts(macro)} ({percent(share.low)} to {percent(share.high)}), and it was {percent(then.point)} {since} "
        f"(evidence of grade {found.now.grade}, both). Look whether it still happens where it did{back}."
    )


def for_values_only(evidence: Evidence, policy: Policy) -> str:
    """Why a good event gets no action where nobody bids for value."""
    asked = percent(policy.minimum_share)
    return f"Of no use here: {evidence.reason} No campaign bids for value (minimum_share: {asked})."


def observing(evidence: Evidence) -> str:
    """Why an event gets a conversion action."""
    return f"{evidence.reason} As secondary it is shown in reports and not used for bidding."


def not_observed(evidence: Evidence | None, *, marked: bool = False) -> str:
    """Why an event gets none. marked: adsync made it a key event before that was known."""
    left = " The key event that adsync marked for it stays in GA4, where nothing bids on it." if marked else ""
    if evidence is None:
        return f"Nobody did it in the days that GA4's funnels look at.{left}"
    label = {
        Verdict.TOO_EARLY: "Too early in the funnel: ",
        Verdict.TOO_RARE: "Too rare: ",
        Verdict.AFTER_MACRO: "Follows the main conversion: ",
        Verdict.DUPLICATE: "Says what another says already: ",
        Verdict.UNKNOWN: "Unknown: ",
    }.get(evidence.verdict, "")
    return f"{label}{evidence.reason}{left}"


def valuing(
    macro: str,
    event: str,
    value: float,
    share: DrawnShare,
    macro_value: float,
    weight: float,
    reported: float,
    currency: str,
) -> str:
    """Why a helper is to be worth so much to bidding."""
    less = (
        f" {percent(weight)} of that is given, so that helpers are at most half of the value that bidding sees."
        if weight < 1
        else ""
    )
    return (
        f"Where campaigns bid for value, {event} should be worth {value:,g} {currency}, whatever the site says it is worth: "
        f"{percent(share.point)} of those who do it go on to {converts(macro)} ({percent(share.low)} to {percent(share.high)}), "
        f"and one {macro} is worth {macro_value:,.2f} {currency}.{less} "
        f"All conversions together then report {reported:.1f} times what is sold."
    )


def no_value(macro: str, least: int, weeks: int) -> str:
    """Why a helper that could be promoted waits."""
    return (
        f"It fits, but campaigns here bid for value, and what one {macro} is worth is not known: fewer than {least} with a value "
        f"in {weeks} weeks. Let the tag of {macro} send values, or give its conversion action a default value."
    )
