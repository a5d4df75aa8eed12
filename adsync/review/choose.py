"""Which changes a person means: by name, by kind, or all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from adsync.errors import Refused, UsageError
from adsync.model.decision import Verb
from adsync.model.group import bundled
from adsync.model.opposed import opposed, rules_out
from adsync.model.plan import Approval, Consent, PlannedChange

Named = tuple[str, PlannedChange]

_IN_BULK = ("all", *Verb)
"""Words that mean changes which whoever says them need not have looked at one by one."""


def unsaid(pending: Iterable[Named], words: Mapping[str, Approval]) -> tuple[Named, ...]:
    """What does not run by itself and nobody has said a word on, proposals among it.

    A group is said when all of it is; a no to one of it is a no to the whole.
    """
    found: list[Named] = []
    for bundle in bundled(pending):
        said = [words[p.change.hash] for _, p in bundle if p.change.hash in words]
        if len(said) < len(bundle) and all(word.approved for word in said):
            found += [(name, p) for name, p in bundle if p.consent is not Consent.AUTO]
    return tuple(found)


def waiting(pending: Iterable[Named], words: Mapping[str, Approval]) -> tuple[Named, ...]:
    """The changes that wait for a person's word."""
    return tuple((name, p) for name, p in unsaid(pending, words) if p.consent is Consent.REVIEW)


def is_meant(word: str, name: str, planned: PlannedChange) -> bool:
    """Whether a word means a change: its name, its plan, its kind, its group, or "all"."""
    return word in ("all", name, name.rpartition("/")[0], planned.change.verb.value, planned.group or name)


def choose(pending: Sequence[Named], wanted: Sequence[str]) -> tuple[Named, ...]:
    """The changes that these words mean: names like shop-2026-11-21-1/2, plan ids, kinds like promote, or "all".

    pending: what is planned and not carried out yet. Of a group all is meant where one of it is.

    Raises UsageError for a word that means nothing, and Refused for a change that adsync only proposes.
    """
    chosen: dict[str, PlannedChange] = {}
    for word in wanted:
        found = [(name, planned) for name, planned in pending if is_meant(word, name, planned)]
        if not found and word not in _IN_BULK:
            raise UsageError(
                f"No change is called {word!r}.",
                f"There are: {', '.join(name for name, _ in pending) or 'none'}.",
                next_step="See them with: adsync plan",
            )
        for name, planned in found:
            if planned.consent is Consent.PROPOSAL and word == name:
                raise Refused(f"{name} is only proposed; adsync will not apply it.", planned.consent_because)
            # What runs by itself can be chosen too: a person may say no to it.
            if planned.consent is not Consent.PROPOSAL:
                chosen[name] = planned
    whole: dict[str, PlannedChange] = {}
    for name, planned in chosen.items():
        together = [n for n in pending if planned.group and n[1].group == planned.group]
        whole |= dict(together or [(name, planned)])
    return tuple(whole.items())


def said_already(chosen: Iterable[Named], wanted: Sequence[str], words: Mapping[str, Approval]) -> tuple[Named, ...]:
    """What of these was meant by its kind or by "all" alone, and has a word already.

    A yes in bulk overturns no explicit no. words: by the change's hash, those that hold.
    """
    by_name = [word for word in wanted if word not in _IN_BULK]
    found: list[Named] = []
    for bundle in bundled(chosen):
        said = [words[p.change.hash] for _, p in bundle if p.change.hash in words]
        whole = len(said) == len(bundle) or not all(word.approved for word in said)
        if said and whole and not any(is_meant(word, name, p) for word in by_name for name, p in bundle):
            found += bundle
    return tuple(found)


def contradictions(pending: Sequence[Named], words: Mapping[str, Approval]) -> tuple[tuple[Named, Named], ...]:
    """Changes that are agreed to and not meant side by side: the one that goes first, and the one that is then not made any more,
    or takes it back. Of two groups one pair is named.

    pending: in the order in which it is applied. Within a plan changes of other things are made to stand after those before them.
    """
    agreed = [named for named in pending if (word := words.get(named[1].change.hash)) is not None and word.approved]
    found: dict[tuple[str, str], tuple[Named, Named]] = {}
    for n, one in enumerate(agreed):
        for other in agreed[n + 1 :]:
            if _contradict(one, other):
                found.setdefault((one[1].group or one[0], other[1].group or other[0]), (one, other))
    return tuple(found.values())


def _contradict(one: Named, other: Named) -> bool:
    first, later = one[1].change, other[1].change
    if one[0].rpartition("/")[0] != other[0].rpartition("/")[0]:
        return rules_out(first, later) or opposed(first, later)
    # A group may move the same thing step by step.
    return opposed(first, later) and not (one[1].group and one[1].group == other[1].group)
