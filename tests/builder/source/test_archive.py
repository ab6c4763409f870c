from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrator.builder.errors import BadSource
from orchestrator.builder.source import archive
from tests.packing import pack


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = tmp_path / "repo"
    (folder / "lib").mkdir(parents=True)
    (folder / "main.py").write_text("print('hello')\n")
    (folder / "lib" / "words.py").write_text("WORDS = 3\n")
    return folder


def names(data: bytes) -> list[str]:
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return tar.getnames()


def test_equal_folders_give_equal_bytes(repo: Path) -> None:
    before = pack(repo)
    os.utime(repo / "main.py", (1, 1))
    (repo / "main.py").chmod(0o600)
    assert pack(repo) == before
    assert before[4:8] == bytes(4), "gzip's header holds a time"


def test_secrets_and_clutter_stay_behind(repo: Path) -> None:
    for name in (".env", ".git/config", "lib/__pycache__/words.pyc"):
        (repo / name).parent.mkdir(exist_ok=True)
        (repo / name).write_text("x")
    assert names(pack(repo)) == ["lib/words.py", "main.py"]


@pytest.mark.parametrize("mark", ["pyvenv.cfg", "conda-meta/history"])
def test_an_environment_stays_behind_whatever_it_is_called(repo: Path, mark: str) -> None:
    for name in ("env-3.12/lib/six.py", f"env-3.12/{mark}", "env/kept.py"):
        (repo / name).parent.mkdir(exist_ok=True, parents=True)
        (repo / name).write_text("x")
    assert names(pack(repo)) == ["env/kept.py", "lib/words.py", "main.py"]


def test_a_dockerfile_comes_along_though_docker_itself_is_told_to_leave_it_out(repo: Path) -> None:
    (repo / ".dockerignore").write_text("Dockerfile\n.dockerignore\n")
    (repo / "Dockerfile").write_text("FROM x\n")
    assert names(pack(repo)) == ["Dockerfile", "lib/words.py", "main.py"]


def test_dockerignore_is_honoured(repo: Path) -> None:
    (repo / ".dockerignore").write_text("lib\n!lib/kept.py\n")
    (repo / "lib" / "kept.py").write_text("")
    assert names(pack(repo)) == [".dockerignore", "lib/kept.py", "main.py"]


def test_root_dir_becomes_the_root(repo: Path) -> None:
    assert names(pack(repo, "lib")) == ["words.py"]


def test_a_member_of_a_workspace_is_packed_with_the_whole(repo: Path) -> None:
    (repo / "package.json").write_text('{"workspaces": ["lib"]}')
    (repo / "lib" / "package.json").write_text("{}")
    assert names(pack(repo, "lib/")) == ["lib/package.json", "lib/words.py", "main.py", "package.json"]


def test_a_root_dir_cannot_leave_the_folder(repo: Path, tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="leads out"):
        pack(repo / "lib", "..")


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda folder: None, "does not exist"),
        (lambda folder: folder.write_text(""), "is not a folder"),
        (lambda folder: folder.mkdir(), "is empty"),
        (lambda folder: (folder.mkdir(), (folder / "notes.txt").write_text("")), "no program"),
    ],
)
def test_what_is_no_repo_is_refused_by_name(tmp_path: Path, make: Callable[[Path], object], says: str) -> None:
    make(tmp_path / "shop")
    with pytest.raises(BadSource, match=f"shop.*{says}"):
        pack(tmp_path / "shop")


@pytest.mark.parametrize("target", ["/etc/passwd", "../outside.py", "loop.py"])
def test_links_out_of_the_folder_are_refused(repo: Path, target: str) -> None:
    (repo / "loop.py").symlink_to(target)
    with pytest.raises(BadSource, match=r"loop\.py is a link"):
        pack(repo)


def test_pipes_are_refused(repo: Path) -> None:
    os.mkfifo(repo / "pipe")
    with pytest.raises(BadSource, match="pipe is a socket, pipe or device"):
        pack(repo)


@pytest.mark.parametrize(("limit_bytes", "says"), [(1_000_000, "when packed"), (100_000, "the limit is 1 MiB")])
def test_a_folder_that_is_too_large_names_its_largest_files(repo: Path, limit_bytes: int, says: str) -> None:
    (repo / "model.bin").write_bytes(os.urandom(1_200_000))
    with pytest.raises(BadSource, match=rf"(?s){says}.*ORCHESTRATOR_SOURCE_BYTES; the largest files are\n.*model\.bin"):
        pack(repo, limit_bytes=lambda: limit_bytes)


def test_no_more_is_written_than_may_be(repo: Path) -> None:
    (repo / "model.bin").write_bytes(os.urandom(5_000_000))
    into = io.BytesIO()
    with pytest.raises(BadSource, match="more than 1 MiB when packed"):
        archive.pack(repo, into, limit_bytes=lambda: 1024 * 1024)
    assert len(into.getvalue()) <= 1024 * 1024


def test_of_a_small_folder_nobody_asks_how_large_it_may_be(repo: Path) -> None:
    def asked() -> int:
        raise AssertionError("it was asked")

    assert names(pack(repo, limit_bytes=asked)) == ["lib/words.py", "main.py"]


def test_a_folder_of_too_many_files_is_refused(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "FILES_LIMIT", 1)
    with pytest.raises(BadSource, match="has 2 files"):
        pack(repo)
