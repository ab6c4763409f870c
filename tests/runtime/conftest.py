"""A shim on this host: the real program, a real channel, and a test in the orchestrator's place."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from orchestrator.channel.shared import SharedChannel
from orchestrator_runtime import wire
from tests.leftovers import ROOT
from tests.wait import LIMIT_S

CHANNEL_ID = "d" * 32
NOTHING: Mapping[str, str] = {}


def plain_environment(folder: Path, python: Path = Path(sys.executable)) -> dict[str, str]:
    """What a shim's environment is without anything of ours."""
    return {"PATH": f"{python.parent}:{os.environ['PATH']}", "TMPDIR": str(folder)}


@dataclass
class RunningShim:
    """One shim; the test answers its frames."""

    channel: SharedChannel
    process: asyncio.subprocess.Process
    output: list[str] = field(default_factory=list)

    async def frame(self, kind: str) -> Any:
        """Its next frame of this kind; others are passed over."""
        async with asyncio.timeout(LIMIT_S):
            while True:
                received = await self.channel.subscribe(CHANNEL_ID).get()
                if received.frame.type == kind:
                    return received.frame
                assert received.frame.type in ("waiting", "ready"), received.frame

    async def assign(
        self, task: str, *arguments: object, attempt: int = 0, traceparent: str | None = None, **keywords: object
    ) -> None:
        """Wait until it is ready, then give it its task."""
        await self.frame("ready")
        await self.send(
            type="assign",
            run_id="trn-1",
            root_run_id="trn-1",
            parent_run_id=None,
            attempt=attempt,
            timeout_s=60,
            task=task,
            traceparent=traceparent,
            input=keywords or list(arguments),
        )

    async def send(self, **frame: object) -> None:
        await self.channel.send(CHANNEL_ID, frame)

    async def outcome(self, kind: str) -> Any:
        """Its outcome, acknowledged."""
        frame = await self.frame(kind)
        await self.send(type="ack")
        return frame

    async def prints(self, line: str) -> None:
        """Wait until it has printed the line."""
        assert self.process.stdout is not None
        async with asyncio.timeout(LIMIT_S):
            while not self.output or self.output[-1] != line:
                printed = await self.process.stdout.readline()
                assert printed, f"it ended without printing {line!r}: {self.output}"
                self.output.append(printed.decode().rstrip("\n"))

    async def exit_code(self) -> int:
        """Wait for its end; all it printed is in `output` then."""
        async with asyncio.timeout(LIMIT_S):
            assert self.process.stdout is not None
            while line := await self.process.stdout.readline():
                self.output.append(line.decode().rstrip("\n"))
            await self.process.wait()
        assert self.process.returncode is not None
        return self.process.returncode


Launch = Callable[..., Any]


@pytest.fixture
async def launch(channel_client: Any, redis_servers: tuple[str, str], tmp_path: Path) -> AsyncIterator[Launch]:
    """Starts a shim on user code: `await launch("...", entry_point="main.py", mode="run")`."""
    socket = redis_servers[1].partition("@")[2]
    channel = SharedChannel(channel_client, b"secret", f"unix://{socket}")
    reader = asyncio.get_running_loop().create_task(channel.run(), name="channel")
    processes: list[asyncio.subprocess.Process] = []
    (tmp_path / "orchestrator_sdk").symlink_to(ROOT / "sdk" / "orchestrator_sdk")

    async def start(
        code: str,
        *,
        entry_point: str = "main.py",
        mode: str = "run",
        file: str = "main.py",
        python: Path = Path(sys.executable),
        env: Mapping[str, str] = NOTHING,
    ) -> RunningShim:
        (tmp_path / file).write_text(code)
        environment = {**await channel.open(CHANNEL_ID), wire.ENV_ENTRY_POINT: entry_point, wire.ENV_MODE: mode}
        process = await asyncio.create_subprocess_exec(
            *(str(python), *wire.SHIM_COMMAND[1:-1], str(ROOT / "runtime" / "orchestrator_runtime" / "__main__.py")),
            cwd=tmp_path,
            env={**plain_environment(tmp_path, python), **env, **environment},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        processes.append(process)
        return RunningShim(channel, process)

    yield start
    for process in processes:
        with contextlib.suppress(ProcessLookupError):  # most have ended
            os.killpg(process.pid, signal.SIGKILL)
        await process.communicate()
    await channel.close(CHANNEL_ID)
    reader.cancel()
    await asyncio.wait([reader])


@pytest.fixture
def without_digit_limit() -> Iterator[None]:
    """As user code may have it: `sys.set_int_max_str_digits(0)`."""
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    yield
    sys.set_int_max_str_digits(before)
