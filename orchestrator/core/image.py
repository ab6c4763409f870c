"""An image of ours, before any engine is asked to build it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

REPOSITORY: Final = "orchestrator-app"
"""Of all images of versions."""

SECRET_PIP: Final = "pip.conf"
SECRET_CA: Final = "ca.crt"
SECRET_NPM: Final = "npmrc"
SECRET_APT_LIST: Final = "apt.list"
SECRET_APT_SOURCES: Final = "apt.sources"
SECRET_APT_CONF: Final = "apt.conf"
SECRETS_DIR: Final = "/run/secrets"
CA_IN_BUILD: Final = f"{SECRETS_DIR}/{SECRET_CA}"
"""What of the host's configuration the engine gives to build steps that mount it: in no layer, and part of no digest."""

STEP_TITLE: Final = "# step: "
"""How a build step's script begins; the rest of the line is what the step is called in messages, with %-escapes.

An engine's progress shows quotes and backslashes of a script in ways of its own.
"""

_PACKAGE: Final = re.compile(r"[a-z0-9][a-z0-9+.-]*[a-z0-9+](=[A-Za-z0-9.+:~-]+)?", re.ASCII)
"""A name as Debian's policy has it (5.6.1), and a version of it; one that ends in a dash would tell apt to remove it."""


def is_package(name: str) -> bool:
    """Whether apt may be asked for this package of the system: ``libpq-dev``, or ``libpq-dev=15.6-0+deb12u1``."""
    return bool(_PACKAGE.fullmatch(name))


@dataclass(frozen=True, slots=True)
class ImageSpec:
    """One image to be built; `digest` is of every input, so equal inputs have equal names.

    `dependency_source` is the file that the dependencies are read from, for messages. One whose text is not ours has a
    `cache_owner`: caches that it names are the owner's, and images of versions are not for it. `build_args` are for a Dockerfile
    that declares them, `secrets` for steps that mount them.
    """

    dockerfile: str
    digest: str
    dependency_source: str | None = None
    cache_owner: str = ""
    build_args: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def tag(self) -> str:
        """The image's name on this host; while it exists, there is nothing to build."""
        return f"{REPOSITORY}:{self.digest}"


@dataclass(frozen=True, slots=True)
class BaseImage:
    """What images of versions are built on; `python` is its Python's version, such as 3.12.

    `is_bootstrapped`: made of a distribution's packages alone, Python's among them, and with no environment but ours.
    """

    tag: str
    python: str
    is_bootstrapped: bool = False


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """What an image says of its containers; `has_triggers`: what is built on it runs steps of its own (ONBUILD)."""

    id: str
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    working_dir: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    has_volumes: bool = False
    has_triggers: bool = False
