"""The end of the process as Python's own: asyncio's tasks, then threads and executors, then exit handlers.

Only that it is not for ever: what takes longer than the grace is dropped with the process, and named on stderr.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import threading
import time
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

    from orchestrator_runtime.user_code.execution import Execution

GRACE_S: Final = 2.0
"""Below the five seconds that a canceled task has for everything."""


class Ending:
    """Ends the process, from any thread; what the first call began is not begun again."""

    def __init__(self, execution: Execution) -> None:
        self._execution = execution
        self._is_at_handlers = False

    def run(self, code: int) -> NoReturn:
        """Give what user code left behind its time, and exit."""
        with contextlib.suppress(RuntimeError):  # no thread can be started any more: then nothing gets any time
            threading.Thread(target=self._drop_after, args=(GRACE_S, code), daemon=True).start()
            self._try(self._execution.end_leftovers)
            if threading.current_thread() is threading.main_thread():
                self._try(threading._shutdown)  # type: ignore[attr-defined]
            self._is_at_handlers = True
            self._try(atexit._run_exitfuncs)
        for stream in (sys.stdout, sys.stderr):
            self._try(stream.flush)
        self._say(self._execution.unfinished())
        os._exit(code)

    def _try(self, step: Callable[[], object]) -> None:
        with contextlib.suppress(BaseException):
            step()

    def _drop_after(self, seconds: float, code: int) -> NoReturn:
        time.sleep(seconds)
        self._try(lambda: self._say([*self._execution.unfinished(), *self._unfinished()]))
        os._exit(code)

    def _unfinished(self) -> list[str]:
        ours = (threading.main_thread(), threading.current_thread())
        threads = [one.name for one in threading.enumerate() if not one.daemon and one not in ours]
        return [f"thread '{name}'" for name in threads] or (["exit handlers"] if self._is_at_handlers else [])

    def _say(self, dropped: list[str]) -> None:
        """Past sys.stderr, whose lock may be what everything waits for."""
        if dropped:
            text = f"orchestrator: unfinished {GRACE_S:g} s after the task, and ended with it: {', '.join(dropped)}\n"
            with contextlib.suppress(OSError):
                os.write(2, text.encode("utf-8", "backslashreplace"))
