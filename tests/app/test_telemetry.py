"""An instance shows its numbers where Prometheus looks."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from orchestrator.app.composition import StartError, running
from orchestrator.app.settings import Settings
from orchestrator.engine.fake.engine import FakeEngine
from tests.wait import wait_until


async def test_an_instance_shows_its_scheduler_its_loop_and_its_engine(home: Path, fake_engine: FakeEngine) -> None:
    settings = Settings(data_dir=home / "data", port=0)
    async with running(settings, fake_engine) as instance, httpx.AsyncClient() as http:
        headers = {"Authorization": f"Bearer {instance.api_key}"}

        async def is_scheduling() -> bool:
            text = (await http.get(f"{instance.url}/metrics", headers=headers)).text
            shown = (
                "capacity_cpus",
                "event_loop_round_seconds_count",
                'engine_call_seconds_count{call="list"',
                "store_up",
            )
            return all(f"orchestrator_{name}" in text for name in shown)

        await wait_until(is_scheduling, "the numbers of a scheduler")


async def test_traces_that_cannot_be_sent_keep_it_from_starting(
    home: Path, fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setitem(__import__("sys").modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(StartError, match="orchestrator\\[otel\\]"):
        async with running(Settings(data_dir=home / "data", port=0), fake_engine):
            pass
