"""The orchestrator's log as JSON, an object a line."""

from __future__ import annotations

import asyncio
import logging
import re
from datetime import UTC, datetime
from typing import Any, Final

from orchestrator_runtime import json_text

_RUN: Final = re.compile(r"trn-[0-9a-v]{20}")


class JsonLines(logging.Formatter):
    """`at`, `level`, `logger` and `message` of each record; `run` where it is about one, `error` where it has a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        message = record.getMessage()
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": json_text.valid(message),
        }
        if run := _RUN.search(message) or _RUN.search(_task_name()):
            line["run"] = run[0]
        if record.exc_info:
            line["error"] = json_text.valid(self.formatException(record.exc_info))
        return json_text.dumps(line)


def _task_name() -> str:
    """What runs at present is named after the run that it looks after."""
    try:
        task = asyncio.current_task()
    except RuntimeError:
        return ""
    return task.get_name() if task else ""
