"""What Google did with the open questions, as text that can be shown to anybody."""

from __future__ import annotations

import re
from collections.abc import Sequence

from adsync.model.probe import Probe, Probed
from adsync.render.text import clean

_SCRUBBED = (
    (re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+"), "<e-mail>"),
    (re.compile(r"https?://\S+"), "<address>"),
    # Ids of customers, actions and campaigns; dates and counts are shorter.
    (re.compile(r"\b\d{3}-\d{3}-\d{4}\b|\d{5,}"), "<id>"),
)
_LONGEST = 300


def probe_report(probes: Sequence[Probe]) -> str:
    """A Markdown table for each account, without ids, names, addresses and request ids."""
    return "\n\n".join(_one(number, probe) for number, probe in enumerate(probes, start=1))


def probe_document(probes: Sequence[Probe]) -> list[dict[str, object]]:
    """The same as plain values."""
    return [
        {
            "version": probe.version,
            "operations": probe.operations,
            "answers": [
                {
                    "point": a.question.point,
                    "question": a.question.asks,
                    "google": a.reaction,
                    "code": a.code,
                    "said": scrubbed(a.said, probe.names),
                }
                for a in probe.answers
            ],
        }
        for probe in probes
    ]


def scrubbed(text: str, names: Sequence[str]) -> str:
    """The text without what belongs to one account. names: longest first."""
    for name in names:
        text = text.replace(name, "<name>")
    for pattern, instead in _SCRUBBED:
        text = pattern.sub(instead, text)
    return text


def _one(number: int, probe: Probe) -> str:
    rows = [_row(answer, probe.names) for answer in probe.answers]
    return "\n".join(
        (
            f"Account {number}, Google Ads API {probe.version}: {probe.operations} operations, only validated or read.",
            "",
            "| point | question | Google | said |",
            "|---|---|---|---|",
            *rows,
        )
    )


def _row(answer: Probed, names: Sequence[str]) -> str:
    # A refusal's reason begins with its code, so that it is not told twice.
    said = clean(scrubbed(answer.said or answer.code, names), _LONGEST).replace("|", "\\|")
    return f"| {answer.question.point} | {answer.question.asks} | {answer.reaction} | {said} |"
