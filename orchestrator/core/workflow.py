"""Workflows and their versions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal

from orchestrator.core.container.network import Reach
from orchestrator.core.plans import MIB
from orchestrator.core.tasks import TaskSpec

Runtime = Literal["python", "node", "go", "ruby", "elixir", "docker"]
Region = Literal["oregon", "ohio", "virginia", "frankfurt", "singapore"]
Trigger = Literal["off", "commit", "checksPass"]


class VersionStatus(StrEnum):
    """The life of a version; only a ready one takes runs. The words are the public API's."""

    CREATED = "created"
    BUILDING = "building"
    REGISTERING = "registering"
    BUILD_FAILED = "build_failed"
    REGISTRATION_FAILED = "registration_failed"
    READY = "ready"


SOURCE_BYTES: Final = 64 * MIB
"""How large a packed source may be when nobody says otherwise."""
UNPACKED_FACTOR: Final = 8
"""Times as large it may be when it is unpacked."""
TERMINAL: Final = frozenset({VersionStatus.READY, VersionStatus.BUILD_FAILED, VersionStatus.REGISTRATION_FAILED})
"""No version leaves one of these."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a workflow's code comes from, and what prepares it; `location` is a Git URL when `is_git`, else only told to people.

    `apt` are packages of the system, `dockerfile` is the path of one in the repo: both only where a deploy asked for them,
    as for `submodules`. `push` is the repository of a registry to which its versions go. `network` is where runs may go, None where
    no deploy said so.
    """

    location: str
    branch: str | None = None
    root_dir: str | None = None
    is_git: bool = False
    build_command: str = ""
    runtime: Runtime = "python"
    apt: tuple[str, ...] = ()
    dockerfile: str = ""
    submodules: bool = False
    push: str = ""
    network: Reach | None = None


@dataclass(frozen=True, slots=True)
class BuildInputs:
    """Variables that the steps of a build see, and no run: `secrets` are in no layer of the image, and change no layer's name."""

    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


NO_INPUTS: Final = BuildInputs()


@dataclass(frozen=True, slots=True)
class Labels:
    """What the hosted service's clients set and expect to see again; it has no meaning on one's own machine."""

    owner_id: str = "tea-local"
    region: Region = "oregon"
    environment_id: str | None = None
    auto_deploy_trigger: Trigger = "off"


@dataclass(frozen=True, slots=True)
class Workflow:
    """A user's repo, deployed under `slug`; `version_id` is the current version, None before the first is ready.

    `env` are the variables the tasks of its next version see, `env_set_at_ms` when each got its value, and `env_revision` how
    often they were changed. `inputs` are those of its next build.
    """

    id: str
    name: str
    slug: str
    source: Source
    start_command: str
    created_at_ms: int
    updated_at_ms: int
    version_id: str | None
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    labels: Labels = Labels()
    env_set_at_ms: Mapping[str, int] = field(default_factory=dict)
    env_revision: int = 0
    inputs: BuildInputs = NO_INPUTS


@dataclass(frozen=True, slots=True)
class Version:
    """One immutable image of a workflow with its tasks.

    `number` counts from 1; `image` is an image id, empty until built; `env` are the variables its tasks see: its workflow's at
    `env_revision`, and what its repo says for those that this has not; `error` says why it failed. `start_command` is what was
    asked for, empty for "find it"; `entry_point` what was found, empty until then. `source` is what it is made of, at `commit` or
    where the branch is, None in older releases; `archive_digest` names it packed, where that was kept, and `inputs` are kept to
    build it again. `pushed` is where its image is in a registry, with its digest, if it is in one.
    """

    id: str
    workflow_id: str
    number: int
    status: VersionStatus
    image: str
    entry_point: str
    env: Mapping[str, str] = field(repr=False)
    tasks: tuple[TaskSpec, ...]
    created_at_ms: int
    error: str | None = None
    source: Source | None = None
    commit: str | None = None
    start_command: str = ""
    env_revision: int = 0
    archive_digest: str = ""
    inputs: BuildInputs = NO_INPUTS
    pushed: str = ""

    def task_of(self, task_id: str) -> TaskSpec | None:
        """The task with that id, or None."""
        return next((task for task in self.tasks if task.id == task_id), None)

    def task(self, name: str) -> TaskSpec | None:
        """The task of that name, or None."""
        return next((task for task in self.tasks if task.name == name), None)


def slugify(name: str) -> str:
    """The name as it appears in ``slug/task``: lower case letters, digits and dashes; empty when nothing is left."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:63].rstrip("-")
