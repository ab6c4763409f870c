"""The files of a repo as its branch or commit has them, fetched with nothing of this host but its ssh keys and certificates."""

from __future__ import annotations

import os
import posixpath
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from orchestrator.builder.errors import BadSource
from orchestrator.builder.source import workspace
from orchestrator.builder.source.archive import pack
from orchestrator.builder.source.contents import FILES_LIMIT
from orchestrator.builder.source.tree import FileTree
from orchestrator.core.plans import format_bytes
from orchestrator.core.workflow import SOURCE_BYTES, UNPACKED_FACTOR, Source

_TIMEOUT_S: Final = 300.0
_REMOTE: Final = ("https", "http", "ssh", "git")
_PASSED_ON: Final = ("PATH", "SSH_AUTH_SOCK", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "CURL_CA_BUNDLE")
_LAST_LINES: Final = 5
_OPTIONS: Final = (
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "core.fsmonitor=false"),
    *("-c", "advice.detachedHead=false"),
    # One file with one size limit, unpacked by one thread: what a hostile server sends stays small.
    *("-c", "fetch.unpackLimit=1", "-c", "pack.threads=1"),
)
_NAME_LIMIT_BYTES: Final = 64 * 1024


def fetch(source: Source, into: IO[bytes], commit: str | None = None, limit_bytes: int = SOURCE_BYTES) -> str:
    """The id of the commit, whose files are written as an upload has them, in `limit_bytes` at most. Raises BadSource.

    For the process that reads repos: it takes as long as the repo's server wants.
    """
    with tempfile.TemporaryDirectory(prefix="orchestrator-git-") as home:
        git, part = _Git(Path(home), source.location), _part(source.root_dir)
        git("init", "--quiet", git.folder)
        git("fetch", "--quiet", "--depth=1", "--no-tags", "--", source.location, _wanted(source, commit))
        part = () if part and _is_member(git, part[0]) else part
        is_part = bool(part)
        part = () if source.submodules else part
        git.check_size(limit_bytes * UNPACKED_FACTOR, "ls-tree", "-r", "-l", "-z", "FETCH_HEAD", *part)
        git("checkout", "--quiet", *(("FETCH_HEAD", "--", *part) if part else ("--detach", "FETCH_HEAD")))
        if source.submodules:
            git("submodule", "--quiet", "update", "--init", "--recursive", "--depth=1", "--recommend-shallow")
        found = git("rev-parse", "FETCH_HEAD^{commit}")
        pack(_inside(git.folder, source.root_dir if is_part else None), into, limit_bytes=lambda: limit_bytes)
        return found


def _is_member(git: _Git, folder: str) -> bool:
    """Whether the folder is installed with the repo around it, which is needed then."""
    there = git("ls-tree", "--name-only", "-z", "FETCH_HEAD", *workspace.telling(folder)).split("\0")
    texts = {name: git("show", f"FETCH_HEAD:{name}") for name in there if name in workspace.TOPS}
    return workspace.has_member(FileTree(dict.fromkeys(there, ""), texts), folder)


def _part(root_dir: str | None) -> tuple[str, ...]:
    """The part of the repo that is deployed, as git names it; nothing for all of it."""
    part = posixpath.normpath((root_dir or ".").strip("/") or ".")
    if part == ".." or part.startswith("../"):
        raise _leads_out(root_dir)
    return () if part == "." else (part,)


def _wanted(source: Source, commit: str | None) -> str:
    return commit or (f"refs/heads/{source.branch}" if source.branch else "HEAD")


def _inside(folder: Path, root_dir: str | None) -> Path:
    """The part to deploy; a link in the repo may not lead it elsewhere."""
    wanted = (folder / (root_dir or "")).resolve()
    if not wanted.is_relative_to(folder.resolve()):
        raise _leads_out(root_dir)
    if not wanted.is_dir():
        raise BadSource(f"the repo has no folder '{root_dir}': correct rootDir, or the branch")
    return wanted


def _leads_out(root_dir: str | None) -> BadSource:
    return BadSource(f"rootDir '{root_dir}' leads out of the repo: give a folder inside it")


class _Git:
    """Runs git on one folder, without this host's configuration, hooks, prompts or submodules."""

    def __init__(self, home: Path, url: str) -> None:
        self.folder = home / "repo"
        self._url = url
        self._env = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        self._env |= {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
        self._env |= {
            "HOME": str(home),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ASKPASS": "true",
            "GIT_LITERAL_PATHSPECS": "1",
            "GIT_LFS_SKIP_SMUDGE": "1",
            "GIT_ALLOW_PROTOCOL": ":".join(_REMOTE if _is_remote(url) else ("file",)),
            "GIT_SSH_COMMAND": "ssh -o BatchMode=yes -o StrictHostKeyChecking=accept-new -o ConnectTimeout=10",
        }

    def __call__(self, *arguments: str | Path) -> str:
        """What git printed. Raises BadSource."""
        with self._started(arguments) as process:
            try:
                printed, complaints = process.communicate(timeout=_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                raise BadSource(f"{self._url} could not be fetched within {_TIMEOUT_S:g} s") from None
        if process.returncode:
            raise BadSource(self._explained(complaints.decode("utf-8", "replace")))
        return printed.decode("utf-8", "replace").strip()

    def check_size(self, limit_bytes: int, *arguments: str) -> None:
        """Refuse a list of more or larger files than may be unpacked, before any is written. Raises BadSource."""
        files = size_bytes = 0
        with self._started(arguments) as process:
            assert process.stdout is not None, "it was started with a pipe"
            for mode_kind_id_size in _entries(process.stdout):
                files += 1
                size_bytes += int(size) if (size := mode_kind_id_size[-1]).isdigit() else 0
                if files > FILES_LIMIT or size_bytes > limit_bytes:
                    process.kill()
                    limit = f"{FILES_LIMIT:,} files or {format_bytes(limit_bytes)}"
                    raise BadSource(f"{self._url} has more than {limit}: deploy a part of it (root directory)")

    @contextmanager
    def _started(self, arguments: Sequence[str | Path]) -> Iterator[subprocess.Popen[bytes]]:
        folder = ("-C", self.folder) if self.folder.exists() else ()
        try:
            process = subprocess.Popen(
                ("git", *folder, *_OPTIONS, *arguments),
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except OSError as error:
            raise BadSource(f"git cannot be run on the orchestrator's host ({error}): install it there") from error
        with process:
            yield process

    def _explained(self, complaints: str) -> str:
        lines = [line for line in complaints.splitlines() if line.strip()]
        return f"{self._url} cannot be fetched: " + "\n".join(lines[-_LAST_LINES:])


def _is_remote(url: str) -> bool:
    return not url.startswith(("file:", "/"))


def _entries(stream: IO[bytes]) -> Iterator[list[bytes]]:
    """What ``ls-tree -l -z`` prints before each path: mode, kind, id, size."""
    rest = b""
    while chunk := stream.read(_NAME_LIMIT_BYTES):
        *entries, rest = (rest + chunk).split(b"\0")
        yield from (entry.partition(b"\t")[0].split() for entry in entries)
        if len(rest) > _NAME_LIMIT_BYTES:
            raise BadSource("a path of the repo is longer than any file system takes: rename it")
