"""What adsync says where the parts of an account that learn apart want different things."""

from __future__ import annotations

from collections.abc import Sequence

from adsync.model.figures import listed, percent
from adsync.model.policy import Policy
from adsync.model.scope import Scope


def too_thin(share: float, policy: Policy, others: Sequence[str]) -> str:
    """Why the account's volume is not each campaign's. share: of the spend that sustains itself. others: who does not."""
    return (
        f"Only {percent(share)} of the spend lies in campaigns that surely keep {policy.sustained_per_30_days:.0f} a month by "
        f"themselves ({percent(policy.enough_of_spend)} are wanted), and the helper would be missing in {listed(others)} "
        f"too; so a person decides. {BY_CAMPAIGN_GOALS}"
    )


BY_HAND = "Somebody has switched another helper by hand, and that is a change as well; so a person decides."

BY_CAMPAIGN_GOALS = "A helper with a category of its own can be kept there by campaign goals."


def still_needed(others: Sequence[str], spend: float) -> str:
    """That some scopes lose a helper which they need. spend: their share of what is spent where it is bid on."""
    return f"It will be missing in {listed(others)} ({percent(spend)} of the spend). {BY_CAMPAIGN_GOALS}"


def needed_elsewhere(scopes: Sequence[str], share: float, policy: Policy) -> str:
    """That some scopes could do without a helper that others need. share: of the spend that could."""
    return (
        f"{listed(scopes)} could do without a helper, but that is {percent(share)} of the spend "
        f"({percent(policy.enough_of_spend)} are wanted): it stays, for it is retired for the whole account. Campaign goals "
        "can switch a category of its own off there alone."
    )


def needed_here_only(scopes: Sequence[str], share: float, policy: Policy) -> str:
    """That some scopes could use a helper again that others can do without. share: of the spend that could use it."""
    return (
        f"{listed(scopes)} could use the helper again, but {percent(1 - share)} of the spend does without "
        f"({percent(policy.enough_of_spend)} are enough): it would come back for the whole account. Campaign goals with a "
        "category of its own can bring it back there alone."
    )


def replayed(scopes: Sequence[Scope], chosen: Scope | None, policy: Policy) -> str:
    """Which part of an account a backtest is about; "" where it has one only."""
    if len(scopes) == 1:
        return ""
    line = f"on a demand line of {policy.demand:.0f} a month"
    if chosen is not None:
        return f"Of {len(scopes)} scopes this is {chosen.name}, {line}."
    names = "; ".join(scope.name for scope in scopes)
    return (
        f"Nights decide {len(scopes)} scopes each by itself ({names}). Here all campaigns are one, {line}: "
        "--campaign NAME replays the scope of one."
    )


SCOPES_TOLD = 3
"""More scopes than this have their sentences in a table only."""


def together(told: Sequence[tuple[str, str]]) -> str:
    """The sentences of several scopes, by name, those that cost most first."""
    sentences = [f"{name}: {reason}" for name, reason in told[:SCOPES_TOLD]]
    more = len(told) - SCOPES_TOLD
    return " ".join([*sentences, *([f"And {more} more: adsync status --account NAME."] if more > 0 else [])])
