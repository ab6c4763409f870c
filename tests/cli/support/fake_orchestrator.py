"""An orchestrator that answers what a test tells it to, over real HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(slots=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: Any


@dataclass(slots=True)
class FakeOrchestrator:
    """Answers by method and path; a list of answers is used up one by one, its last for ever. A str is an event stream."""

    url: str = ""
    answers: dict[str, list[tuple[int, Any]]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def answer(self, request: str, *bodies: Any, status: int = 200) -> None:
        """To "GET /path" give each body in turn."""
        self.answers.setdefault(request, []).extend((status, body) for body in bodies)

    def list(self, path: str, item: str, *items: dict[str, Any]) -> None:
        """To GET of the list give these, all on one page."""
        self.answer(f"GET {path}", [{item: one, "cursor": one["id"]} for one in items])

    def take(self, request: str) -> tuple[int, Any]:
        """The next answer."""
        prepared = self.answers.get(request)
        if not prepared:
            return 404, {"message": f"nothing at {request}"}
        return prepared.pop(0) if len(prepared) > 1 else prepared[0]


@contextmanager
def serving() -> Iterator[FakeOrchestrator]:
    """One on a free port."""
    fake = FakeOrchestrator()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(fake))
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(fake: FakeOrchestrator) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer("GET")

        def do_POST(self) -> None:
            self._answer("POST")

        def do_PATCH(self) -> None:
            self._answer("PATCH")

        def do_DELETE(self) -> None:
            self._answer("DELETE")

        def _answer(self, method: str) -> None:
            url = urlsplit(self.path)
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            is_json = self.headers.get("Content-Type") == "application/json"
            body = json.loads(content) if content and is_json else content or None
            fake.asked.append(Asked(method, url.path, parse_qs(url.query), dict(self.headers), body))
            status, answer = fake.take(f"{method} {url.path.removeprefix('/v1')}")
            self._send(status, answer)

        def _send(self, status: int, answer: Any) -> None:
            content = (
                b"" if answer is None else answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
            )
            self.send_response(status)
            self.send_header("Content-Type", "text/event-stream" if isinstance(answer, str) else "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    return Handler
