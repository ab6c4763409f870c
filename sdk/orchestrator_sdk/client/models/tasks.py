from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from orchestrator_sdk.client.models.reading import Json, time


@dataclass(frozen=True, slots=True)
class TaskParameter:
    """One parameter of a task; what is None is unknown. `default` is JSON text, `schema` the JSON Schema of its values."""

    name: str
    has_default: bool
    kind: str | None
    type: str | None
    default: str | None
    schema: Json | None

    @classmethod
    def parse(cls, json: Json) -> TaskParameter:
        """From the API's JSON."""
        return cls(
            name=json["name"],
            has_default=bool(json.get("hasDefault")),
            kind=json.get("kind"),
            type=json.get("type"),
            default=json.get("default"),
            schema=json.get("schema"),
        )


@dataclass(frozen=True, slots=True)
class RegisteredTask:
    """A task of a version, as the orchestrator knows it; `signature` is None where calls need not bind to one."""

    id: str
    name: str
    workflow_id: str
    workflow_version_id: str
    slug: str
    plan: str
    timeout_seconds: int | None
    created_at: datetime | None
    parameters: tuple[TaskParameter, ...]
    signature: str | None
    warm: str
    warm_min: int
    network: tuple[str, ...]
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def parse(cls, json: Json) -> RegisteredTask:
        """From the API's JSON."""
        return cls(
            id=json["id"],
            name=json["name"],
            workflow_id=json.get("workflowId") or "",
            workflow_version_id=json.get("workflowVersionId") or "",
            slug=json.get("slug") or "",
            plan=json.get("plan") or "",
            timeout_seconds=json.get("timeoutSeconds"),
            created_at=time(json, "createdAt"),
            parameters=tuple(TaskParameter.parse(one) for one in json.get("parameters") or ()),
            signature=json.get("signature"),
            warm=json.get("warm") or "",
            warm_min=json.get("warmMin") or 0,
            network=tuple(json.get("network", ("internet",))),
            raw=json,
        )
