"""One container's life: start → load user code → ready → one assignment → execute → deliver until acknowledged → exit.

The main thread belongs to the user's code; the link's thread talks to the orchestrator. Whatever user code leaves behind
(threads, open handles, exit handlers that hang) is given `EXIT_GRACE_S` and then dropped with the process.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, Final, NoReturn

from orchestrator_runtime import entry_point, host, wire
from orchestrator_runtime.children import Children
from orchestrator_runtime.execution import NOT_A_RESULT, Execution, Terminated
from orchestrator_runtime.failure import describe
from orchestrator_runtime.link import Link, encode

if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Future

EXIT_GRACE_S: Final = 2.0
"""For exit handlers and unfinished asyncio tasks, after the outcome was delivered."""
_EXIT_TERMINATED: Final = 128 + signal.SIGTERM


class Shim:
    """The host of one app, for one assignment."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._mode = environment[wire.ENV_MODE]
        self._entry_point = environment[wire.ENV_ENTRY_POINT]
        self._link = Link(environment, self._receive)
        self._children = Children(self._link)
        self._execution = Execution()
        self._assignment: wire.Assign | None = None
        self._assigned = threading.Event()
        self._acknowledged = threading.Event()
        self._pid = os.getpid()

    def run(self) -> NoReturn:
        """Load the entry point, which calls `serve`; report it when it does not."""
        signal.signal(signal.SIGTERM, self._terminate)
        self._link.start()
        try:
            entry_point.load(self._entry_point)
        except Terminated:
            self._exit(_EXIT_TERMINATED)
        except SystemExit as stop:
            self._exit(_code_of(stop))
        except BaseException as error:
            self._deliver({"type": "error", "error": describe(error, "load")})
        self._exit(wire.EXIT_TASK_FAILED)

    def serve(self, app: host.App) -> NoReturn:
        """Announce the app's tasks, or run its one assignment; called by `app.start()`."""
        if self._mode == "register":
            self._deliver({"type": "tasks", "tasks": app.definitions()})
            self._exit(wire.EXIT_OK)
        assignment = self._await_assignment()
        try:
            outcome = _result(self._execution.run(app, assignment))
        except (Terminated, SystemExit):
            raise
        except BaseException as error:
            outcome = {"type": "error", "error": describe(error, "task")}
        self._deliver(outcome)
        self._exit(wire.EXIT_OK if outcome["type"] == "result" else wire.EXIT_TASK_FAILED)

    def start_child(self, task: str, arguments: list[Any] | dict[str, Any]) -> Future[Any]:
        """Ask for a chained run; safe from any thread."""
        return self._children.start(task, arguments)

    def waiting(self, delta: int) -> None:
        """One more or one fewer chained run is being awaited."""
        self._children.waiting(delta)

    def _await_assignment(self) -> wire.Assign:
        self._link.post("ready", {"type": "ready", "protocol": wire.PROTOCOL_VERSION, "load_ms": age_ms()})
        self._assigned.wait()
        assert self._assignment is not None, "it is set before the event"
        self._link.settle("ready")
        self._link.live_for(self._assignment["timeout_s"])
        return self._assignment

    def _deliver(self, outcome: Mapping[str, Any]) -> None:
        if os.getpid() != self._pid:
            os._exit(wire.EXIT_OK)  # a process the task forked came back here: only the task itself has an outcome
        self._link.post("outcome", outcome)
        self._acknowledged.wait()

    def _receive(self, frame: dict[str, Any]) -> None:
        """Take a frame, in the link's thread; each kind may come twice."""
        kind = frame["type"]
        if kind == "assign" and self._assignment is None:
            self._assignment = frame  # type: ignore[assignment]
            self._assigned.set()
        elif kind == "child_done":
            self._children.done(frame)
        elif kind == "ack":
            self._link.settle("outcome")
            self._acknowledged.set()

    def _terminate(self, *_: object) -> None:
        """Pass SIGTERM on to the processes the task started, then unwind the task itself."""
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if os.getpid() != self._pid:
            os._exit(_EXIT_TERMINATED)
        os.killpg(0, signal.SIGTERM)
        self._execution.terminate()

    def _exit(self, code: int) -> NoReturn:
        """End the process, whatever is still going on in it."""
        threading.Thread(target=_exit_after, args=(EXIT_GRACE_S, code), daemon=True).start()
        with contextlib.suppress(BaseException):
            self._execution.end_leftovers()
        with contextlib.suppress(BaseException):
            atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(BaseException):
                stream.flush()
        os._exit(code)


def _result(value: object) -> dict[str, Any]:
    """The outcome for what the task returned: a result, or why it is none."""
    outcome = {"type": "result", "value": value}
    try:
        if hasattr(value, NOT_A_RESULT):
            raise TypeError(getattr(value, NOT_A_RESULT))
        size_bytes = len(encode(outcome)) - len('{"type":"result","value":}')
        if size_bytes > wire.RESULT_LIMIT_BYTES:
            raise ValueError(f"it is {size_bytes} bytes of JSON; the limit is {wire.RESULT_LIMIT_BYTES}")
    except (TypeError, ValueError, RecursionError) as error:
        return {"type": "error", "error": _no_result(error)}
    return outcome


def _no_result(error: Exception) -> wire.ErrorInfo:
    info = describe(error, "result")
    message = f"the task's result cannot be delivered: {info['message']}"
    return {**info, "type": "ResultError", "message": message, "traceback": "", "retryable": False}


def _code_of(stop: SystemExit) -> int:
    """The exit code Python itself would give."""
    if stop.code is None:
        return wire.EXIT_OK
    if isinstance(stop.code, int):
        return stop.code & 0xFF
    with contextlib.suppress(BaseException):
        sys.stderr.write(f"{stop.code}\n")
    return wire.EXIT_TASK_FAILED


def _exit_after(seconds: float, code: int) -> NoReturn:
    time.sleep(seconds)
    os._exit(code)


def age_ms() -> float:
    """Milliseconds since this process was started, to the kernel's 10."""
    with open("/proc/self/stat", "rb") as stat:
        started_ticks = int(stat.read().rsplit(b")", 1)[1].split()[19])
    return round((time.clock_gettime(time.CLOCK_BOOTTIME) - started_ticks / os.sysconf("SC_CLK_TCK")) * 1000, 1)


def main() -> NoReturn:
    """Become the host of the entry point named by the environment."""
    ours = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("ORCHESTRATOR_")}
    missing = [name for name in (wire.ENV_CHANNEL_URL, wire.ENV_ENTRY_POINT, wire.ENV_MODE) if name not in ours]
    if missing:
        sys.stderr.write(f"{' and '.join(missing)} not set: only the orchestrator starts this program\n")
        sys.exit(wire.EXIT_BAD_ENVIRONMENT)
    _prepare_paths()
    shim = Shim(ours)
    host.current = shim
    shim.run()


def _prepare_paths() -> None:
    """Make the image's packages and the user's code importable, and every printed line visible at once."""
    import site

    site.main()
    sys.path.insert(0, os.getcwd())
    sys.path += [f"{wire.HOME_DIR}/sdk", f"{wire.HOME_DIR}/compat"]
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]
