"""Repos as sources, fetched from this disk as they would be from a server."""

from __future__ import annotations

import io
import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from orchestrator.builder.errors import BadSource
from orchestrator.builder.source import contents, git
from orchestrator.core.workflow import Source


class Repo:
    """A repo with commits of the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self("init", "--quiet", "--initial-branch=main", folder)
        (folder / "main.py").write_text("first = 1\n")

    def __call__(self, *arguments: str | Path) -> str:
        identity = ("-c", "user.name=Test", "-c", "user.email=test@localhost", "-c", "protocol.file.allow=always")
        command = ["git", "-C", self.folder, *identity, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, **files: str) -> str:
        for name, text in files.items():
            (self.folder / f"{name}.py").write_text(text)
        self("add", "--all")
        self("commit", "--quiet", "--message", "change")
        return self("rev-parse", "HEAD")


@pytest.fixture
def upstream(tmp_path: Path) -> Repo:
    folder = tmp_path / "upstream"
    folder.mkdir()
    return Repo(folder)


def fetched(into: Path, source: Source, commit: str | None = None) -> tuple[str, dict[str, str]]:
    """The commit, and the files by name."""
    packed = io.BytesIO()
    found = git.fetch(source, packed, commit)
    return found, files(packed.getvalue(), into)


def files(archive: bytes, into: Path) -> dict[str, str]:
    into.mkdir()
    with tempfile.TemporaryFile() as unpacked:
        found = contents.read(io.BytesIO(archive), unpacked)
        found.write(into, found.paths())
    return {str(path.relative_to(into)): path.read_text() for path in into.rglob("*") if path.is_file()}


def test_the_default_branch_is_fetched_as_it_is(upstream: Repo, tmp_path: Path) -> None:
    upstream.commit()
    newest = upstream.commit(main="second = 2\n")
    assert fetched(tmp_path / "into", Source(f"file://{upstream.folder}")) == (
        newest,
        {"main.py": "second = 2\n"},
    )


def test_a_branch_and_a_part_of_it_can_be_chosen(upstream: Repo, tmp_path: Path) -> None:
    upstream.commit()
    upstream("checkout", "--quiet", "-b", "feature/x")
    (upstream.folder / "app").mkdir()
    (upstream.folder / "app" / "tasks.py").write_text("x = 1\n")
    newest = upstream.commit()
    upstream("checkout", "--quiet", "main")
    source = Source(str(upstream.folder), branch="feature/x", root_dir="app")
    assert fetched(tmp_path / "into", source) == (newest, {"tasks.py": "x = 1\n"})


def test_a_member_of_a_workspace_comes_with_the_whole(upstream: Repo, tmp_path: Path) -> None:
    whole = {
        "package.json": '{"workspaces": ["packages/*"]}',
        "packages/a/package.json": "{}",
        "main.py": "first = 1\n",
    }
    for name, text in whole.items():
        (upstream.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (upstream.folder / name).write_text(text)
    newest = upstream.commit()
    assert fetched(tmp_path / "into", Source(str(upstream.folder), root_dir="packages/a")) == (newest, whole)


def test_an_older_commit_can_be_fetched(upstream: Repo, tmp_path: Path) -> None:
    first = upstream.commit()
    upstream.commit(main="second = 2\n")
    assert fetched(tmp_path / "into", Source(str(upstream.folder)), first) == (first, {"main.py": "first = 1\n"})


def test_a_branch_that_is_not_there_is_named(upstream: Repo) -> None:
    upstream.commit()
    with pytest.raises(BadSource, match=r"(?s)upstream cannot be fetched: .*refs/heads/nothing"):
        git.fetch(Source(str(upstream.folder), branch="nothing"), io.BytesIO())


def test_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(BadSource, match=r"http://127.0.0.1:1/x.git cannot be fetched: .*"):
        git.fetch(Source("http://127.0.0.1:1/x.git"), io.BytesIO())


@pytest.mark.parametrize("url", ["ext::sh -c true", "http-and-more::x"])
def test_nothing_but_transport_is_run_for_an_address(url: str) -> None:
    with pytest.raises(BadSource, match="transport"):
        git.fetch(Source(url), io.BytesIO())


@pytest.mark.parametrize("root_dir", ["../", "outside"])
def test_no_folder_outside_the_repo_is_packed(upstream: Repo, root_dir: str) -> None:
    (upstream.folder / "outside").symlink_to("/etc")
    upstream.commit()
    with pytest.raises(BadSource, match="leads out of the repo"):
        git.fetch(Source(str(upstream.folder), root_dir=root_dir), io.BytesIO())


def test_a_link_to_a_file_of_the_host_is_refused(upstream: Repo) -> None:
    (upstream.folder / "passwd").symlink_to("/etc/passwd")
    upstream.commit()
    with pytest.raises(BadSource, match="link to /etc/passwd"):
        git.fetch(Source(str(upstream.folder)), io.BytesIO())


def test_submodules_are_left_out(upstream: Repo, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    Repo(other).commit()
    upstream.commit()
    upstream("submodule", "--quiet", "add", str(other), "private")
    newest = upstream.commit()
    found, content = fetched(tmp_path / "into", Source(str(upstream.folder)))
    assert (found, "private/main.py" in content) == (newest, False)


def test_submodules_come_where_they_are_asked_for(upstream: Repo, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    Repo(other).commit()
    upstream.commit()
    upstream("submodule", "--quiet", "add", str(other), "jobs/shared")
    upstream.commit()
    source = Source(str(upstream.folder), root_dir="jobs", submodules=True)
    assert "shared/main.py" in fetched(tmp_path / "into", source)[1]


def test_the_hosts_own_configuration_has_no_part_in_it(
    upstream: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream.commit()
    (tmp_path / ".gitconfig").write_text(f'[core]\n  hooksPath = "{tmp_path}/hooks"\n')
    hook = tmp_path / "hooks" / "post-checkout"
    hook.parent.mkdir()
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    monkeypatch.setenv("HOME", str(tmp_path))
    git.fetch(Source(str(upstream.folder)), io.BytesIO())
    assert "ran" not in os.listdir(tmp_path)
