"""The kinds of made-up sites of `tests.event_worlds`: what is so on each, and the trap in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

# How large a part of all events has this name; the rest are page views.
UNRELATED: Final[Mapping[str, float]] = {
    "view_item": 0.14,
    "scroll": 0.10,
    "search": 0.06,
    "video_progress": 0.03,
    "login": 0.03,
    "account_page": 0.015,
    "file_download": 0.015,
    "share": 0.012,
    "sign_up": 0.012,
    "newsletter": 0.008,
}
HELPERS: Final[Mapping[str, float]] = {
    "add_to_wishlist": 0.015,
    "store_locator": 0.020,
    "size_guide": 0.025,
    "coupon_view": 0.020,
    "compare": 0.025,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Regime:
    """What is so on a site, and the trap in it.

    size: part of the visitors that were asked for. buyers: expected share of visitors.
    spread: of the visitors' activity, on the log scale; the active come more often and stay longer.
    sessions, length: how many more sessions after the first, and events after a session's first, on average.
    depth, loyalty: powers with which the chance of a purchase grows with the event's and the session's number.
    when_deep, when_later: how much more frequent events are then.
    campaigns: the chance of a purchase by campaign, relative. taste: spread of what their visitors do, on the log scale.
    intent: share of visitors who have it; their chance is twelve times as high, and `signs` are so much more frequent.
    helpers: by how much the odds of buying are multiplied from the first one on, strongest first.
    """

    trap: str
    size: float = 1.0
    buyers: float = 0.025
    spread: float = 0.8
    sessions: float = 2.0
    length: float = 5.0
    depth: float = 0.0
    loyalty: float = 0.0
    returns: float = 2.0
    when_deep: Mapping[str, float] = field(default_factory=dict)
    when_later: Mapping[str, float] = field(default_factory=dict)
    campaigns: tuple[float, ...] = (1.0, 1.0, 1.0, 1.0, 1.0)
    taste: float = 0.0
    campaign_logged: bool = True
    bots: float = 0.0
    timers: bool = False
    intent: float = 0.0
    signs: Mapping[str, float] = field(default_factory=dict)
    helpers: Mapping[str, float] = field(default_factory=dict)


DEEP_EVENTS: Final = {name: 3.0 for name in (*UNRELATED, *HELPERS) if name not in ("view_item", "scroll", "search")}
UNLIKE: Final = (0.4, 0.7, 1.0, 1.6, 2.5)

KINDS: Final[Mapping[str, Regime]] = {
    "equally active": Regime(
        trap="Who happens to stay longer has more chances to buy and to do anything else; buyers go on after the sale.",
        spread=0.0,
    ),
    "busy and idle": Regime(
        trap="Busy visitors do more of everything, buying too: who did it are the busy, who did not the idle.",
        spread=1.1,
    ),
    "small site": Regime(
        trap="The same, with so few buyers that chance alone makes helpers of rare events.",
        size=0.15,
    ),
    "loyal": Regime(
        trap="People who come back log in and buy; buyers come back to look at their account.",
        loyalty=1.0,
        returns=6.0,
        when_later={"login": 4.0, "account_page": 6.0, "sign_up": 0.5},
    ),
    "campaigns differ": Regime(
        trap="A campaign brings people who buy and who like videos: the video gets the credit.",
        campaigns=UNLIKE,
        taste=0.4,
    ),
    "campaigns unlogged": Regime(
        trap="The same, and nothing in the log tells those people apart: no estimator can be right, only cautious.",
        campaigns=UNLIKE,
        taste=0.4,
        campaign_logged=False,
    ),
    "bots": Regime(
        trap="Few visitors who never buy make a large part of the events, and water down whatever is counted by event.",
        bots=0.001,
    ),
    "deep sessions": Regime(
        trap="The chance grows with every event of a session, and most events come late in one.",
        length=9.0,
        depth=1.5,
        when_deep=DEEP_EVENTS,
    ),
    "timers": Regime(
        trap="A heartbeat says only that somebody has stayed, an exit that a session is over; those who stay also buy.",
        timers=True,
    ),
    "planted helpers": Regime(
        trap="Activity alone lifts events that say nothing above the weak helper, and the event after the sale above all.",
        helpers={"add_to_wishlist": 4.0, "store_locator": 2.5, "size_guide": 1.6},
    ),
    "latent intent": Regime(
        trap="Several events show one intent: what one of them says, the others have said before or say in the comparison.",
        intent=0.1,
        signs={"add_to_wishlist": 10.0, "store_locator": 4.0, "size_guide": 2.0},
    ),
    "strong helpers in deep sessions": Regime(
        trap="Most buyers have done several helpers, so that those compared with are helped too and the rest looks harmful.",
        length=9.0,
        depth=1.5,
        when_deep=DEEP_EVENTS,
        helpers={
            "add_to_wishlist": 7.0,
            "store_locator": 4.0,
            "coupon_view": 2.4,
            "compare": 1.5,
        },
    ),
}
