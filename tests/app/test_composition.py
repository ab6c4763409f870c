"""What keeps an instance from starting is said in one sentence, with what to do."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from pathlib import Path

import httpx
import pytest

from orchestrator.api.routes import instance as instance_routes
from orchestrator.app import admission, composition, redis_servers
from orchestrator.app.composition import StartError, running
from orchestrator.app.data_dir import DataDir
from orchestrator.app.settings import Settings
from orchestrator.cli.instance.instance import Instance
from orchestrator.engine.fake.engine import FakeEngine
from orchestrator.redis.server import RedisServer, own_servers, store_server
from orchestrator.store import keys
from orchestrator.store.connection import connect
from orchestrator_sdk.client import connection
from orchestrator_sdk.client.address import find
from tests.certificates import certificate
from tests.wait import LIMIT_S, wait_until


@pytest.fixture
def settings(home: Path) -> Settings:
    return Settings(data_dir=home / "data", port=0)


async def start(settings: Settings, engine: FakeEngine | None = None) -> None:
    async with running(settings, engine):
        pass


async def test_a_port_that_is_taken_is_named(settings: Settings, fake_engine: FakeEngine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartError, match=rf"port {port} .* choose another with --port"):
            await start(settings.model_copy(update={"port": port}), fake_engine)


async def test_no_docker_says_how_to_find_out_more(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(StartError, match="orchestrator doctor"):
        await start(settings.model_copy(update={"docker_url": f"unix://{tmp_path}/no-docker.sock"}))


async def test_a_missing_redis_says_what_to_install(
    settings: Settings, fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StartError, match="apt-get install redis-server"):
        await start(settings, fake_engine)


async def test_a_given_redis_that_is_not_there_is_an_error(settings: Settings, fake_engine: FakeEngine) -> None:
    with pytest.raises(StartError, match="are --store-url and --channel-url right"):
        await start(settings.model_copy(update={"store_url": "unix:///nowhere.sock"}), fake_engine)


async def test_a_given_redis_that_hangs_is_an_error(
    settings: Settings, fake_engine: FakeEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composition, "_FIRST_ANSWER_S", 0.2)
    server = store_server(tmp_path / "given", "p", fsync="no")
    await server.start()
    pid = server.pid()
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        with pytest.raises(StartError, match="has not answered"):
            await start(settings.model_copy(update={"store_url": server.url}), fake_engine)
    finally:
        os.kill(pid, signal.SIGCONT)
        await server.stop()


async def test_a_store_of_a_later_release_is_refused_by_its_name(
    settings: Settings, fake_engine: FakeEngine, tmp_path: Path
) -> None:
    server = store_server(tmp_path / "given", "p", fsync="no")
    await server.start()
    try:
        async with connect(server.url) as client:
            await client.hset(keys.INSTANCE, mapping={"format": 99, "release": "9.9"})
        with pytest.raises(StartError, match=r"start 9\.9 or later"):
            await start(settings.model_copy(update={"store_url": server.url}), fake_engine)
    finally:
        await server.stop()


async def test_a_data_directory_in_use_names_the_process(settings: Settings, fake_engine: FakeEngine) -> None:
    with DataDir(settings.data_dir).locked(), pytest.raises(StartError, match="already runs with"):
        await start(settings, fake_engine)


async def test_an_instance_serves_and_is_found_while_it_runs(
    settings: Settings, fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, limit in ((admission, "_SILENCE_S"), (instance_routes, "_ANSWER_S")):
        monkeypatch.setattr(module, limit, LIMIT_S)  # a busy host is no silent store
    async with running(settings, fake_engine) as instance, httpx.AsyncClient(timeout=LIMIT_S) as http:
        assert DataDir(settings.data_dir).endpoint() == instance.url
        assert (await http.get(f"{instance.url}/healthz")).status_code == 200
        assert (await http.get(f"{instance.url}/v1/tasks")).status_code == 401
    assert DataDir(settings.data_dir).endpoint() is None


async def test_an_engine_that_takes_nothing_away_keeps_no_stop_waiting(
    settings: Settings, fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(composition, "_TIDY_S", 0.1)
    monkeypatch.setattr(fake_engine, "dismantle", asyncio.Event().wait)
    async with asyncio.timeout(LIMIT_S), running(settings, fake_engine):
        pass
    assert "networks are left as they are" in caplog.text


async def test_a_part_that_does_not_end_when_told_to_is_cut_short_and_named(
    settings: Settings, fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def watch(self: admission.AdmissionWatch) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.Event().wait()

    monkeypatch.setattr(composition, "_STOP_S", 0.1)
    monkeypatch.setattr(composition, "_CUT_S", 0.1)
    monkeypatch.setattr(admission.AdmissionWatch, "run", watch)
    async with asyncio.timeout(LIMIT_S), running(settings, fake_engine):
        pass
    assert "cut short: admission watch" in caplog.text


async def test_a_store_that_hangs_keeps_no_stop_waiting(
    settings: Settings, fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(redis_servers, "STOP_S", 0.1)
    store, _ = own_servers(settings.data_dir, DataDir(settings.data_dir).secret())
    async with asyncio.timeout(LIMIT_S), running(settings, fake_engine):
        pid = store.pid()
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
    os.kill(pid, signal.SIGCONT)
    assert f"redis-server (process {pid}) was told to end" in caplog.text
    await wait_until(lambda: _is_gone(store), "the server to end by itself")


async def _is_gone(server: RedisServer) -> bool:
    return server.pid() is None


async def test_it_serves_tls_and_the_clients_of_this_machine_know_it(
    settings: Settings, fake_engine: FakeEngine, tmp_path: Path
) -> None:
    cert, key = certificate(tmp_path)
    tls = settings.model_copy(update={"tls_cert": cert, "tls_key": key})
    instance = Instance(DataDir(settings.data_dir))
    async with running(tls, fake_engine) as ready:
        assert ready.url.startswith("https://127.0.0.1:")

        def ask() -> str:
            with instance.connect() as api:
                return str(api.status().raw["status"])

        assert await asyncio.to_thread(ask) == "ok"
        environment = {"ORCHESTRATOR_DATA_DIR": str(settings.data_dir)}
        async with httpx.AsyncClient(**connection.settings(find(None, None, environment))) as http:
            answer = await http.get("/status")
            assert answer.status_code == 200
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "server" not in answer.headers
        async with httpx.AsyncClient(trust_env=False) as stranger:
            with pytest.raises(httpx.ConnectError):
                await stranger.get(f"{ready.url}/healthz")


async def test_without_a_key_it_serves_this_machine_alone(settings: Settings, fake_engine: FakeEngine) -> None:
    with pytest.raises(StartError, match="leave --no-auth out"):
        await start(settings.model_copy(update={"no_auth": True, "host": "0.0.0.0"}), fake_engine)
