"""What is said of outcome reviews, everywhere alike. What went along with a change need not come from it: no word says so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from adsync.model.evidence import Interval
from adsync.model.figures import number_of
from adsync.model.log import ChangeLogEntry
from adsync.model.outcome_review import Concluded, OutcomeReview, ReviewedChange, ReviewVerdict
from adsync.model.verb_words import doing

SHOWN_DAYS = 28
"""So long a review is still shown after its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewLine:
    """A review as people are told of it. stands: "open", "taken back" or the verdict. said: all of it in sentences.

    what: the change in words, and to what it was made.
    """

    entry_id: int
    verb: str
    title: str
    stands: str
    said: str
    review: OutcomeReview
    concluded: Concluded | None = None
    taken_back_by: int | None = None
    what: str = ""

    @property
    def named(self) -> str:
        """With the change that it is about."""
        return f"Entry {self.entry_id}, {self.review.changed_on} ({self.what}). {self.said}"


def review_line(reviewed: ReviewedChange) -> ReviewLine:
    back = _told_back(reviewed)
    return ReviewLine(
        entry_id=reviewed.entry.id,
        verb=reviewed.entry.change.verb.value,
        title=reviewed.entry.change.title,
        stands=reviewed.stands,
        said=_said(reviewed),
        review=reviewed.review,
        concluded=reviewed.concluded,
        taken_back_by=back.id if back is not None else None,
        what=doing(reviewed.entry.change),
    )


def _told_back(reviewed: ReviewedChange) -> ChangeLogEntry | None:
    """What took the change back: once it is concluded, only a person. That the rule retires a helper in time is its course."""
    back = reviewed.taken_back
    return back if back is not None and (reviewed.concluded is None or back.origin == "rollback") else None


def shown(reviews: Iterable[ReviewedChange], today: date) -> tuple[ReviewLine, ...]:
    """As known on a day: the open ones, and those that ended within four weeks."""
    since = today - timedelta(days=SHOWN_DAYS)
    known = [_as_of(each, today) for each in reviews if each.review.changed_on <= today]
    return tuple(review_line(each) for each in known if each.is_open or _ended(each) > since)


def _as_of(reviewed: ReviewedChange, today: date) -> ReviewedChange:
    found, back = reviewed.concluded, reviewed.taken_back
    return replace(
        reviewed,
        concluded=found if found is not None and found.on <= today else None,
        taken_back=back if back is not None and back.opened_at.date() <= today else None,
    )


def _ended(reviewed: ReviewedChange) -> date:
    if reviewed.concluded is not None:
        return reviewed.concluded.on
    return reviewed.taken_back.opened_at.date() if reviewed.taken_back is not None else date.max


def _said(reviewed: ReviewedChange) -> str:
    found, back = reviewed.concluded, _told_back(reviewed)
    parts = (
        [_found(found)] if found is not None else ["Outcome review closed." if back is not None else _open(reviewed)]
    )
    if back is not None:
        word = "Taken back" if back.origin == "rollback" else "Switched back by the rule"
        parts.append(f"{word} on {back.opened_at:%Y-%m-%d} with entry {back.id}.")
    return " ".join(parts)


def _open(reviewed: ReviewedChange) -> str:
    review = reviewed.review
    beside = ", beside those that it does not touch" if review.compared_with else ""
    return (
        f"Outcome review due on {review.due_on}: what a main conversion costs from {review.after}, against {review.before}, in "
        f"the {number_of(len(review.campaigns), 'campaign')} that it touches{beside}.{_foreseen(reviewed.steps)}"
    )


def _foreseen(steps: Sequence[date]) -> str:
    """What speaks against the comparison before it has begun."""
    if not steps:
        return ""
    when = f"on {steps[0]}" if len(steps) == 1 else f"from {steps[0]} to {steps[-1]}"
    return (
        f" Its own group moves other things inside these days as well, {when}: what came of the change alone cannot be told "
        "then, and the review will be inconclusive."
    )


def _found(found: Concluded) -> str:
    parts = [f"Outcome review of {found.on}: {found.verdict}."]
    if found.verdict is ReviewVerdict.INCONCLUSIVE:
        parts += [each.saw for each in found.doubts]
    parts += _figures(found)
    if found.verdict is ReviewVerdict.HELD:
        parts.append("The interval rules a fall by 30 % or more out.")
    if found.way_back:
        parts.append(f"The way back is planned, and waits for review: {found.way_back}.")
    if found.no_way_back:
        parts.append(f"No way back is planned. {found.no_way_back}")
    return " ".join(parts)


def _figures(found: Concluded) -> list[str]:
    now, then, ratio = found.after, found.before, found.per_cost
    if now is None or then is None or ratio is None:
        return []
    new, old = now.cost_per_macro, then.cost_per_macro
    cost = f"a main conversion cost {new:,.2f} after it and {old:,.2f} before, " if new and old else ""
    plain = f"{old / new:.2f}" if new and old else ""
    return [
        f"Counted: {now.macros:.0f} main conversions in the {now.days} days after the change, {then.macros:.0f} in the "
        f"{then.days} before it; {cost}{_rate(found, plain, ratio)} (90 %: {ratio.low:.2f} to {ratio.high:.2f})."
    ]


def _rate(found: Concluded, plain: str, ratio: Interval) -> str:
    """What the interval is of. plain: how many times as many main conversions the same money has bought; "" for unknown."""
    bought = f"which is {plain} times as many for the same money" if plain else ""
    if found.others_before is not None:
        against = f"{ratio.point:.2f} times as many, set against the campaigns that it did not touch"
        return f"{bought}, or {against}" if bought else f"for the same money {against}"
    if not bought:
        return f"{ratio.point:.2f} times as many for the same money"
    # The median of the posterior: of few conversions another figure than their plain ratio.
    middle = f"{ratio.point:.2f}"
    return bought if plain == middle else f"{bought}; the middle of what these numbers leave possible is {middle}"
