"""How strongly an event announces the macro, from counted tables. Formulas: docs/statistics.md, "Scores"."""

from adsync.score.dropoff import drop_off
from adsync.score.evidence import score_candidates
from adsync.score.grades import best_evidence
from adsync.score.values import drawn_shares

__all__ = ["best_evidence", "drawn_shares", "drop_off", "score_candidates"]
