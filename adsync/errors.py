"""Every exception that adsync raises on purpose, and the exit code with which it ends a command.

AdsyncError                    1  failed
├── UsageError                 2  the command line, a file or a setting is wrong
│   └── SettingsError          2
├── Refused                    4  a guard said no
│   ├── CannotBeUndone         4
│   └── PlanOutdated           4
├── NotAllDone                 5  some accounts or changes were left
├── TryAgainLater              6  nothing is wrong here; the same command may work later
│   ├── Locked                 6
│   ├── QuotaExhausted         6
│   └── GoogleUnavailable      6
├── AccessDenied               1  credentials, permissions, links: a person has to act
├── GoogleRefused              1  Google understood and said no
├── VersionRetired             1  Google does not serve the API version any more that this adsync speaks
├── UnexpectedAnswer           1  Google answered something that adsync cannot read
├── OutcomeUnknown             1  a change was sent and no answer came: never sent twice, read back first
└── StateError                 1  the state database cannot be read or written
"""

from __future__ import annotations


class AdsyncError(Exception):
    """What happened, why, and what to do next; numbers stay available as attributes for ``--json``.

    request_id: Google's id of the call, where there was one. It is part of the text.
    code: the name of Google's own error, such as ``FieldError.IMMUTABLE_FIELD``; "" where it gave none.
    """

    exit_code = 1

    def __init__(
        self,
        what: str,
        because: str = "",
        *,
        next_step: str = "",
        request_id: str = "",
        code: str = "",
        **numbers: str | int | float | None,
    ) -> None:
        self.what = what
        self.because = because
        self.next_step = next_step
        self.request_id = request_id
        self.code = code
        self.numbers = numbers
        parts = [what, because, next_step]
        if request_id:
            parts.append(f"(Google's request id: {request_id})")
        super().__init__(" ".join(part for part in parts if part))

    def as_document(self) -> dict[str, object]:
        """The error as plain values, for ``--json``."""
        return {
            "error": type(self).__name__,
            "what": self.what,
            "because": self.because,
            "next_step": self.next_step,
            "request_id": self.request_id or None,
            **({"code": self.code} if self.code else {}),
            **self.numbers,
        }


class UsageError(AdsyncError):
    """The command was called in a way that it does not understand."""

    exit_code = 2


class SettingsError(UsageError):
    """A setting is missing, unknown or malformed: file, key, what was found, what is allowed."""


class Refused(AdsyncError):
    """A guard said no; nothing was changed."""

    exit_code = 4


class CannotBeUndone(Refused):
    """The change has no inverse that would work."""


class PlanOutdated(Refused):
    """What a plan was made against is no longer so."""


class NotAllDone(AdsyncError):
    """Some accounts or changes were left; the others are done."""

    exit_code = 5


class TryAgainLater(AdsyncError):
    """Nothing is wrong here; the same command may work later.

    retry_after_seconds: how long Google (or the lock) asks to wait; None when it did not say.
    """

    exit_code = 6

    def __init__(
        self,
        what: str,
        because: str = "",
        *,
        next_step: str = "",
        request_id: str = "",
        code: str = "",
        retry_after_seconds: float | None = None,
        **numbers: str | int | float | None,
    ) -> None:
        super().__init__(
            what,
            because,
            next_step=next_step,
            request_id=request_id,
            code=code,
            retry_after_seconds=retry_after_seconds,
            **numbers,
        )
        self.retry_after_seconds = retry_after_seconds


class Locked(TryAgainLater):
    """Another run holds the lease."""


class QuotaExhausted(TryAgainLater):
    """A daily or hourly allowance is used up."""


class GoogleUnavailable(TryAgainLater):
    """Google did not answer, or answered that it cannot right now."""


class AccessDenied(AdsyncError):
    """Credentials, permissions or links are missing; trying again does not help."""


class GoogleRefused(AdsyncError):
    """Google understood the request and said no; ``code`` names its error."""


class VersionRetired(AdsyncError):
    """Google does not serve the API version any more that this adsync speaks: nothing works until it is upgraded."""


class UnexpectedAnswer(AdsyncError):
    """Google answered something that adsync cannot read."""


class OutcomeUnknown(AdsyncError):
    """A change was sent and no answer came back: it may or may not have been made."""


class StateError(AdsyncError):
    """The state database cannot be read or written."""
