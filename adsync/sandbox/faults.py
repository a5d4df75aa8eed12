"""Faults on demand: which call suffers, and what. `fault_kinds.py` says what there is, `fault_plan.py` reads files."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

from adsync.sandbox.call_names import whole_names
from adsync.sandbox.fault_kinds import Trouble


@dataclass(slots=True)
class FaultRule:
    """The calls whose name fits `call` suffer: `after` of them pass first, then `times` of them do not.

    times: None for every one until all faults are cleared. exact: `call` is the call's whole name, not part of it.
    """

    call: str
    trouble: Trouble
    times: int | None = 1
    after: int = 0
    exact: bool = False

    def fits(self, call: str) -> bool:
        return self.call in whole_names(call) if self.exact else self.call in call


@dataclass
class Faults:
    """The rules in force. Every rule counts the calls that fit it; the first that is due decides, and is used up by it."""

    _rules: list[FaultRule] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    released: threading.Event = field(default_factory=threading.Event)

    def add(self, rules: Iterable[FaultRule]) -> None:
        with self._lock:
            self._rules.extend(rules)

    def clear(self) -> None:
        """Forgets all rules and lets hanging calls go."""
        with self._lock:
            self._rules.clear()
        self.released.set()
        self.released = threading.Event()

    def delay(self, seconds: float, left: float) -> bool:
        """Keeps a caller waiting; whether it still waits then. left: how many seconds it would, at most.

        A call hangs for `math.inf` seconds. Clearing the faults ends every delay.
        """
        self.released.wait(min(seconds, left + 1))
        return seconds <= left

    def next(self, call: str) -> Trouble | None:
        """What this call suffers; None for nothing. call: its name as it is printed."""
        with self._lock:
            due: FaultRule | None = None
            for rule in self._rules:
                if rule.times == 0 or not rule.fits(call):
                    continue
                if rule.after > 0:
                    rule.after -= 1
                elif due is None:
                    due = rule
            if due is None:
                return None
            if due.times is not None:
                due.times -= 1
            return due.trouble
