"""A person says yes or no to each change; the word is pinned to exactly that change and expires."""

from adsync.review.choose import choose, contradictions, is_meant, said_already, unsaid, waiting, words_that_hold
from adsync.review.form import read_form
from adsync.review.verdicts import verdicts

__all__ = [
    "choose",
    "contradictions",
    "is_meant",
    "read_form",
    "said_already",
    "unsaid",
    "verdicts",
    "waiting",
    "words_that_hold",
]
