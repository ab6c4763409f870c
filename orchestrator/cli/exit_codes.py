"""What the exit code of every command means."""

from __future__ import annotations

from typing import Final

OK: Final = 0
FAILED: Final = 1
USAGE: Final = 2
UNREACHABLE: Final = 3
NOT_FOUND: Final = 4
REFUSED: Final = 5
INTERRUPTED: Final = 130

MEANINGS: Final = {
    OK: "done",
    FAILED: "the run or deploy failed, or the orchestrator could not start",
    USAGE: "the command or its input is wrong",
    UNREACHABLE: "no orchestrator answers",
    NOT_FOUND: "there is no such workflow, task or run",
    REFUSED: "the API key is missing or wrong",
    INTERRUPTED: "interrupted; a run goes on",
}


def as_text() -> str:
    """All of them, for --help."""
    return "\n\n".join(["Exit codes:", *(f"{code:>4}  {meaning}" for code, meaning in MEANINGS.items())])
