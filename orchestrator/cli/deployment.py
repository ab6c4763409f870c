"""Follows a version from its acceptance to ready, or to the error that stopped it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO, Any, Final

from orchestrator.cli.input.source import HELD_BYTES
from orchestrator.cli.instance.outage import OUTAGE_S, is_outage
from orchestrator_sdk.client import Client
from orchestrator_sdk.client.models import Deploy, RegisteredTask, Workflow, WorkflowVersion
from orchestrator_sdk.errors import APIError

_POLL_S: Final = 0.2
_INLINE_BYTES: Final = HELD_BYTES

Line = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Deployed:
    """A version at the end of its way."""

    workflow: Workflow
    version: WorkflowVersion
    tasks: list[RegisteredTask]

    @property
    def is_ready(self) -> bool:
        """Whether it takes runs."""
        return self.version.status == "ready"

    def as_json(self) -> dict[str, Any]:
        """For --json."""
        tasks = [task.raw for task in self.tasks]
        return {"workflow": self.workflow.raw, "workflowVersion": self.version.raw, "tasks": tasks}


def begin(api: Client, name: str, options: Mapping[str, Any]) -> Deploy:
    """Deploy with the options of `Client.deploy`. Raises APIError.

    The archive is a file, closed afterwards; one that is not small goes ahead, as it is.
    """
    archive: IO[bytes] | None = options.get("archive")
    if archive is None:
        return api.deploy(name, **options)
    with archive:
        head = archive.read(_INLINE_BYTES + 1)
        if len(head) <= _INLINE_BYTES:
            return api.deploy(name, **{**options, "archive": head})
        archive.seek(0)
        return api.deploy(name, **{**options, "archive": None, "upload": api.upload(archive)})


def follow(api: Client, accepted: Deploy, show: Line) -> Deployed:
    """Wait until the version is ready or failed; every line of its log is shown once. Raises APIError.

    What failed is the version's error: on stderr of the log it is not shown.
    """
    for line in api.version_logs(accepted.version.id, follow=True):
        if line.stream != "stderr":
            show(line.message)
    version = _over(api, accepted.version)
    tasks = list(api.tasks(version=version.id)) if version.status == "ready" else []
    return Deployed(accepted.workflow, version, tasks)


def _over(api: Client, version: WorkflowVersion) -> WorkflowVersion:
    """The version when it is built or failed; its log ends a moment before."""
    seen_s = time.monotonic()
    while True:
        try:
            version, seen_s = api.version(version.id), time.monotonic()
        except APIError as error:
            if not is_outage(error) or time.monotonic() - seen_s > OUTAGE_S:
                raise
        if version.is_over:
            return version
        time.sleep(_POLL_S)
