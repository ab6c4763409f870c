"""The files of a repo as its branch or commit has them, fetched with nothing of this host but its ssh keys and certificates."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
from pathlib import Path
from typing import Final

from orchestrator.builder.errors import BadSource
from orchestrator.builder.source.archive import pack
from orchestrator.core.plans import MIB
from orchestrator.core.workflow import Source

_TIMEOUT_S: Final = 300.0
_FILE_LIMIT_BYTES: Final = 512 * MIB
_REMOTE: Final = ("https", "http", "ssh", "git")
_PASSED_ON: Final = ("PATH", "SSH_AUTH_SOCK", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "CURL_CA_BUNDLE")
_LAST_LINES: Final = 5


async def fetch(source: Source, commit: str | None = None) -> tuple[str, bytes]:
    """The id of the commit, and its files packed like an upload's. Raises BadSource."""
    with tempfile.TemporaryDirectory(prefix="orchestrator-git-") as home:
        git = _Git(Path(home), source.location)
        await git("init", "--quiet", git.folder)
        await git("fetch", "--quiet", "--depth=1", "--no-tags", "--", source.location, _wanted(source, commit))
        await git("checkout", "--quiet", "--detach", "FETCH_HEAD")
        found = await git("rev-parse", "HEAD")
        return found, await asyncio.to_thread(pack, _inside(git.folder, source.root_dir))


def _wanted(source: Source, commit: str | None) -> str:
    return commit or (f"refs/heads/{source.branch}" if source.branch else "HEAD")


def _inside(folder: Path, root_dir: str | None) -> Path:
    """The part to deploy; a link in the repo may not lead it elsewhere."""
    wanted = (folder / (root_dir or "")).resolve()
    if not wanted.is_relative_to(folder.resolve()):
        raise BadSource(f"rootDir '{root_dir}' leads out of the repo: give a folder inside it")
    if not wanted.is_dir():
        raise BadSource(f"the repo has no folder '{root_dir}': correct rootDir, or the branch")
    return wanted


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
            "GIT_LFS_SKIP_SMUDGE": "1",
            "GIT_ALLOW_PROTOCOL": ":".join(_REMOTE if _is_remote(url) else ("file",)),
            "GIT_SSH_COMMAND": "ssh -o BatchMode=yes -o StrictHostKeyChecking=accept-new -o ConnectTimeout=10",
        }

    async def __call__(self, *arguments: str | Path) -> str:
        """What git printed. Raises BadSource."""
        folder = ("-C", self.folder) if self.folder.exists() else ()
        options = (
            "-c",
            f"core.hooksPath={os.devnull}",
            "-c",
            "core.fsmonitor=false",
            "-c",
            "advice.detachedHead=false",
        )
        limit = f'ulimit -f {_FILE_LIMIT_BYTES // 512}; exec git "$@"'
        try:
            process = await asyncio.create_subprocess_exec(
                *("sh", "-c", limit, "git", *folder, *options, *arguments),
                env=self._env,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise BadSource(f"git cannot be run on the orchestrator's host ({error}): install it there") from error
        printed, complaints = await self._ended(process)
        if process.returncode:
            raise BadSource(self._explained(complaints.decode("utf-8", "replace")))
        return printed.decode("utf-8", "replace").strip()

    async def _ended(self, process: asyncio.subprocess.Process) -> tuple[bytes, bytes]:
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                return await process.communicate()
        except TimeoutError:
            raise BadSource(f"{self._url} could not be fetched within {_TIMEOUT_S:g} s") from None
        finally:
            if process.returncode is None:  # its helpers, too: they are what talks to the network
                os.killpg(process.pid, signal.SIGKILL)
                await process.wait()

    def _explained(self, complaints: str) -> str:
        lines = [line for line in complaints.splitlines() if line.strip()]
        return f"{self._url} cannot be fetched: " + "\n".join(lines[-_LAST_LINES:])


def _is_remote(url: str) -> bool:
    return not url.startswith(("file:", "/"))
