"""Which actions campaigns bid on, as tables and as plain values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from adsync.model.ads import Campaign
from adsync.model.biddability import AlikeCampaigns, Biddable, Cell, Why
from adsync.model.figures import number_of
from adsync.render.rows import Rows
from adsync.render.terminal import text

NAMED_AT_MOST = 8

_WHY = {
    Why.NOT_ENABLED: "it records nothing",
    Why.SECONDARY: "secondary",
    Why.SELECTED: "the app campaign has selected it",
    Why.NOT_SELECTED: "not among those that the app campaign has selected",
    Why.ACCOUNT_GOAL: "primary, and its goal is one of the account's",
    Why.CAMPAIGN_GOAL: "primary, and its goal is one of the campaign's own",
}


def goals_lines(groups: Sequence[AlikeCampaigns], *, planned: bool) -> Iterator[RenderableType]:
    """A table for each group of campaigns. planned: whether there are open changes to be shown."""
    for group in groups:
        yield Text("")
        yield text(_heading(group.campaigns), "bold")
        after = ("After the plan",) if planned else ()
        table = Rows("Action", "Goal", "Counts now", *after, "Why")
        for each in group.actions:
            table.add_row(*_cells(each, planned=planned))
        yield table


def goals_document(groups: Sequence[AlikeCampaigns]) -> list[dict[str, Any]]:
    """The same for programs: `now` and `after` with whether it counts and a code that says why."""
    return [
        {
            "campaigns": [
                {
                    "id": c.id,
                    "name": c.name,
                    "status": c.status,
                    "strategy": c.strategy,
                    "goal_level": c.goal_level,
                    "custom_goal_id": c.custom_goal_id,
                }
                for c in group.campaigns
            ],
            "actions": [
                {
                    "id": each.action.id,
                    "name": each.action.name,
                    "category": each.action.category,
                    "origin": each.action.origin,
                    "owner_customer_id": each.action.owner_customer_id,
                    "now": _plain(each.now),
                    "after": _plain(each.after),
                }
                for each in group.actions
            ],
        }
        for group in groups
    ]


def why(cell: Cell) -> str:
    """The reason in words."""
    match cell.why:
        case Why.NOT_ENABLED if not cell.detail:
            return "it does not exist yet"
        case Why.CUSTOM_GOAL:
            return f'in the custom goal "{cell.detail}", whether it is primary or not'
        case Why.NOT_IN_CUSTOM_GOAL:
            return f'not in the custom goal "{cell.detail}", which alone counts here'
        case Why.GOAL_OFF:
            return f"primary, but its goal is switched off for {'this campaign' if cell.detail == 'campaign' else 'the account'}"
        case _:
            return _WHY[cell.why]


def _heading(campaigns: Sequence[Campaign]) -> str:
    names = [f'"{c.name}"' for c in campaigns[:NAMED_AT_MOST]]
    more = f" and {len(campaigns) - NAMED_AT_MOST} more" if len(campaigns) > NAMED_AT_MOST else ""
    paused = sum(not c.bids_on_conversions for c in campaigns)
    resting = f", {paused} of them paused" if paused and len(campaigns) > 1 else ", paused" if paused else ""
    return f"{number_of(len(campaigns), 'campaign')}{resting}: {', '.join(names)}{more}"


def _cells(each: Biddable, *, planned: bool) -> tuple[Text, ...]:
    moves = each.now.counts != each.after.counts
    reasons = [why(each.now)] if each.now == each.after else [f"now: {why(each.now)}", f"then: {why(each.after)}"]
    after = (text(_counts(each.after), "bold" if moves else ""),) if planned else ()
    return (
        text(each.action.name),
        text(f"{each.action.category} / {each.action.origin}"),
        text(_counts(each.now)),
        *after,
        Text("\n").join(text(reason) for reason in reasons),
    )


def _counts(cell: Cell) -> str:
    return "yes" if cell.counts else "no"


def _plain(cell: Cell) -> dict[str, Any]:
    return {"counts": cell.counts, "why": cell.why, "detail": cell.detail}
