from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from orchestrator_sdk.client.models.reading import Json, time


@dataclass(frozen=True, slots=True)
class Workflow:
    """A deployed repo; its tasks are started as ``slug/task``. `workflow_version_id` is the version that serves, if one does.

    `variable_names` are those that its next version sees; `variable_revision` counts their changes.
    """

    id: str
    name: str
    slug: str
    workflow_version_id: str | None
    variable_names: tuple[str, ...]
    variable_revision: int
    created_at: datetime | None
    updated_at: datetime | None
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def parse(cls, json: Json) -> Workflow:
        """From the API's JSON."""
        return cls(
            id=json["id"],
            name=json["name"],
            slug=json.get("slug") or json["name"],
            workflow_version_id=json.get("workflowVersionId") or None,
            variable_names=tuple(json.get("envVarKeys") or ()),
            variable_revision=json.get("envVarRevision") or 0,
            created_at=time(json, "createdAt"),
            updated_at=time(json, "updatedAt"),
            raw=json,
        )


@dataclass(frozen=True, slots=True)
class WorkflowVersion:
    """One immutable image of a workflow; `status` ends as ready, build_failed or registration_failed, and `error` says why.

    Its runs see the variables `variable_names`, as they were when its workflow was at `variable_revision`.
    """

    id: str
    workflow_id: str
    name: str
    status: str
    variable_names: tuple[str, ...]
    variable_revision: int
    error: str | None
    created_at: datetime | None
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def parse(cls, json: Json) -> WorkflowVersion:
        """From the API's JSON."""
        return cls(
            id=json["id"],
            workflow_id=json["workflowId"],
            name=json.get("name") or json["id"],
            status=json["status"],
            variable_names=tuple(json.get("envVarKeys") or ()),
            variable_revision=json.get("envVarRevision") or 0,
            error=json.get("error") or None,
            created_at=time(json, "createdAt"),
            raw=json,
        )

    @property
    def is_over(self) -> bool:
        """Whether it is built, or failed."""
        return self.status in ("ready", "build_failed", "registration_failed")


@dataclass(frozen=True, slots=True)
class Deploy:
    """An accepted deploy: the version is built next."""

    workflow: Workflow
    version: WorkflowVersion
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def parse(cls, json: Json) -> Deploy:
        """From the API's JSON."""
        workflow, version = Workflow.parse(json["workflow"]), WorkflowVersion.parse(json["workflowVersion"])
        return cls(workflow, version, raw=json)
