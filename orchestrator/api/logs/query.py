"""Which lines of which runs clients ask for, in the words of the hosted service, and what a line looks like to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, NamedTuple

from pydantic import Field

from orchestrator.api.deps import Services
from orchestrator.api.logs.routes import line_time
from orchestrator.api.logs.sources import LogSource, Place, of_run
from orchestrator.api.requests.filters import task_ids, workflow_ids
from orchestrator.api.schemas import Shape, logs
from orchestrator.core.logs import LogLine
from orchestrator.core.runs.run import Run
from orchestrator.store.runs.listing import Filter

_LEVEL: Final = {"stdout": "info", "stderr": "error", "system": "info"}


class LineQuery(Shape):
    """Lines that have one of the values of each field that is given; `resource` is a workflow."""

    resource: list[str] = Field(default_factory=list)
    task: list[str] = Field(default_factory=list)
    task_run: list[str] = Field(default_factory=list)
    instance: list[str] = Field(default_factory=list, description="A run's id, '-', and the number of its attempt.")
    level: list[str] = Field(default_factory=list, description="info (stdout) or error (stderr)")
    type: list[str] = Field(default_factory=list, description="app")
    text: list[str] = Field(default_factory=list, description="One of these must be in the line.")
    host: list[str] = Field(default_factory=list, description="Of web services: no line of a task has it.")
    path: list[str] = Field(default_factory=list, description="As host.")
    method: list[str] = Field(default_factory=list, description="As host.")
    status_code: list[str] = Field(default_factory=list, description="As host.")
    owner_id: list[str] = Field(default_factory=list, description="Accepted and ignored.")

    async def runs(self, services: Services) -> Filter:
        """The runs whose lines these can be. Raises Unknown, Refused."""
        return Filter(
            task_ids=await task_ids(services.workflows, self.task),
            workflow_ids=await workflow_ids(services.workflows, self.resource),
        )

    def accepting(self) -> Callable[[Found], bool]:
        """Whether a line is one of these; to be asked of many."""
        asked = {name: values for name, values in self if name in _LABELS and values}

        def accepts(found: Found) -> bool:
            labels = found.labels() if asked else {}
            has_text = not self.text or any(text in found.line.message for text in self.text)
            return has_text and all(labels.get(name) in values for name, values in asked.items())

        return accepts


_LABELS: Final = frozenset({"instance", "level", "type", "host", "path", "method", "status_code"})


class Found(NamedTuple):
    """A line, and the run that printed it."""

    place: Place
    line: LogLine
    run: Run

    @property
    def time(self) -> datetime:
        """When it was printed, to the microsecond."""
        return line_time(self.line.timestamp_ns)

    def labels(self) -> Mapping[str, str]:
        """What can be asked for; the official clients know a fixed set of names, and fail at any other."""
        return {
            "resource": self.run.workflow_id,
            "task": self.run.task_id,
            "taskRun": self.run.id,
            "instance": f"{self.run.id}-{self.place.part}",
            "type": "app",
            "level": _LEVEL[self.line.stream],
        }

    def shape(self) -> logs.LabeledLog:
        """The line as clients see it."""
        return logs.LabeledLog(
            id=f"{self.run.id}:{self.place}",
            message=self.line.message,
            timestamp=self.time,
            labels=[logs.Label(name=name, value=value) for name, value in self.labels().items()],
        )


def source_of(run: Run, services: Services) -> LogSource:
    """What the run printed, over all its attempts."""
    return LogSource(services.logs, of_run(services.runs, run.id, None), services.now_ms)
