from __future__ import annotations

import asyncio
import json
import logging
import sys

from orchestrator.cli.instance.json_lines import JsonLines

RUN = "trn-06h19mbkp8vnn9m33m2f"


def written(message: str, *, error: Exception | None = None) -> dict[str, str]:
    """The line's object."""
    exc_info = None
    if error is not None:
        try:
            raise error
        except Exception:
            exc_info = sys.exc_info()
    record = logging.LogRecord("orchestrator.x", logging.WARNING, "x.py", 1, message, None, exc_info)
    text = JsonLines().format(record)
    assert "\n" not in text
    found: dict[str, str] = json.loads(text)
    return found


def test_a_line_says_when_who_and_what() -> None:
    line = written("two\nlines \ud800")
    assert (line["level"], line["logger"], line["message"]) == ("WARNING", "orchestrator.x", "two\nlines \\ud800")
    assert line["at"].endswith("+00:00")


def test_a_line_about_a_run_has_its_id() -> None:
    assert written(f"run {RUN} was adopted")["run"] == RUN
    assert "run" not in written("nothing to do")


def test_whatever_a_run_s_supervisor_says_is_about_the_run() -> None:
    async def said() -> dict[str, str]:
        return await asyncio.create_task(say(), name=f"run {RUN} supervisor")

    async def say() -> dict[str, str]:
        return written("the engine does not answer")

    assert asyncio.run(said())["run"] == RUN


def test_an_error_has_its_traceback() -> None:
    line = written("failed", error=ValueError("no"))
    assert line["error"].endswith("ValueError: no")
