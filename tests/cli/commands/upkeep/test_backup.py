from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from orchestrator.app.data_dir import DataDir
from orchestrator.cli import exit_codes
from orchestrator.redis.server import own_servers
from tests.cli.conftest import Cli


@pytest.fixture
def data_dir(home: Path, monkeypatch: pytest.MonkeyPatch) -> DataDir:
    """One that was used."""
    monkeypatch.setenv("ORCHESTRATOR_DATA_DIR", str(home / "data"))
    found = DataDir(home / "data")
    server, _ = own_servers(found.path, found.secret())
    asyncio.run(server.start())
    asyncio.run(server.stop())
    return found


def test_a_backup_is_put_back_by_the_command_that_it_prints(cli: Cli, data_dir: DataDir, home: Path) -> None:
    key = data_dir.api_key()
    made = cli("backup", str(home / "b.tar.gz"))
    assert made.exit_code == 0
    assert f"orchestrator restore {home}/b.tar.gz --data-dir {data_dir.path}" in made.stdout
    data_dir.api_key_path.write_text("lost")
    put_back = cli("restore", str(home / "b.tar.gz"))
    assert put_back.exit_code == 0, put_back.stderr
    assert "orchestrator up --detach" in put_back.stdout
    assert data_dir.api_key() == key


def test_documents_say_where(cli: Cli, data_dir: DataDir, home: Path) -> None:
    made = json.loads(cli("backup", str(home / "b"), "--json").stdout)
    assert made == {"file": str(home / "b"), "sizeBytes": (home / "b").stat().st_size}
    assert json.loads(cli("restore", str(home / "b"), "--json").stdout)["dataDir"] == str(data_dir.path)


def test_nothing_is_restored_under_one_that_runs(cli: Cli, data_dir: DataDir, home: Path) -> None:
    cli("backup", str(home / "b"))
    with data_dir.locked():
        refused = cli("restore", str(home / "b"))
    assert refused.exit_code == exit_codes.REFUSED
    assert "orchestrator down" in refused.stderr


def test_what_is_no_backup_says_so(cli: Cli, data_dir: DataDir, home: Path) -> None:
    (home / "text").write_text("x")
    refused = cli("restore", str(home / "text"))
    assert refused.exit_code == exit_codes.FAILED
    assert "is no whole backup" in refused.stderr
