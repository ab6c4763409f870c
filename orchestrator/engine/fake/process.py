"""The program inside a fake container, and what it may do."""

from __future__ import annotations

import asyncio
import signal as signals
import time
import traceback
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Final

from orchestrator.core.container.forensics import Measured
from orchestrator.core.container.spec import ContainerSpec
from orchestrator.core.logs import LogLine, Stream, Unfinished

KILLED: Final[int] = 128 + signals.SIGKILL


class FakeProcess:
    """What a `Program` sees of its container. Belongs to one event loop."""

    def __init__(self, spec: ContainerSpec, charge: Callable[[], bool] = lambda: True) -> None:
        """`charge` says whether the host gives it what it uses now."""
        self.spec = spec
        self._charge = charge
        self.exit_code: int | None = None
        self.oom_killed = False
        self.used_bytes = 0
        self.measured = Measured(0, 0, 0, 0)
        self.lines: list[LogLine] = []
        self._begun: dict[Stream, str] = {}
        self._task: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._handles_signals = False
        self._pending_signals: deque[str] = deque()

    # --- for programs ---

    def print(self, line: str, *, stream: Stream = "stdout") -> None:
        """Write lines to the log; ignored once the process has ended."""
        if self.exit_code is None:
            for message in line.split("\n"):
                self.lines.append(LogLine(self._next_timestamp_ns(), stream, message))
            self._wake()

    def write(self, text: str, *, stream: Stream = "stdout") -> None:
        """Write a part of a line: the log has it when it has ended."""
        *ended, begun = (self._begun.pop(stream, "") + text).split("\n")
        for line in ended:
            self.print(_last_state(line), stream=stream)
        if begun and self.exit_code is None:
            self._begun[stream] = begun
        self._wake()

    async def signal(self) -> str:
        """The next signal's name, "SIGTERM"; from the first call on, none but SIGKILL ends the process by itself."""
        self._handles_signals = True
        while not self._pending_signals:
            await self.change()
        return self._pending_signals.popleft()

    def allocate(self, count_bytes: int) -> None:
        """Use more memory; above the container's cap, or that of all together, this kills the process."""
        self.used_bytes += count_bytes
        peak = max(self.used_bytes, self.measured.peak_memory_bytes or 0)
        self.measured = replace(self.measured, peak_memory_bytes=min(peak, self.spec.memory_bytes))
        if self.used_bytes > self.spec.memory_bytes or not self._charge():
            self.oom_killed = True
            self.end(KILLED)
            raise asyncio.CancelledError("out of memory")

    # --- for the engine ---

    def run(self, program: Program, tasks: set[asyncio.Task[None]]) -> None:
        """Start the program as one of `tasks`."""
        self._task = asyncio.get_running_loop().create_task(self._main(program), name=f"fake process {self.spec.name}")
        tasks.add(self._task)
        self._task.add_done_callback(tasks.discard)

    def deliver(self, name: str) -> None:
        """Hand over a signal, or let it do what it does to a process that does not expect it."""
        if self._handles_signals and name != "SIGKILL":
            self._pending_signals.append(name)
            self._wake()
        else:
            self.end(128 + signals.Signals[name])

    def end(self, exit_code: int) -> None:
        """Record the first exit code given, and stop the program."""
        if self.exit_code is None:
            for stream in list(self._begun):
                self.write("\n", stream=stream)
            self.exit_code, self.used_bytes = exit_code, 0
            self._wake()
            if self._task is not None and self._task is not asyncio.current_task():
                self._task.cancel()

    async def change(self) -> None:
        """Return when something was printed or signalled, or the process ended."""
        await self._changed.wait()

    async def printed(self, since_ns: int, *, follow: bool) -> AsyncIterator[list[LogLine]]:
        """Its lines after `since_ns`; with `follow`, until it has ended."""
        position = 0
        while True:
            batch = [line for line in self.lines[position:] if line.timestamp_ns > since_ns]
            position = len(self.lines)
            if batch:
                yield batch
            elif not follow or self.exit_code is not None:
                return
            else:
                await self.change()

    async def states(self) -> AsyncGenerator[Unfinished, None]:
        """The lines it has begun, whenever they change, until it ends."""
        told: Unfinished = {stream: _last_state(text) for stream, text in self._begun.items()}
        while self.exit_code is None:
            await self.change()
            now = {stream: _last_state(text) for stream, text in self._begun.items()}
            if now != told:
                told = now
                yield now

    async def _main(self, program: Program) -> None:
        try:
            exit_code = await program(self)
        except asyncio.CancelledError:
            self.end(KILLED)
            raise
        except Exception:
            self.print(traceback.format_exc().rstrip(), stream="stderr")
            exit_code = 1
        self.end(exit_code)

    def _wake(self) -> None:
        """Let everybody who waits now look again; those who wait later wait for the next change."""
        self._changed.set()
        self._changed = asyncio.Event()

    def _next_timestamp_ns(self) -> int:
        """The clock, but never the same twice: `since_ns` tells lines apart by it."""
        now_ns = time.time_ns()
        return max(now_ns, self.lines[-1].timestamp_ns + 1) if self.lines else now_ns


def _last_state(text: str) -> str:
    """What a screen would show of a line that was written over."""
    return text.rstrip("\r").rpartition("\r")[2]


Program = Callable[[FakeProcess], Awaitable[int]]
"""Returns its exit code; an exception is exit code 1 and a traceback on stderr."""
