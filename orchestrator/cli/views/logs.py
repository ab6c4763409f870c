"""What runs printed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from orchestrator.cli.views import output, state

if TYPE_CHECKING:
    from orchestrator_sdk.client.models import LogLine

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Choice:
    """Which lines are shown: of one attempt, those that `accepts`, the last `tail`, from `since` on."""

    attempt: int | None = None
    since: datetime | None = None
    accepts: Callable[[str], object] = lambda _: True
    tail: int | None = None

    def of(self, lines: Iterable[LogLine]) -> Iterator[LogLine]:
        """Those of the lines, in order, but for `tail`."""
        for line in lines:
            is_new = self.since is None or line.timestamp is None or line.timestamp >= self.since
            if is_new and self.attempt in (None, line.attempt) and self.accepts(line.message):
                yield line


def chosen(read: Callable[[bool], Iterable[LogLine]], choice: Choice, *, follow: bool) -> Iterator[Line]:
    """The lines that are read, with `follow` until they end. A lost connection is taken up again."""
    skipped = 0
    if choice.tail is not None:
        known = sum(1 for _ in choice.of(read(False)))
        skipped = max(0, known - choice.tail)
    for line in choice.of(read(follow)):
        if skipped and not line.is_begun:
            skipped -= 1
        elif not skipped:
            yield document(line)


def document(line: LogLine) -> Line:
    """The line as JSON shows it; whose it is is said where it is one of a tree."""
    whose = {"taskRunId": line.run_id, "task": line.task} if line.run_id else {}
    begun = {"isBegun": True} if line.is_begun else {}
    return {
        **whose,
        **begun,
        "timestamp": line.timestamp.isoformat() if line.timestamp else None,
        "attempt": line.attempt,
        "stream": line.stream,
        "message": line.message,
    }


def show(lines: Iterable[Line], *, as_json: bool, timestamps: bool = False) -> None:
    """Print each line where it was printed: stdout to stdout, everything else to stderr; a new attempt is announced there, too.

    One that is only begun is shown below them, for as long as it is.
    """
    attempts: dict[str | None, int | None] = {}
    begun = output.Begun()
    for line in lines:
        if as_json:
            output.text(output.as_json(line))
            continue
        if line.get("isBegun"):
            begun.show(line["stream"], line["message"])
            continue
        begun.clear()
        run_id = line.get("taskRunId")
        if (attempt := line.get("attempt")) and attempt != attempts.get(run_id):
            output.note(f"{_whose(line)}── {state.attempt(attempt)} ──")
        attempts[run_id] = attempt
        output.printed(_prefix(line, timestamps) + line["message"], is_err=line["stream"] != "stdout")
    begun.clear()


def _prefix(line: Line, timestamps: bool) -> str:
    at = f"{line['timestamp'] or '':<32}  " if timestamps else ""
    return at + _whose(line)


def _whose(line: Line) -> str:
    """Of a tree, the task and the end of the run's id, by which siblings are told apart."""
    if "taskRunId" not in line:
        return ""
    return f"{line['task'].rpartition('/')[2]}#{line['taskRunId'][-6:]} │ "
