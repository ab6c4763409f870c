"""The engine's contract.

All calls are coroutines, may be made concurrently for different containers, and end within `CALL_TIMEOUT_S` or raise
EngineError.
``tests/contract`` holds every implementation to the words here.

    EngineError                  ours: worth trying again
    ├── EngineUnavailable        the engine does not answer
    └── ImageMissing             the container's image is not on this host
    BuildFailed                  the repo's, or the host's: building again gives the same
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from orchestrator.core.container.forensics import Measured
from orchestrator.core.container.network import Reach, Service
from orchestrator.core.container.spec import ContainerSpec, ContainerState, Usage
from orchestrator.core.image import BaseImage, ImageConfig, ImageSpec
from orchestrator.core.logs import LogLine, Unfinished

CALL_TIMEOUT_S: Final = 30.0
BUILD_TIMEOUT_S: Final = 1_800.0
UNFINISHED_BYTES: Final = 16 * 1024
UNFINISHED_INTERVAL_S: Final = 0.1
"""Between two states of lines that are not ended: more are not seen by anybody."""
FLOOD_BYTES: Final = 256 * 1024
"""With Docker's headers. Measured: the decoder takes as many in 22 ms of CPU in pieces of 4 bytes, in 28 ms in single bytes."""
THERE_ALREADY: Final = "nothing changed: the image is there already"

Log = Callable[[str], Awaitable[None]]
"""Takes one line for the person who deploys."""


class EngineError(Exception):
    """The engine could not do what was asked."""


class EngineUnavailable(EngineError):  # noqa: N818
    """The engine does not answer: is it running, and may this user talk to it? `orchestrator doctor` says more."""


class ImageMissing(EngineError):  # noqa: N818
    """The image is not on this host: deploy the workflow again."""


class BuildFailed(Exception):  # noqa: N818
    """The image could not be built; the message ends with the lines that say why."""


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What the engine runs on; `name` and `version` are for people.

    `pids` is how many processes and threads its kernel allows, `disk` where on this host containers write; None where the engine
    is on another host. `has_all_uids`: its containers' users are the host's, of which there are enough for each to have its own.
    """

    name: str
    version: str
    cpu_millis: int
    memory_bytes: int
    cgroup_version: str
    pids: int | None = None
    disk: Path | None = None
    has_all_uids: bool = True


class Engine(Protocol):
    """Starts, watches and ends the containers of one instance; it never sees those of another."""

    @property
    def network(self) -> str:
        """The name of the network that containers join unless the settings name another."""

    async def prepare(self) -> None:
        """Make what containers need around them, such as their network. Safe to repeat."""

    async def dismantle(self) -> None:
        """Take away what `prepare` made, unless a container is left that uses it. Safe to repeat."""

    async def confine(self, memory_bytes: int) -> str:
        """Let all containers of this instance together use no more memory than this; why that cannot be, or nothing.

        For those created from now on; whoever needs the last byte is killed, whatever its own cap. Safe to repeat.
        """

    async def fence(self, opened: Reach, channel: Service | None = None) -> str:
        """Let containers on the instance's own network reach the internet and these places at most; why that cannot be, or nothing.

        Neither this host, nor other containers, nor private ranges, unless they are opened; fewer where a container's spec says so,
        which is then kept to or not started; all of them reach the `channel`, where they have one in the network. Safe to repeat.
        """

    def shortages(self) -> int:
        """How often they met that limit since `confine`, and one of them was killed. Takes < 1 ms."""

    async def info(self) -> EngineInfo:
        """What the engine is. Raises EngineUnavailable."""

    async def ping(self) -> None:
        """Nothing, when it answers: the cheapest of all calls. Raises EngineUnavailable."""

    async def create(self, spec: ContainerSpec) -> str:
        """Create the container and return its id; safe to repeat: one of the same name that is ours is adopted.

        Raises ImageMissing.
        """

    async def start(self, container_id: str) -> None:
        """Start a created container; does nothing when it was started before, running or ended.

        Raises EngineError when it cannot start.
        """

    async def signal(self, container_id: str, name: str) -> None:
        """Send a signal ("SIGTERM") to its first process; does nothing when it is not running or gone."""

    async def inspect(self, container_id: str) -> ContainerState | None:
        """Its state, or None when there is no such container."""

    async def wait(self, container_id: str) -> ContainerState | None:
        """Its state once it is no longer running, or None when it is gone; no time limit. Only after `start`.

        A hint's quality, not the truth's: it may be late by one sweep when the engine was restarted.
        """

    async def remove(self, container_id: str) -> None:
        """Kill it if it runs and remove it; it is gone on return. Safe to repeat and when there is none."""

    async def list(self) -> list[ContainerState]:
        """All containers of this instance, in any state."""

    async def usage(self, container_id: str) -> Usage:
        """What its processes use now; nothing when it is not running."""

    def measure(self, container_id: str) -> Measured:
        """What the kernel has counted for it so far; nothing when it does not run or its host is another. Takes < 1 ms."""

    def logs(self, container_id: str, *, since_ns: int = 0, follow: bool) -> AsyncGenerator[Sequence[LogLine], None]:
        """What it printed after `since_ns`, in order, in batches of at least one line; with `follow`, until it ends.

        A batch is all that was printed since the one before was taken, so whoever takes slowly gets large ones; the engine
        bounds what waits, and slows the container down above that. Always complete for a container that ended, up to what
        the engine keeps (the newest few MiB).
        """

    def unfinished(self, channel_id: str) -> AsyncGenerator[Unfinished, None]:
        """The lines that the container of this channel has begun and not ended, as they are now, again when they change.

        From now on: what was begun before is not known. Some ten times a second at most; of a line longer than
        UNFINISHED_BYTES its end. Never slows the container down: it ends when more than FLOOD_BYTES come within a second, which
        nobody could read, as it ends with the container, and at once where none runs. Raises EngineError.
        """

    async def base_image(self, log: Log, pythons: Sequence[str] = ()) -> BaseImage:
        """The image to build on, made now where there is none: with the first of `pythons` that can be had, else any.

        Raises BuildFailed.
        """

    async def build(self, image: ImageSpec, context_dir: Path, log: Log, *, timeout_s: float = BUILD_TIMEOUT_S) -> str:
        """The id (``sha256:…``) of the image, built from `context_dir` unless there is one of its digest.

        Cancelling ends the build. Raises BuildFailed.
        """

    async def image_config(self, image: str) -> ImageConfig:
        """What the image says of its containers. Raises ImageMissing."""

    async def forget_image(self, tag: str) -> None:
        """Take the name away; what is built on the image stays. Safe to repeat."""

    async def push_image(self, image: str, name: str, log: Log) -> str:
        """Push it to a registry as `name`, ``host/repository:tag``; its name by digest, for `pull_image`. Raises BuildFailed."""

    async def pull_image(self, reference: str, log: Log) -> str:
        """The id of an image that was pushed, now on this host. Raises BuildFailed."""

    async def keep_image(self, image: str) -> None:
        """Let the image stay on this host until it is released, whatever other instances do. Safe to repeat.

        Raises ImageMissing.
        """

    async def kept_images(self) -> frozenset[str]:
        """The ids of the images this instance keeps."""

    async def release_image(self, image: str) -> None:
        """Keep it no longer; it is removed when nobody else keeps or names it. Safe to repeat and when there is none.

        While a container uses it, it may stay kept: try again later.
        """

    async def close(self) -> None:
        """Let go of connections and threads; containers stay as they are."""
