"""What is told of lines that are written over."""

from __future__ import annotations

import io
import sys

import pytest

from orchestrator_runtime.user_code.rewritten import last_state, watch
from tests.runtime.conftest import Launch
from tests.runtime.programs import code


@pytest.mark.parametrize(
    ("written", "state"),
    [
        ("\r 40%|####      | 40/100", "40%|####      | 40/100"),
        ("10%\r20%\r", "20%"),
        ("\x1b[32m\r50%\x1b[0m", "50%"),
        ("begin\n\r50%", "50%"),
        ("\r50%\ndone", ""),
        ("windows\r\n", ""),
        ("\r\r", ""),
        ("plain", ""),
    ],
)
def test_the_state_of_a_line_is_what_a_screen_would_show(written: str, state: str) -> None:
    assert last_state(written) == state


def test_streams_are_told_of_and_get_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stream(io.StringIO):
        pass

    out, said = Stream(), list[str]()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", None)
    watch(said.append)
    for text in ("hello", "\n", "10%", "\r", "20%", "\r", "done", "\n", "next"):
        sys.stdout.write(text)
    assert out.getvalue() == "hello\n10%\r20%\rdone\nnext"
    assert said == ["10%", "20%", "20%", "done"]


async def test_a_bar_is_the_progress_of_a_task_that_says_no_other(launch: Launch) -> None:
    shim = await launch(
        code("""
from orchestrator_sdk import TaskContext
import sys
@app.task
def work(ctx: TaskContext, speaks: bool):
    if speaks:
        ctx.progress(0.5, "half")
    print("\\r 40%|####", end="", file=sys.stderr)
    print()
    return 1
""")
    )
    await shim.assign("work", False)
    said = await shim.frame("annotate")
    assert (said.fraction, said.message) == (None, "40%|####")
    await shim.outcome("result")
