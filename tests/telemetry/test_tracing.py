"""Traces are sent when OpenTelemetry's own variables say so, and cost nothing otherwise."""

from __future__ import annotations

import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from orchestrator.core.runs.events import CancelRequested
from orchestrator.core.runs.lifecycle import decide
from orchestrator.telemetry.tracing import MissingPackage, is_wanted, tracing
from tests.core.sample_runs import NOW_MS, a_run

ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, False),
        (ENDPOINT, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, False),
        (ENDPOINT | {"OTEL_SDK_DISABLED": "true"}, False),
        (ENDPOINT | {"OTEL_TRACES_EXPORTER": "none"}, False),
    ],
)
def test_the_standard_variables_decide(environment: dict[str, str], wanted: bool) -> None:
    assert is_wanted(environment) is wanted


def test_an_orchestrator_starts_where_opentelemetry_is_not_installed() -> None:
    without = "import sys; sys.modules['opentelemetry'] = None; import orchestrator.app.telemetry"
    assert subprocess.run([sys.executable, "-c", without], check=False).returncode == 0


def test_a_package_that_is_not_installed_is_named_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(MissingPackage, match=r"pip install 'orchestrator\[otel\]'"), tracing(ENDPOINT):
        pass


def test_spans_arrive_at_the_endpoint_at_the_latest_when_the_orchestrator_stops(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    arrived: list[tuple[str, bytes]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            arrived.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Collector)
    serving = Thread(target=server.serve_forever)
    serving.start()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    try:
        with tracing({}) as traces:
            event = CancelRequested("asked")
            traces.changed(event, decide(a_run(), event, now_ms=NOW_MS).run)
    finally:
        server.shutdown()
        serving.join()
        server.server_close()
    ((path, body),) = arrived
    assert path == "/v1/traces"
    assert b"square" in body
