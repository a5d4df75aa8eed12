"""A few answers of BigQuery's REST interface on loopback: what is asked is written down, no SQL is understood."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

TEXT, WHOLE = "STRING", "INTEGER"
_DATASET = {"projectId": "shop", "datasetId": "analytics_1"}
SCHEMA = {
    "event_name": TEXT,
    "event_timestamp": WHOLE,
    "user_pseudo_id": TEXT,
    "event_params": {
        "key": TEXT,
        "value": {"string_value": TEXT, "int_value": WHOLE, "float_value": "FLOAT", "double_value": "FLOAT"},
    },
}


class Answers:
    """What is answered, and what was asked.

    bytes: that a dry run names. billed: by each query. refusals: by a part of the address, status, reason and message.
    queries: the configurations of the jobs that were asked for, in order.
    """

    def __init__(self, tables: tuple[str, ...], read: int = 0, billed: int = 0) -> None:
        self.tables, self.read, self.billed = tables, read, billed
        self.refusals: dict[str, tuple[int, str, str]] = {}
        self.queries: list[dict[str, Any]] = []
        self.address = ""

    @property
    def run(self) -> list[dict[str, Any]]:
        """Those that were no dry runs."""
        return [query for query in self.queries if not query.get("dryRun")]

    def to(self, method: str, path: str, body: Mapping[str, Any]) -> tuple[int, Any]:
        """Status and document."""
        for part, (status, reason, message) in self.refusals.items():
            if part in f"{method} {path}":
                if method == "POST":
                    self.queries.append(dict(body["configuration"]))
                error = {"code": status, "message": message, "errors": [{"reason": reason, "message": message}]}
                return status, {"error": error}
        if path.endswith("/jobs"):
            return 200, self._job(body)
        if "/queries/" in path:
            return 200, self._rows()
        if path.endswith("/tables"):
            tables = [{"tableReference": _DATASET | {"tableId": name}, "type": "TABLE"} for name in self.tables]
            return 200, {"tables": tables, "totalItems": len(tables)}
        if "/tables/" in path:
            name = path.rpartition("/")[2]
            return 200, {"tableReference": _DATASET | {"tableId": name}, "schema": {"fields": _fields(SCHEMA)}}
        return 200, {"datasetReference": _DATASET, "location": "EU"}

    def _job(self, body: Mapping[str, Any]) -> dict[str, Any]:
        self.queries.append(dict(body["configuration"]))
        return {
            "jobReference": {"projectId": "shop", "jobId": f"job_{len(self.queries)}", "location": "EU"},
            "configuration": body["configuration"],
            "status": {"state": "DONE"},
            "statistics": {
                "totalBytesProcessed": str(self.read),
                "query": {"totalBytesProcessed": str(self.read), "totalBytesBilled": str(self.billed)},
                "sessionInfo": {"sessionId": "session-1"},
            },
        }

    def _rows(self) -> dict[str, Any]:
        """A log without one row."""
        reference = {"projectId": "shop", "jobId": f"job_{len(self.queries)}", "location": "EU"}
        names = ("rows", "timed")
        return {
            "jobComplete": True,
            "jobReference": reference,
            "schema": {"fields": _fields(dict.fromkeys(names, WHOLE))},
            "rows": [{"f": [{"v": "0"} for _ in names]}],
            "totalRows": "1",
        }


def _fields(schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"name": name, "type": kind}
        if isinstance(kind, str)
        else {
            "name": name,
            "type": "RECORD",
            "mode": "REPEATED" if name == "event_params" else "NULLABLE",
            "fields": _fields(kind),
        }
        for name, kind in schema.items()
    ]


@contextmanager
def answering(answers: Answers) -> Iterator[Answers]:
    """At `answers.address`."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else {}
            status, document = answers.to(self.command, urlsplit(self.path).path, body)
            payload = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        do_GET = do_POST = _answer

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    answers.address = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield answers
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
