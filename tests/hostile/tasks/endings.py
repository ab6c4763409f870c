"""Attacks by the way a process ends, or does not."""

import os
import signal
import sys
import threading
import time

from orchestrator_sdk import Retry

AT_ONCE = Retry(max_retries=27, wait_duration_ms=0)


def add_to(app):
    @app.task(retry=AT_ONCE)
    def tracebacks_of_32_kb() -> None:
        _deep(400)

    @app.task(retry=Retry(max_retries=75, wait_duration_ms=0))
    def messages_of_512_kb() -> None:
        raise ValueError("é" * 512_000)

    @app.task(retry=AT_ONCE)
    def exits_121() -> None:
        os._exit(121)

    @app.task(retry=Retry(max_retries=3, wait_duration_ms=0))
    def lives_on_after_its_error() -> None:
        threading.Thread(target=_hold_the_end).start()
        raise ValueError("it is over, and it is not")

    @app.task
    def lives_on_after_its_result() -> int:
        """Past the shim's own end, too: another process goes on, and the shim's is stopped."""
        if os.fork() == 0:
            time.sleep(1)
            os.kill(os.getppid(), signal.SIGSTOP)
            _spin(60)
        return 1

    @app.task
    def ignores_sigterm(seconds: float) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        _spin(seconds)

    @app.task
    def forks_at_its_end() -> None:
        import atexit

        atexit.register(_fork_for_ever)

    @app.task
    def forks() -> None:
        _fork_for_ever()

    @app.task
    def takes_memory() -> None:
        held = []
        while True:
            held.append(b"x" * (16 << 20))

    @app.task
    def last_words() -> None:
        sys.stdout.write("the last words\n")
        raise ValueError("after them")


def _deep(levels):
    if levels:
        _deep(levels - 1)
    raise ValueError("x" * 8_000)


def _hold_the_end():
    os._exit = lambda code: time.sleep(60)
    time.sleep(60)


def _spin(seconds):
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        pass


def _fork_for_ever():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    end_s = time.monotonic() + 60
    while time.monotonic() < end_s:
        try:
            os.fork()
        except OSError:
            pass
