"""What the orchestrator asks of the process, one order on its stdin, and what that answers: a message a line."""

from __future__ import annotations

import json
import pickle
import resource
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from orchestrator.builder.detect.options import NOTHING, Options
from orchestrator.builder.detect.project import Project
from orchestrator.builder.source.contents import FILES_LIMIT, HEADERS_BYTES
from orchestrator.core.plans import GIB, MIB
from orchestrator.core.workflow import SOURCE_BYTES, UNPACKED_FACTOR, Source

ANSWER_BYTES: Final = 8 * MIB
"""Of all messages of one process: the longest part of them are the texts of requirement files."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one repo may take: `memory_bytes` and `cpu_s` each process, `wall_s` all of it, `source_bytes` its archive."""

    memory_bytes: int = GIB
    cpu_s: int = 120
    wall_s: float = 600.0
    source_bytes: int = SOURCE_BYTES
    open_files: int = 256

    def apply(self) -> None:
        """Limit this process, and all it starts."""
        resource.setrlimit(resource.RLIMIT_AS, (self.memory_bytes, self.memory_bytes))
        resource.setrlimit(resource.RLIMIT_CPU, (self.cpu_s, self.cpu_s + 5))
        file_bytes = self.source_bytes * UNPACKED_FACTOR + FILES_LIMIT * HEADERS_BYTES
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
        resource.setrlimit(resource.RLIMIT_NOFILE, (self.open_files, self.open_files))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@dataclass(frozen=True, slots=True)
class Order:
    """A repo to be read: what is packed in `archive`, or fetched from `source` and then written there.

    Its files go below the empty folder `context_dir`; `asked` is what whoever deploys says of it, and of `environment` only what
    chooses a Python or Node is looked at.
    """

    archive: Path
    context_dir: Path
    source: Source | None = None
    commit: str | None = None
    asked: Options = NOTHING
    environment: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)

    def to_bytes(self) -> bytes:
        """For the process."""
        return pickle.dumps(self)

    @classmethod
    def from_bytes(cls, data: bytes) -> Order:
        """In the process, which trusts its parent."""
        order = pickle.loads(data)
        assert isinstance(order, cls), "the parent sends an order"
        return order


@dataclass(frozen=True, slots=True)
class Prepared:
    """The repo understood; `commit` is what was fetched."""

    project: Project
    commit: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One of these: a line for the person who deploys, why the repo cannot be deployed, a bug of ours, or the end."""

    log: str | None = None
    refused: str | None = None
    failed: str | None = None
    prepared: Prepared | None = None

    def to_json(self) -> bytes:
        """For the orchestrator, which checks every value. Raises UnicodeEncodeError."""
        return json.dumps(asdict(self), ensure_ascii=False).encode()
