"""The public shapes of logs."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from orchestrator.api.schemas.shape import Shape

Stream = Literal["stdout", "stderr", "system"]


class BuildLogLine(Shape):
    """One line; `stream` is ``system`` for what the orchestrator itself says. `cursor` is the place after it."""

    timestamp: datetime
    stream: Stream
    message: str
    cursor: str


class LogLine(BuildLogLine):
    """One line that an attempt printed."""

    attempt: int


class LiveLine(Shape):
    """What is begun of an attempt's line, which has not ended; empty when there is nothing any more."""

    attempt: int
    stream: Stream
    message: str


class TreeLogLine(LogLine):
    """One line that a run of a tree printed; `task` is as people write it."""

    task_run_id: str
    task: str


class Label(Shape):
    """One of ``resource``, ``task``, ``taskRun``, ``instance`` (the run and its attempt), ``type``, ``level``."""

    name: str
    value: str


class LabeledLog(Shape):
    """One line, in the form that searches answer."""

    id: str
    message: str
    timestamp: datetime
    labels: list[Label]


class LogSearch(Shape):
    """What was found; `next_start_time` and `next_end_time` ask for the rest when `has_more`."""

    logs: list[LabeledLog]
    has_more: bool
    next_start_time: datetime
    next_end_time: datetime
