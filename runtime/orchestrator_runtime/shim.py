"""One container's life: start → load user code → ready → one assignment → execute → deliver until acknowledged → exit.

The main thread belongs to the user's code; the link's thread talks to the orchestrator. Whatever user code leaves behind
(threads, open handles, exit handlers that hang) is given `ending.GRACE_S` and then dropped with the process.

User code asks for its work in one of two ways: our SDK calls `serve`, in this process; the official SDKs, in this or in another
process of any language, speak the worker protocol on a socket.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, Final, NoReturn

from orchestrator_runtime import outcome, wire
from orchestrator_runtime.annotations import Annotations
from orchestrator_runtime.children import Chained, Children
from orchestrator_runtime.failure import describe, format_traceback
from orchestrator_runtime.latch import Latch
from orchestrator_runtime.link import Link, encode
from orchestrator_runtime.outcome import Outcome
from orchestrator_runtime.process.ending import GRACE_S, Ending
from orchestrator_runtime.process.sigterm import Sigterm
from orchestrator_runtime.user_code import entry_point, rewritten
from orchestrator_runtime.user_code.execution import Execution, Terminated
from orchestrator_runtime.worker.server import Timer, WorkerServer

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping, Sequence
    from concurrent.futures import Future

    from orchestrator_runtime import host
    from orchestrator_runtime.user_code.program import Program
    from orchestrator_runtime.user_code.start_command import Start
    from orchestrator_runtime.worker.http import Answer, Held, Request
    from orchestrator_runtime.worker.protocol import Worker

_EXIT_TERMINATED: Final = 128 + signal.SIGTERM


class Shim:
    """The host of one app, for one assignment."""

    def __init__(
        self, environment: Mapping[str, str], start: Start, listener: socket.socket, program: Program | None
    ) -> None:
        """`program` was started where `start` is none of Python's, and may connect to the `listener` by now."""
        self._mode = environment[wire.ENV_MODE]
        self._start = start
        self._link = Link(environment, self._receive)
        self._children = Children(self._link)
        self._annotations = Annotations(self._link)
        self._execution = Execution()
        self._ending = Ending(self._execution)
        self._program = program
        self._assignment: wire.Assign | None = None
        self._is_ready = False
        self._began_s: float | None = None
        self.assigned = Latch()
        self._acknowledged = Latch()
        self._outcome: Outcome | None = None
        self._outcome_lock = threading.Lock()
        self._pid = os.getpid()
        self._worker: Worker | None = None
        self._server = WorkerServer(listener, self._answer_worker)

    def run(self) -> NoReturn:
        """Start the user's code; it asks for its work, or is reported when it does not."""
        Sigterm(self._program.terminate if self._program else self._execution.terminate).install()
        self._link.start()
        self._server.start()
        if self._program:
            self._exit(self._end_of(self._program))
        try:
            entry_point.load(self._start)
            if self._worker is None:
                raise entry_point.not_started(self._start)
        except Terminated:
            self._exit(_EXIT_TERMINATED)
        except SystemExit as stop:
            self._exit(_code_of(stop))
        except BaseException as error:
            self._report(error)
            self._exit(wire.EXIT_TASK_FAILED)
        self._exit(wire.EXIT_OK)

    def _end_of(self, program: Program) -> int:
        """Its exit code; what it left unsaid is reported."""
        from orchestrator_runtime.worker import last_words  # for programs alone

        code = program.wait()
        if code == wire.EXIT_OK or self._outcome is not None:
            return code
        if last_words.is_heap_full(self._server.path):
            return wire.EXIT_HEAP_FULL
        if said := last_words.error(self._server.path):
            self.deliver(outcome.error(said))
        return code

    def serve(self, app: host.App) -> NoReturn:
        """Announce the app's tasks, or run its one assignment; called by `app.start()`."""
        if self._mode == "register":
            self.deliver(outcome.tasks(app.definitions()))
            self._exit(wire.EXIT_OK)
        assignment = self.assignment()
        assert assignment is not None, "there is no time limit"
        rewritten.watch(self._annotations.line)
        try:
            ended = outcome.result(self._execution.run(app, assignment))
        except (Terminated, SystemExit):
            raise
        except BaseException as error:
            ended = outcome.error(describe(error, "task"))
        self.deliver(ended)
        self._exit(ended.exit_code)

    def start_child(self, task: str, arguments: list[Any] | dict[str, Any]) -> Future[Any]:
        """Ask for a chained run; safe from any thread."""
        return self._children.start(task, arguments)

    def start_confirmed(self, task: str, arguments: list[Any] | dict[str, Any]) -> Chained:
        """The same for who wants to know the run's id."""
        return self._children.start_confirmed(task, arguments)

    def waiting(self, delta: int) -> None:
        """One more or one fewer chained run is being awaited."""
        self._children.waiting(delta)

    def annotate(
        self,
        *,
        tags: Sequence[str] = (),
        metadata: Mapping[str, Any] | None = None,
        progress: tuple[float | None, str] | None = None,
    ) -> None:
        """Say something about the run, soon; safe from any thread. Raises TypeError or ValueError for what cannot be kept."""
        self._annotations.add(tags, metadata or {}, progress)

    def assignment(self, timeout_s: float | None = None) -> wire.Assign | None:
        """Say that the user's code is loaded, and wait for the one assignment; None when it takes longer than `timeout_s`."""
        if not self._is_ready:
            self._is_ready = True
            self._link.post("ready", encode(wire.Ready(wire.PROTOCOL_VERSION, age_ms())))
        if not self.assigned.wait(timeout_s):
            return None
        assert self._assignment is not None, "it is set before the event"
        self._link.answered("ready")
        self._link.live_for(self._assignment["timeout_s"])
        if traceparent := self._assignment.get("traceparent"):
            os.environ[wire.ENV_TRACEPARENT] = traceparent
        self._began_s = self._began_s or time.monotonic()
        return self._assignment

    def call_later(self, delay_s: float, call: Callable[[], object]) -> Timer:
        """Call it in the worker server's thread after so long."""
        return self._server.call_later(delay_s, call)

    def deliver(self, outcome: Outcome) -> None:
        """Send the outcome until it is acknowledged; only the first one is."""
        self.post_outcome(outcome).wait()

    def post_outcome(self, outcome: Outcome) -> Latch:
        """Begin to; set when it is acknowledged."""
        if os.getpid() != self._pid:
            os._exit(wire.EXIT_OK)  # a process the task forked came back here: only the task itself has an outcome
        with self._outcome_lock:
            is_first, self._outcome = self._outcome is None, self._outcome or outcome
        if is_first:
            self._annotations.flush()
            self._link.post("outcome", self._timed(outcome.frame))
            if self._worker is not None:
                # Whoever called back should end by itself then, and need not: open handles keep Node alive.
                self._acknowledged.listen(self._end_soon)
        return self._acknowledged

    def _timed(self, frame: bytes) -> bytes:
        """The outcome's frame, with how long user code has worked: spliced, for a result may be large."""
        if self._began_s is None:
            return frame
        return b'%b,"worked_ms":%.1f}' % (frame[:-1], (time.monotonic() - self._began_s) * 1000)

    def _answer_worker(self, request: Request) -> Answer | Held:
        if self._worker is None:
            from orchestrator_runtime.worker.protocol import Worker  # for those that speak the protocol alone

            self._worker = Worker(self)
        return self._worker.handle(request)

    def _end_soon(self) -> None:
        """In any thread; no further one is needed, for there may be no room for one."""
        self._server.call_soon(lambda: self._server.call_later(GRACE_S, self._end))

    def _end(self) -> None:
        if self._program:
            self._program.kill()
        self._exit(self._outcome.exit_code if self._outcome else wire.EXIT_TASK_FAILED)

    def _report(self, error: BaseException) -> None:
        """The code failed before it asked for work, or the official SDK raises again what it has reported."""
        if self._outcome is None:
            self.deliver(outcome.error(describe(error, "load")))
            return
        with contextlib.suppress(BaseException):
            sys.stderr.write(format_traceback(error))

    def _receive(self, frame: dict[str, Any]) -> None:
        """Take a frame, in the link's thread; each kind may come twice."""
        kind = frame["type"]
        if kind == "assign" and self._assignment is None:
            self._assignment = frame  # type: ignore[assignment]
            self.assigned.set()
        elif kind == "child_started":
            self._children.confirmed(frame)
        elif kind == "child_done":
            self._children.done(frame)
        elif kind == "ack":
            self._link.answered("outcome")
            self._acknowledged.set()

    def _exit(self, code: int) -> NoReturn:
        """End the process, whatever is still going on in it."""
        self._server.remove()
        self._ending.run(code)


def _code_of(stop: SystemExit) -> int:
    """The exit code Python itself would give."""
    if stop.code is None:
        return wire.EXIT_OK
    if isinstance(stop.code, int):
        return stop.code & 0xFF
    with contextlib.suppress(BaseException):
        sys.stderr.write(f"{stop.code}\n")
    return wire.EXIT_TASK_FAILED


def age_ms() -> float:
    """Milliseconds since this process was started, to the kernel's 10."""
    with open("/proc/self/stat", "rb") as stat:
        started_ticks = int(stat.read().rsplit(b")", 1)[1].split()[19])
    return round((time.clock_gettime(time.CLOCK_BOOTTIME) - started_ticks / os.sysconf("SC_CLK_TCK")) * 1000, 1)
