from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from types import SimpleNamespace
from typing import cast

import pytest

from orchestrator.cli.bench.own import OwnOrchestrator
from orchestrator.cli.bench.submitting import accepted_per_s


class StubOwn:
    """Answers every request with `status`."""

    def __init__(self, port: int) -> None:
        self.client = SimpleNamespace(address=SimpleNamespace(url=f"http://127.0.0.1:{port}", api_key="k"))
        self.canceled: list[str] = []

    def submit(self, task: str, runs: int) -> list[str]:
        return [f"{task}-{number}" for number in range(runs)]

    def cancel(self, run_ids: list[str]) -> None:
        self.canceled += run_ids


@contextmanager
def answering(status: HTTPStatus) -> Iterator[StubOwn]:
    """A server in a thread of its own: the submitting has its own event loop."""
    ids = count()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            body = b'{"id": "trn-%d"}' % next(ids)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield StubOwn(server.server_port)
        server.shutdown()
        thread.join()


def test_all_that_were_accepted_are_counted_and_canceled() -> None:
    with answering(HTTPStatus.ACCEPTED) as own:
        assert accepted_per_s(cast(OwnOrchestrator, own), 20) > 0
    assert {*own.canceled} == {"wait-0", *(f"trn-{number}" for number in range(20))}


def test_a_refusal_ends_the_measurement_with_its_words() -> None:
    with (
        answering(HTTPStatus.SERVICE_UNAVAILABLE) as own,
        pytest.raises(ValueError, match=r"answered with http/1.1 503"),
    ):
        accepted_per_s(cast(OwnOrchestrator, own), 20)
