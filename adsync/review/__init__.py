"""A person says yes or no to each change; the word is pinned to exactly that change and expires."""

from adsync.review.choose import choose, contradictions, is_meant, said_already, unsaid, waiting
from adsync.review.form import read_form
from adsync.review.verdicts import verdicts
from adsync.review.words import where_said, words_that_hold

__all__ = [
    "choose",
    "contradictions",
    "is_meant",
    "read_form",
    "said_already",
    "unsaid",
    "verdicts",
    "waiting",
    "where_said",
    "words_that_hold",
]
