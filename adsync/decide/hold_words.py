"""What the guards on numbers say, in a marketer's words: what was seen, since when, and what a person should do."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from adsync.decide.episodes import ALWAYS, Episode
from adsync.decide.notices import SPIKE
from adsync.decide.ratio import AD_SESSIONS, CLICKS, FELL, GA4, HELPER, RATIO, RATIO_CLICKS, RATIO_GA4
from adsync.decide.silence import NOT_RECORDING, OUTAGE, PAUSED, SILENCE, WENT_ON
from adsync.decide.traffic import TRAFFIC
from adsync.decide.worth import VALUE_SAME, VALUE_SHIFT, VALUE_ZEROS
from adsync.model.decision import Hold
from adsync.model.figures import percent, plural

NO_TRAFFIC = frozenset({PAUSED, SILENCE, TRAFFIC})
"""While there is no traffic, helpers would not bring sales either: nothing changes at all."""


def of_episode(macro: str, episode: Episode, *, note: bool = False) -> Hold:
    """What somebody should know of an episode that lasts. While the tag is in doubt helpers may still come back."""
    saw, todo = _WORDS[episode.code](macro, episode)
    returns_too = episode.code in NO_TRAFFIC and not note
    return Hold(code=episode.code, since=episode.since, saw=saw, todo=todo, returns_too=returns_too, note=note)


Words = tuple[str, str]


def _many(macro: str) -> str:
    """ "Purchases", at the beginning of a sentence; the name of an event stays as it is."""
    name = plural(macro)
    return name if macro in name.split() else name[0].upper() + name[1:]


def _until(what: str) -> str:
    """What a doubtful tag forbids, and what not."""
    return f"No helper is retired until {what}; helpers may come back."


def _or_usual(e: Episode) -> str:
    return "" if e.at_most_days == ALWAYS else ", or it has stayed so for weeks"


def _paused(_: str, e: Episode) -> Words:
    return (
        f"Ad clicks fell by more than half on {e.since}, and conversions stopped: the campaigns seem to be paused.",
        f"You need do nothing if that is meant: decisions go on when the clicks are back{_or_usual(e)}.",
    )


def _silence(macro: str, e: Episode) -> Words:
    return (
        f"No {macro} since {e.since}, and far fewer of the steps before it.",
        f"Check the site and its tags. Decisions go on when conversions are back{_or_usual(e)}.",
    )


def _outage(macro: str, e: Episode) -> Words:
    wonder = (
        " while visitors went on"
        if e.about == WENT_ON
        else ", which is very unlikely at the usual pace; whether visitors went on is not known"
    )
    return (
        f"No {macro} since {e.since}{wonder}{'; this' if e.about == WENT_ON else '. This'} looks like a broken tag.",
        f"Check the {macro} tag. {_until('conversions are back')}",
    )


def _not_recording(macro: str, e: Episode) -> Words:
    return (
        f"No {macro} on any known day since {e.since}, where several a week are usual.",
        f"Check the {macro} tag. Until it records again no helper is retired.",
    )


def _traffic(macro: str, e: Episode) -> Words:
    what = "Ad clicks" if e.about == "clicks" else "The cost of the ads"
    return (
        f"{what} fell to {percent(e.factor)} of the usual week since about {e.since}: fewer {plural(macro)} would be no wonder.",
        "You need do nothing if budgets or campaigns were cut on purpose: decisions go on when traffic is back, or has stayed so "
        "for weeks.",
    )


def _wait(e: Episode) -> str:
    return _until(f"{e.hold_days} days after the ratio was last too high")


def _ratio(macro: str, e: Episode) -> Words:
    return (
        f"{_many(macro)} rose {e.factor:.1f} times faster than the steps before them since about {e.since}.",
        f"Check whether the tag fires twice. {_wait(e)}",
    )


def _ratio_ga4(macro: str, e: Episode) -> Words:
    return (
        f"Since about {e.since} {plural(macro)} rose {e.factor:.1f} times faster in Google Ads than the same event in GA4.",
        f"Check whether the Google Ads tag fires twice, or two tags count the same sale. {_wait(e)}",
    )


def _ratio_clicks(macro: str, e: Episode) -> Words:
    return (
        f"Since about {e.since} there are {e.factor:.1f} times as many {plural(macro)} for each ad click, and no step is "
        "frequent enough to tell why.",
        "You need do nothing if the site, the offer or the visitors got better. Else check whether the tag fires twice.",
    )


def _fell(macro: str, e: Episode) -> Words:
    behind = {GA4: "the same event in GA4", HELPER: "the steps before them", CLICKS: "ad clicks"}[e.about]
    todo = {
        GA4: "Check the Google Ads tag, its consent settings and the attribution; GA4 still sees the sales.",
        HELPER: f"Buy something yourself: is the checkout well, and is {macro} recorded?",
        CLICKS: "See whether other visitors are paid for now, whether the site is well, and whether the tag records.",
    }[e.about]
    return (f"{_many(macro)} have fallen behind {behind} since about {e.since}: {1 / e.factor:.1f} times fewer.", todo)


def _ad_sessions(macro: str, e: Episode) -> Words:
    return (
        f"Since about {e.since} GA4 sees {percent(1 - e.factor)} fewer sessions from ads for each ad click: it may miss "
        f"{plural(macro)} and the steps before them as well, and so may Google Ads.",
        "Check the consent banner, auto-tagging, the GA4 tag, and whether the clicks reach the site. Until it is settled, "
        "take what GA4 says of helpers with care.",
    )


def _spike(macro: str, e: Episode) -> Words:
    many = (
        f"{e.factor:.1f} times as many {plural(macro)} as"
        if e.factor > 1
        else f"Hardly any {plural(macro)} ({percent(e.factor)} of what"
    )
    usual = "on the same weekday of the weeks before" if e.factor > 1 else "is usual on that weekday)"
    return (
        f"{e.until}: {many} {usual}.",
        "You need do nothing if you know why: one week cannot decide by itself. A planned sale belongs under policy.freezes.",
    )


def _value_zeros(macro: str, e: Episode) -> Words:
    return (
        f"At least {percent(e.factor)} of the {plural(macro)} since about {e.since} came without a value.",
        "Check the value that the tag sends: bidding on value takes them for worthless.",
    )


def _value_same(macro: str, e: Episode) -> Words:
    return (
        f"{percent(e.factor)} of the {plural(macro)} since about {e.since} are worth exactly the same; before, values differed.",
        "Check whether the tag still sends the order's value; without one Google takes the action's default.",
    )


def _value_shift(macro: str, e: Episode) -> Words:
    more = f"{e.factor:.1f} times as much" if e.factor > 1 else f"{1 / e.factor:.1f} times less"
    return (
        f"The usual {macro} is worth {more} since about {e.since}.",
        "Check currency, taxes and decimal points of the value that the tag sends, unless prices changed.",
    )


_WORDS: Mapping[str, Callable[[str, Episode], Words]] = {
    PAUSED: _paused,
    SILENCE: _silence,
    OUTAGE: _outage,
    NOT_RECORDING: _not_recording,
    TRAFFIC: _traffic,
    RATIO: _ratio,
    RATIO_GA4: _ratio_ga4,
    RATIO_CLICKS: _ratio_clicks,
    FELL: _fell,
    AD_SESSIONS: _ad_sessions,
    SPIKE: _spike,
    VALUE_ZEROS: _value_zeros,
    VALUE_SAME: _value_same,
    VALUE_SHIFT: _value_shift,
}
