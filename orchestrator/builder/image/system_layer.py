"""Packages of the system in an image: a layer that is the same for all who want the same ones of the same base."""

from __future__ import annotations

import shlex
from typing import Final

from orchestrator.builder.image.steps import step
from orchestrator.core.image import (
    CA_IN_BUILD,
    SECRET_APT_CONF,
    SECRET_APT_LIST,
    SECRET_APT_SOURCES,
    SECRET_CA,
    SECRETS_DIR,
)

_MOUNTS: Final = (
    *(
        f"--mount=type=secret,id={name},target={SECRETS_DIR}/{name}"
        for name in (SECRET_APT_LIST, SECRET_APT_SOURCES, SECRET_APT_CONF)
    ),
    f"--mount=type=secret,id={SECRET_CA},target={CA_IN_BUILD}",
    "--mount=type=tmpfs,target=/run/apt",
    "--mount=type=cache,id=orchestrator-apt-lists,sharing=locked,target=/var/lib/apt/lists",
    "--mount=type=cache,id=orchestrator-apt,sharing=locked,target=/var/cache/apt",
)
"""What is in the caches is signed by the distribution, and checked whenever it is used."""

SETTINGS: Final = f"""export DEBIAN_FRONTEND=noninteractive APT_CONFIG=/run/apt/apt.conf
. /etc/os-release
: > $APT_CONFIG
if [ "$(head -n 1 {SECRETS_DIR}/{SECRET_APT_CONF} 2>/dev/null)" = "// $ID" ]; then
  mkdir -p /run/apt/sources
  for kind in list sources; do  # an empty secret is not mounted
    [ ! -f {SECRETS_DIR}/apt.$kind ] || sed "s/@codename@/$VERSION_CODENAME/g" {SECRETS_DIR}/apt.$kind > /run/apt/sources/host.$kind
  done
  cp {SECRETS_DIR}/{SECRET_APT_CONF} $APT_CONFIG
  echo 'Dir::Etc::SourceList "/dev/null"; Dir::Etc::SourceParts "/run/apt/sources";' >> $APT_CONFIG
fi
[ ! -s {CA_IN_BUILD} ] || echo 'Acquire::https::CaInfo "{CA_IN_BUILD}";' >> $APT_CONFIG"""
"""The host's own mirror where the image is of the same distribution, in the image's release of it; else the image's own sources."""

_NO_SERVICES: Final = r"""policy=/usr/sbin/policy-rc.d
[ -e $policy ] || { printf '#!/bin/sh\nexit 101\n' > $policy; chmod +x $policy; }"""
"""A package that would start its service finds that it may not, as in Docker's own images of Debian."""


def layer(packages: tuple[str, ...]) -> list[str]:
    """The lines that install the packages, none for none."""
    if not packages:
        return []
    names = tuple(sorted(set(packages)))
    install = f"apt-get install -qq --yes --no-install-recommends -o Dpkg::Use-Pty=0 -- {shlex.join(names)}"
    script = f"{SETTINGS}\n{_NO_SERVICES}\napt-get update -qq\n{install}"
    return [step(f"installing the system packages {', '.join(names)}", script, *_MOUNTS)]
