"""The public shapes of workflows, their versions and deploys."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from orchestrator.api.schemas.env_vars import EnvVarGiven
from orchestrator.api.schemas.shape import Shape, declaring
from orchestrator.core.workflow import Region, Runtime, Trigger

VersionStatus = Literal["created", "building", "registering", "build_failed", "registration_failed", "ready"]


class BuildConfig(Shape):
    """Where a workflow's code comes from: `repo` is a Git URL; of an uploaded one, only what people are told."""

    build_command: str = ""
    repo: str
    runtime: Runtime
    branch: str | None = None
    root_dir: str | None = None


class Workflow(Shape):
    """A user's repo; its tasks are started as ``slug/task``. `workflow_version_id` is the version that serves, if one does.

    `env_var_keys` are the names of the variables that its next version sees; `env_var_revision` counts their changes. While it is
    paused, `paused_at` says since when, and its queued runs wait.
    """

    id: str
    name: str
    slug: str
    owner_id: str
    created_at: datetime
    updated_at: datetime
    build_config: BuildConfig
    run_command: str
    region: Region
    auto_deploy_trigger: Trigger
    environment_id: str | None = None
    workflow_version_id: str | None = None
    env_var_keys: list[str]
    env_var_revision: int
    paused_at: datetime | None = None
    pause_reason: str | None = None


class WorkflowWithCursor(Shape):
    """An element of a list."""

    workflow: Workflow
    cursor: str


class WorkflowVersion(Shape):
    """One immutable image of a workflow; `error` says why it failed, `commit` of which commit it is, if that was asked for.

    `env_var_keys` are the names of the variables its runs see, as they were when its workflow was at `env_var_revision`.
    `image` is the image's id, as soon as there is one.
    """

    id: str
    workflow_id: str
    name: str
    number: int
    created_at: datetime
    status: VersionStatus
    tasks: list[str]
    env_var_keys: list[str]
    env_var_revision: int
    image: str | None = None
    commit: str | None = None
    error: str | None = None


class WorkflowVersionWithCursor(Shape):
    """An element of a list."""

    workflow_version: WorkflowVersion
    cursor: str


class Deploy(Shape):
    """A new version of the workflow `name`, from `repo` (a Git URL), from `upload` (``POST /v1/sources``) or `archive`.

    An archive is a tar.gz in base64, of 64 MiB at most; an upload may be larger, and is there for one deploy.

    `source` is what people are told an archive came from; `env` is added to the variables its workflow has. `apt` are packages of
    the system; `dockerfile` is the path of one in the source that makes the image; `network` says where runs of tasks that do not
    say it may go: "internet", "none", or a list of names and IPv4 ranges. What is given outranks what the source says. The steps of
    its build, and no run, see `buildEnv` and `buildSecrets` as variables; the latter are in no layer of the image. `push` names a
    registry, and a path in it if need be, where its image is kept by its digest, too.
    """

    model_config = declaring(anyOf=[{"required": ["repo"]}, {"required": ["upload"]}, {"required": ["archive"]}])

    name: str = Field(json_schema_extra={"pattern": "[A-Za-z0-9]"})
    archive: str | None = Field(None, json_schema_extra={"pattern": "^H4s[A-Za-z0-9+/]+={0,2}$"})
    upload: str | None = None
    repo: str | None = None
    branch: str | None = None
    commit: str | None = None
    build_command: str = ""
    start_command: str = ""
    root_dir: str | None = None
    source: str = ""
    env: dict[str, str] = Field(default_factory=dict)
    apt: list[str] = Field(default_factory=list)
    dockerfile: str = ""
    build_env: dict[str, str] = Field(default_factory=dict)
    build_secrets: dict[str, str] = Field(default_factory=dict)
    submodules: bool = False
    network: str | list[str] | None = None
    push: str = Field("", json_schema_extra={"examples": ["registry.example:5000/team"]})


class Upload(Shape):
    """A packed source, for the deploy that names it."""

    id: str


class WorkflowCreate(Shape):
    """A new workflow. Where it runs and whose it is means nothing here, and is shown as it was given."""

    name: str
    owner_id: str
    build_config: BuildConfig
    run_command: str
    region: Region = "oregon"
    auto_deploy_trigger: Trigger = "off"
    environment_id: str | None = None
    env_vars: list[EnvVarGiven] = Field(default_factory=list)


class BuildConfigUpdate(Shape):
    """What is to be changed."""

    build_command: str | None = None
    repo: str | None = None
    runtime: Runtime | None = None
    branch: str | None = None
    root_dir: str | None = None


class WorkflowUpdate(Shape):
    """What is to be changed; the next version is made of it."""

    name: str | None = None
    build_config: BuildConfigUpdate | None = None
    run_command: str | None = None
    auto_deploy_trigger: Trigger | None = None


class VersionCreate(Shape):
    """A version to build of a workflow's repo, at a commit or at the end of its branch."""

    workflow_id: str
    commit: str | None = None


class Deployed(Shape):
    """What a deploy made; the version is built next."""

    workflow: Workflow
    workflow_version: WorkflowVersion
