"""How strongly an event announces the macro, from counted tables. Formulas: docs/statistics.md, "Scores"."""

from adsync.score.dropoff import drop_off
from adsync.score.evidence import score_candidates

__all__ = ["drop_off", "score_candidates"]
