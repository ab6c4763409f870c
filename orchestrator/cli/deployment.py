"""Follows a version from its acceptance to ready, or to the error that stopped it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from orchestrator.cli import exit_codes
from orchestrator.cli.connection import Connection
from orchestrator.cli.errors import CliError

STAGES: Final = {
    "created": "Waiting for the builder",
    "building": "Building the image",
    "registering": "Registering the tasks",
}
"""By status, while a version is on its way."""
_POLL_S: Final = 0.2
_OUTAGE_S: Final = 60.0
"""How long the orchestrator may be away: it goes on with the build when it is back."""

Line = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Deployed:
    """A version at the end of its way."""

    workflow: dict[str, Any]
    version: dict[str, Any]
    tasks: list[dict[str, Any]]

    @property
    def is_ready(self) -> bool:
        """Whether it takes runs."""
        return bool(self.version["status"] == "ready")

    def as_json(self) -> dict[str, Any]:
        """For --json."""
        return {"workflow": self.workflow, "workflowVersion": self.version, "tasks": self.tasks}


def follow(api: Connection, accepted: dict[str, Any], show: Line) -> Deployed:
    """Wait until the version is ready or failed; every line of its log is shown once. Raises CliError."""
    version = accepted["workflowVersion"]
    log = _Log(version["id"], show)
    outage_begin: float | None = None
    while version["status"] in STAGES:
        try:
            log.follow(api)
            version = api.get(f"/workflowversions/{version['id']}")
            outage_begin = None
        except CliError as error:
            outage_begin = outage_begin or time.monotonic()
            if error.exit_code != exit_codes.UNREACHABLE or time.monotonic() - outage_begin > _OUTAGE_S:
                raise
        time.sleep(_POLL_S if version["status"] in STAGES else 0)
    tasks = list(api.all("/tasks", "task", workflowVersionId=version["id"])) if version["status"] == "ready" else []
    return Deployed(accepted["workflow"], version, tasks)


class _Log:
    """The version's log, read on where a broken connection left it."""

    def __init__(self, version_id: str, show: Line) -> None:
        self._path = f"/workflowversions/{version_id}/logs"
        self._show = show
        self._cursor: str | None = None
        self._is_over = False

    def follow(self, api: Connection) -> None:
        """Show all lines there are until the log ends."""
        if self._is_over:
            return
        for event in api.stream(self._path, follow="true", cursor=self._cursor):
            if event.name == "end":
                self._is_over = True
                return
            if event.name == "log":
                line = json.loads(event.data)
                self._cursor = line["cursor"]
                self._show(line["message"])
