"""What is said of an account's plan, once: the terminal, Markdown and `--json` show these words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """One planned change in words. beside: what bidding will see."""

    change: str
    what: str
    moved: str
    where: str
    because: str
    beside: tuple[str, ...]
    consent: str
    consent_because: str

    def cells(self) -> tuple[tuple[str, ...], ...]:
        """The lines of each column of `COLUMNS`."""
        columns = (
            (self.change,),
            (self.what, self.moved),
            (self.where,),
            self.sentences,
            (self.consent, self.consent_because),
        )
        return tuple(tuple(line for line in lines if line) for lines in columns)

    @property
    def sentences(self) -> tuple[str, ...]:
        """Why, and what bidding will see."""
        return tuple(line for line in (self.because, *self.beside) if line)


SEE_ABOVE = "See above."


def reason_of_all(rows: Sequence[PlanRow]) -> str:
    """Why each of several changes waits, where it is the same sentence for all; "" where it is not, or stands above already.

    Until when an approval holds is no reason, and belongs to its own row.
    """
    said = {(row.consent, row.consent_because) for row in rows}
    if len(rows) < 2 or len(said) > 1:
        return ""
    because = rows[0].consent_because
    return because if because.endswith(".") and because != SEE_ABOVE else ""


WHY = "Why, and what bidding will see"
COLUMNS = ("Change", "What", "Where", WHY, "Consent")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPage:
    """All that is said of one account.

    kept: why each candidate stays as it is; only where the night itself would change nothing. above, below: sentences around the
    table. review: the command with which a person says yes or no; "" where nothing waits.
    """

    account: str
    above: tuple[str, ...]
    rows: tuple[PlanRow, ...]
    kept: tuple[tuple[str, str], ...] = ()
    below: tuple[str, ...] = ()
    review: str = ""


NOTHING = "Nothing is to be changed."
KEPT_COLUMNS = ("Candidate", "Why it stays as it is")
