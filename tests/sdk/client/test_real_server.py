"""The clients over real sockets: streams that break in the middle, and nothing left open."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from orchestrator_sdk import AsyncClient, Client, ConnectionError
from tests.sdk.client.conftest import run_json


class Handler(BaseHTTPRequestHandler):
    """Breaks the first stream after its first event, and ends every run in the second."""

    protocol_version = "HTTP/1.1"
    streams = 0

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(202, run_json(status="pending"))

    def do_GET(self) -> None:
        if "events" not in self.path:
            self._answer(200, run_json(status="running"))
            return
        type(self).streams += 1
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self._chunk(': ping\n\nevent: task.completed\ndata: {"id"')
        if self.streams > 1:
            self._chunk(json.dumps(run_json())[len('{"id"') :] + "\n\n")
        self.close_connection = True

    def _chunk(self, text: str) -> None:
        self.wfile.write(f"{len(text):x}\r\n{text}\r\n".encode())
        self.wfile.flush()

    def _answer(self, status: int, body: Any) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None: ...


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")  # nobody is there: loopback must not go through it
    monkeypatch.setattr(Handler, "streams", 0)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_client_made_for_one_call_leaves_nothing_open(url: str) -> None:
    assert Client(url=url).run("workflow/task", [2], timeout_s=10).results == [4]
    assert Client(url=url).get("trn-1").status == "running"
    gc.collect()  # an open socket would be a ResourceWarning, and warnings are errors


async def test_a_broken_stream_is_no_concern_of_an_async_program(url: str) -> None:
    async with AsyncClient(url=url) as client:
        details = await client.run("workflow/task", [2], timeout_s=10)
    assert details.results == [4]


def test_a_port_nobody_listens_on_is_a_connection_error() -> None:
    with Client(url="http://127.0.0.1:1") as client, pytest.raises(ConnectionError, match="is the orchestrator up"):
        client.get("trn-1")
