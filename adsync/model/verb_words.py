"""What a change does, in the words of somebody who knows Google's screens; `--json` and the config have the codes of verbs."""

from __future__ import annotations

from adsync.model.change import Change
from adsync.model.decision import Verb
from adsync.model.goal import switches_on

_VERBS = {
    "key_event": "Mark as key event in GA4",
    "create": "Create as secondary",
    "enable": "Start recording, as secondary",
    "update": "Correct settings",
    "value": "Set its value",
    "promote": "Use for bidding",
    "restore": "Use for bidding again",
    "demote": "Stop using for bidding",
    "target": "Move the target",
    "goal": "Stop bidding on the goal",
    "unmark": "Take the key event mark away",
    "remove": "Remove",
    "hide": "Stop recording",
    "adopt": "Let adsync look after it",
    "release": "Leave it to people again",
}


def verb(change: Change) -> str:
    """What a change does, as a marketer says it."""
    if change.verb is Verb.GOAL and switches_on(change):
        return "Bid on the goal again"
    return _VERBS[change.verb.value]


def doing(change: Change) -> str:
    """The same in the middle of a sentence, with what it is done to: '"add_to_cart": mark as key event in GA4'."""
    words = verb(change)
    return f'"{change.title}": {words[:1].lower()}{words[1:]}'
