from __future__ import annotations

import stat
from pathlib import Path

import pytest

from orchestrator.app.data_dir import DataDir, InUse


@pytest.fixture
def data_dir(tmp_path: Path) -> DataDir:
    return DataDir(tmp_path / "data")


def test_secrets_are_made_once_and_for_the_owner_alone(data_dir: DataDir) -> None:
    assert data_dir.api_key() == data_dir.api_key() != data_dir.secret()
    assert stat.S_IMODE(data_dir.api_key_path.stat().st_mode) == 0o600
    assert stat.S_IMODE(data_dir.path.stat().st_mode) == 0o700


def test_only_one_orchestrator_uses_a_directory(data_dir: DataDir) -> None:
    with data_dir.locked(), pytest.raises(InUse, match="already runs with"), DataDir(data_dir.path).locked():
        pass


def test_a_running_orchestrator_is_found_by_its_process_and_its_url(data_dir: DataDir) -> None:
    assert (data_dir.pid(), data_dir.endpoint()) == (None, None)
    with data_dir.locked(), data_dir.announced("http://127.0.0.1:1"):
        assert data_dir.pid() is not None
        assert data_dir.endpoint() == "http://127.0.0.1:1"
    assert (data_dir.pid(), data_dir.endpoint()) == (None, None)


def test_the_url_of_one_that_was_killed_is_not_taken_for_the_next_ones(data_dir: DataDir) -> None:
    data_dir.prepare()
    (data_dir.path / "endpoint").write_text("http://127.0.0.1:1\n")
    with data_dir.locked():
        assert data_dir.endpoint() is None


def test_whoever_looks_while_a_url_is_announced_reads_none_of_it_or_all(
    data_dir: DataDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    write = Path.write_text

    def write_and_look(path: Path, text: str) -> int:
        path.open("w").close()
        seen.append(data_dir.endpoint())
        return write(path, text)

    monkeypatch.setattr(Path, "write_text", write_and_look)
    with data_dir.locked(), data_dir.announced("http://127.0.0.1:1"):
        assert (seen, data_dir.endpoint()) == ([None], "http://127.0.0.1:1")
