"""The keys and certificates of a sandbox's folder: programs that trust them once go on doing so."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from adsync.errors import UsageError
from adsync.files import write_private
from adsync.sandbox.tls import Identities, Identity, make_identities

# Certificates are made for a year.
_LAST = timedelta(days=360)


def kept_identities(directory: Path) -> Identities:
    """The folder's keys and certificates, made when there are none or when they end soon.

    Raises UsageError for a file that cannot be read.
    """
    path = directory / "identities.json"
    now = datetime.now(UTC)
    if path.exists():
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            if now - datetime.fromisoformat(document["made"]) < _LAST:
                return _read(document)
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(
                f"The keys in {path} cannot be read.",
                f"{type(error).__name__}: {error}.",
                next_step="Delete the file: new keys are made, and programs must trust the new ca.pem.",
            ) from None
    made = make_identities()
    document = {
        "made": now.isoformat(),
        "authority": _text(made.authority_pem),
        "server": [_text(made.server.key_pem), _text(made.server.certificate_pem)],
        "service_account": [_text(made.service_account.key_pem), _text(made.service_account.certificate_pem)],
    }
    write_private(path, json.dumps(document))
    return made


def _text(pem: bytes) -> str:
    return b64encode(pem).decode()


def _read(document: Mapping[str, Any]) -> Identities:
    server, account = ([b64decode(part) for part in document[name]] for name in ("server", "service_account"))
    return Identities(
        authority_pem=b64decode(document["authority"]),
        server=Identity(key_pem=server[0], certificate_pem=server[1]),
        service_account=Identity(key_pem=account[0], certificate_pem=account[1]),
    )
