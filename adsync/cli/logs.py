"""Log lines on stderr: readable on a terminal, JSON elsewhere, Google's own among them, secrets masked."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRETS = re.compile(
    r"(ya29\.[\w.-]+|eyJ[\w-]+\.[\w-]+\.[\w-]+|sandbox-[\w-]{20,}|1//[\w-]{20,}|GOCSPX-[\w-]+"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----)",
    re.DOTALL,
)
_SECRET_KEYS = re.compile(r"secret|token|authorization|private_key|password", re.IGNORECASE)

Event = MutableMapping[str, Any]


def mask(_: Any, __: str, event: Event) -> Event:
    """Takes tokens, keys and secrets out of a log line, wherever they stand."""
    for key, value in event.items():
        if _SECRET_KEYS.search(key):
            event[key] = "***"
        elif isinstance(value, str):
            event[key] = _SECRETS.sub("***", value)
    return event


def set_up_logs(verbose: int) -> None:
    """Warnings by default, adsync's own steps with -v, Google's with -vv."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        mask,
    ]
    on_terminal = sys.stderr.isatty()
    renderer: Any = structlog.dev.ConsoleRenderer() if on_terminal else structlog.processors.JSONRenderer()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root, google = logging.getLogger(), logging.getLogger("google")
    # Google's libraries cut their logger off from the root unless it has been given a handler of its own.
    for logger in (root, google):
        logger.handlers[:] = [handler]
    google.propagate = False
    root.setLevel(logging.INFO if verbose >= 2 else logging.WARNING)
    logging.getLogger("adsync").setLevel(logging.INFO if verbose else logging.WARNING)
    # What the clients say of a call that failed, adsync says better, with what to do next.
    for name in ("google", "grpc", "urllib3"):
        logging.getLogger(name).setLevel(logging.INFO if verbose >= 2 else logging.CRITICAL)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
