"""Faults on demand: what a call should suffer instead of being answered."""

from __future__ import annotations

import threading
from dataclasses import dataclass

KINDS = ("unavailable", "internal", "quota", "hang", "cut", "lost", "forbidden", "garbled")
"""unavailable, internal, quota, forbidden: that status. hang: no answer. cut: the stream breaks half-way.
lost: the change is made, the answer is not. garbled: an answer that means nothing."""


@dataclass(slots=True)
class FaultRule:
    """The next `times` calls whose name holds `call` suffer `kind`. after: calls that pass first."""

    call: str
    kind: str
    times: int = 1
    after: int = 0


class Faults:
    """The rules in force; the first one that fits is used up call by call."""

    def __init__(self) -> None:
        self._rules: list[FaultRule] = []
        self._lock = threading.Lock()
        self.released = threading.Event()

    def add(self, rule: FaultRule) -> None:
        with self._lock:
            self._rules.append(rule)

    def clear(self) -> None:
        """Forgets all rules and lets hanging calls go."""
        with self._lock:
            self._rules.clear()
        self.released.set()
        self.released = threading.Event()

    def next(self, call: str) -> str:
        """The fault of this call; "" for none."""
        with self._lock:
            for rule in self._rules:
                if rule.times > 0 and rule.call in call:
                    if rule.after > 0:
                        rule.after -= 1
                        return ""
                    rule.times -= 1
                    return rule.kind
            return ""
