"""What an event log says about micro-conversions, from the question to the report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from adsync.errors import UsageError
from adsync.model.activity import HORIZONS
from adsync.model.condition import Condition
from adsync.model.evidence import Verdict
from adsync.model.exposure import LogSummary, Question
from adsync.model.figures import short
from adsync.model.policy import Policy
from adsync.model.score import ScoreReport
from adsync.ports import Scorable
from adsync.score import macro as macro_notes
from adsync.score.activity import fit_activity
from adsync.score.asking import candidate_in_log, event_in_log, has
from adsync.score.candidates import MOST, candidates_of, nearest
from adsync.score.comparison import adjusted, comparison_pool, ratios
from adsync.score.event_level import score_report
from adsync.score.period import as_of_in, beyond
from adsync.score.slow import late
from adsync.score.stability import with_history, with_segments
from adsync.score.together import MOST_TOGETHER, after_the_last, with_selection, without_good
from adsync.score.twins import twins_of_the_macro


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person wants to know. candidates: empty for the log's own events. as_of: the log's last day where None.

    to_bid_on: the only ones that may be chosen to bid on; all where None.
    by: campaign, channel or device; "" for none. promoted: since when candidates are bid on.
    """

    macro: str
    candidates: tuple[Condition, ...] = ()
    horizon_days: int = 30
    as_of: date | None = None
    to_bid_on: frozenset[str] | None = None
    by: str = ""
    promoted: Mapping[str, date] = field(default_factory=dict)


def score_log(log: Scorable, asked: Asked, policy: Policy, step: Callable[[str], None] = lambda _: None) -> ScoreReport:
    """Raises UsageError for a macro, a candidate, a dimension or a day that the log does not have."""
    summary = log.summary
    as_of = as_of_in(summary, asked.as_of)
    known = log.names_until(as_of)
    question, left_out = _question(summary, known, asked, as_of)
    has(asked.by, summary, without_any="Such a log needs a column campaign_id, channel or device.")
    _are_candidates(asked.promoted, question, summary)
    step("Counting what visitors did when")
    answers = log.ask(question)
    frequent = answers.frequent()
    step("Learning how often the main conversion follows activity alone")
    activity = answers.activity(twins_of_the_macro(frequent))
    for horizon in HORIZONS:
        answers.rate(horizon, fit_activity(activity, horizon))
    step("Comparing at equally likely moments")
    pool = comparison_pool(answers.by_name("day"))
    compared = answers.compared(pool)
    plain = answers.plain()
    day, long = ({name: adjusted(table) for name, table in compared[h].items()} for h in HORIZONS)
    report = score_report(question, summary, plain, day, long, pool, left_out, policy)
    span = max((as_of - summary.first) / timedelta(days=1), 1.0)
    of_asked = (
        *beyond(summary, asked.as_of),
        *macro_notes.named_otherwise(asked.macro, log.names_until, summary.first, as_of),
        *macro_notes.alone_in(asked.macro, plain, frequent),
        *macro_notes.repeats(asked.macro, known[asked.macro], plain, span),
        *late(question, summary, plain, report.scores),
    )
    report = replace(report, notes=(*of_asked, *report.notes))
    step("Counting week by week")
    comparable = {score.event for score in report.scores if score.lift is not None}
    expects = {name: ratios(table.others) * (name in comparable) for name, table in compared["long"].items()}
    report = with_history(report, answers.history(), expects, asked.promoted)
    if asked.by:
        step(f"Counting by {asked.by}")
        report = with_segments(report, asked.by, answers.segments(asked.by), expects)
    good = [score.event for score in report.scores if score.verdict is Verdict.GOOD][:MOST_TOGETHER]
    if report.mature_until <= summary.first.date():
        return report  # nobody has had the time: nothing is known that could be chosen by
    if good:
        step("Asking what they add to each other")
        report = with_selection(report, answers.together(good), policy, asked.to_bid_on)
    else:
        report = without_good(report, policy)
    stopped = macro_notes.last_of(asked.macro, log.names_until, summary.first, as_of)
    return after_the_last(report, stopped) if stopped else report


def names_of(candidates: Sequence[Condition]) -> tuple[str, ...]:
    """What the candidates are called, each once. Raises UsageError where they are too many, whatever the log holds."""
    names = tuple(dict.fromkeys(c.name for c in candidates))
    if len(names) > MOST:
        raise UsageError(
            f"{len(names)} candidates are too many at once.",
            "Each more makes it harder for all to be told from chance.",
            next_step=f"Name {MOST} at most.",
        )
    return names


def _question(
    log: LogSummary, known: Mapping[str, int], asked: Asked, as_of: datetime
) -> tuple[Question, tuple[tuple[str, str], ...]]:
    """known: events by name, as they were known on that day."""
    event_in_log(asked.macro, log.names, "--macro", log.lost)
    names, left_out = candidates_of(known, asked.macro)
    if asked.candidates:
        names, left_out = names_of(asked.candidates), ()
        for candidate in asked.candidates:
            if not candidate.is_an_event and candidate.text in log.names:
                raise UsageError(
                    f"The log has an event named {candidate.text}, and the condition {candidate.text} would bear its name.",
                    "Which of the two a line of the table speaks of could not be told.",
                    next_step=f"""For the event write '"{candidate.text}"' with the double quotes, else leave it out.""",
                )
            candidate_in_log(candidate, log.names, log.lost)
        if any(c.event == asked.macro for c in asked.candidates):
            raise UsageError(
                f"{short(asked.macro)} is the main conversion and cannot announce itself.",
                "Leave it out of --candidates.",
            )
    if not names:
        raise UsageError(f"The log has no events but {short(asked.macro)}.", "There is nothing that could announce it.")
    return Question(
        macro=asked.macro,
        candidates=names,
        horizon_days=asked.horizon_days,
        as_of=as_of,
        settling_days=log.settling_days,
    ), left_out


def _are_candidates(promoted: Mapping[str, date], question: Question, log: LogSummary) -> None:
    """Raises UsageError where --promoted names what is not asked about, or a day outside the log."""
    for event, on in promoted.items():
        if event not in question.candidates:
            like = nearest(event, question.candidates)
            hint = (
                f"Did you mean {' or '.join(map(short, like))}?"
                if like
                else f"They are {', '.join(map(short, question.candidates[:8]))}."
            )
            raise UsageError(f"{short(event)} is no candidate here (--promoted {short(event)}={on}).", hint)
        if not log.first.date() < on <= question.as_of.date():
            raise UsageError(
                f"On {on} the log has no day before or none after (--promoted {short(event)}={on}).",
                f"It is asked from {log.first.date()} to {question.as_of.date()}.",
            )
