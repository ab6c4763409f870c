"""The commands of a build as lines of its Dockerfile, with caches that only builds of the same owner find."""

from __future__ import annotations

import json
import shlex
from typing import Final
from urllib.parse import quote

from orchestrator.core.image import (
    CA_IN_BUILD,
    SECRET_APT_CONF,
    SECRET_APT_LIST,
    SECRET_APT_SOURCES,
    SECRET_CA,
    SECRET_NPM,
    SECRET_PIP,
    SECRETS_DIR,
    STEP_TITLE,
)
from orchestrator.core.workflow import NO_INPUTS, BuildInputs
from orchestrator_runtime.wire import VENV_DIR

PYTHON: Final = f"{VENV_DIR}/bin/python -I"
_CACHE: Final = "/var/cache/npm"
HEADERS_DIR: Final = "/opt/node-headers"
"""Node's, for modules in C, while a step runs; node-gyp would fetch them from a server that many hosts do not reach."""
PYTHON_TOOLS_DIR: Final = "/opt/python-tools"
"""Where Python's package managers are while a step runs."""
BUILD: Final = "build"
"""The folder of our runtime that every step finds in /run/build: images/on-demand, and the settings of all tools."""
_BUILD_MOUNT: Final = f"--mount=type=bind,source=orchestrator/{BUILD},target=/run/build"
_READ_SETTINGS: Final = ". /run/build/settings"
_ON_DEMAND: Final = ". /run/build/begin"
"""Compilers and Git come when they are called, and go when the step ends."""
_PIP_CACHE: Final = "/var/cache/pip"
_PIP_CONF: Final = f"{SECRETS_DIR}/{SECRET_PIP}"
_PIP_SETTINGS: Final = (
    f"PIP_CONFIG_FILE={_PIP_CONF} PIP_CACHE_DIR={_PIP_CACHE} "
    f"UV_CACHE_DIR={_PIP_CACHE}/uv UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PREVIEW_FEATURES=pylock "
    f"POETRY_CACHE_DIR={_PIP_CACHE}/poetry POETRY_NO_INTERACTION=1 "
    f"PDM_CACHE_DIR={_PIP_CACHE}/pdm PDM_CHECK_UPDATE=0 PDM_NON_INTERACTIVE=1 "
    f"PIPENV_CACHE_DIR={_PIP_CACHE}/pipenv PIPENV_VERBOSITY=-1 PIPENV_NOSPIN=1"
)
"""pip's, and where uv, Poetry, PDM and Pipenv keep what they fetched."""
_INDEX: Final = f"""index() {{ sed -n "s/^$1 = //p" {_PIP_CONF}; }}
set -- "$(index index-url)" "$(index extra-index-url)" "$(index find-links | tr ' ' ,)" "$(index trusted-host)"
[ -z "$1" ] || export UV_DEFAULT_INDEX="$1" PDM_PYPI_URL="$1" PIPENV_PYPI_MIRROR="$1" POETRY_PYPI_MIRROR_URL="$1"
[ -z "$2" ] || export UV_INDEX="$2"
[ -z "$3" ] || export UV_FIND_LINKS="$3"
[ -z "$4" ] || export UV_INSECURE_HOST="$4" PDM_PYPI_VERIFY_SSL=0
set --"""
"""Each tool asks for the host's own index by another name."""
_TRUST: Final = f"[ ! -s {CA_IN_BUILD} ] || export " + " ".join(
    f"{name}={CA_IN_BUILD}" for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "GIT_SSL_CAINFO", "NODE_EXTRA_CA_CERTS")
)
"""The host's own certificates, where it has some: each tool asks for them by another name."""
_NPM_SETTINGS: Final = (
    f"NPM_CONFIG_USERCONFIG={SECRETS_DIR}/{SECRET_NPM} NPM_CONFIG_CACHE={_CACHE} "
    "NPM_CONFIG_UPDATE_NOTIFIER=false NPM_CONFIG_FUND=false NPM_CONFIG_AUDIT=false "
    f"npm_config_store_dir={_CACHE}/pnpm pnpm_config_store_dir={_CACHE}/pnpm "
    f"YARN_CACHE_FOLDER={_CACHE}/yarn YARN_GLOBAL_FOLDER={_CACHE}/berry YARN_ENABLE_GLOBAL_CACHE=true "
    f"YARN_ENABLE_TELEMETRY=false BUN_INSTALL_CACHE_DIR={_CACHE}/bun"
)
"""npm's, and where pnpm, both kinds of yarn and bun keep what they fetched."""
_HEADERS: Final = f"[ ! -d {HEADERS_DIR}/include ] || export npm_config_nodedir={HEADERS_DIR}"
_ONE_ENVIRONMENT: Final = (
    f"UV_PROJECT_ENVIRONMENT={VENV_DIR} UV_PYTHON={VENV_DIR}/bin/python UV_PYTHON_DOWNLOADS=never "
    "POETRY_VIRTUALENVS_CREATE=false"
)
"""Tools that would make an environment of their own use the image's."""
SETTINGS: Final = "\n".join(
    [
        f"export PATH={PYTHON_TOOLS_DIR}/bin:$PATH",
        *(f"export {settings}" for settings in (_PIP_SETTINGS, _NPM_SETTINGS, _ONE_ENVIRONMENT)),
        _HEADERS,
        _TRUST,
        _INDEX,
        "",
    ]
)
"""What a step's shell reads first."""


class Steps:
    """Makes them; only mounts are used, so that neither index addresses, certificates nor caches are in a layer."""

    def __init__(self, owner: str, *mounts: str, inputs: BuildInputs = NO_INPUTS, is_ours: bool = False) -> None:
        """`mounts` are there in each command of the repo's, and `inputs` are variables of each; `is_ours`: no code of it runs."""
        self._inputs = _exports(inputs)
        mounts = (*mounts, *(f"--mount=type=secret,id={name},target={SECRETS_DIR}/{name}" for name in inputs.secrets))
        suffix = f"-{owner}" if owner else ""
        self._pip = (
            f"--mount=type=cache,id=orchestrator-pip{suffix},target={_PIP_CACHE}",
            f"--mount=type=secret,id={SECRET_PIP},target={SECRETS_DIR}/{SECRET_PIP}",
            f"--mount=type=secret,id={SECRET_CA},target={CA_IN_BUILD}",
        )
        self._npm = (
            f"--mount=type=cache,id=orchestrator-npm{suffix},target={_CACHE}",
            f"--mount=type=secret,id={SECRET_NPM},target={SECRETS_DIR}/{SECRET_NPM}",
        )
        self._mounts = mounts
        self._begin = [] if is_ours else [_ON_DEMAND]
        self._system = () if is_ours else _system_mounts(suffix)

    def command(self, command: str, title: str = "", *mounts: str) -> str:
        """A command of the repo's own, or one that is called `title`."""
        script = "\n".join([*self._inputs, _READ_SETTINGS, *self._begin, command])
        ours = (_BUILD_MOUNT, *self._pip, *self._npm, *self._system)
        return step(title or f"`{command}`", script, *mounts, *self._mounts, *ours)


def _exports(inputs: BuildInputs) -> list[str]:
    """Secrets are read when a step runs: their text is in none."""
    given = [f"export {name}={shlex.quote(value)}" for name, value in sorted(inputs.env.items())]
    files = [(name, f"{SECRETS_DIR}/{name}") for name in sorted(inputs.secrets)]
    return [*given, *(f"[ ! -f {file} ] || {{ {name}=$(cat {file}); export {name}; }}" for name, file in files)]


def _system_mounts(suffix: str) -> tuple[str, ...]:
    """What programs on demand are installed with."""
    return (
        *(
            f"--mount=type=secret,id={name},target={SECRETS_DIR}/{name}"
            for name in (SECRET_APT_LIST, SECRET_APT_SOURCES, SECRET_APT_CONF)
        ),
        "--mount=type=tmpfs,target=/run/apt",
        f"--mount=type=cache,id=orchestrator-apt-lists{suffix},target=/var/lib/apt/lists",
        f"--mount=type=cache,id=orchestrator-apt{suffix},target=/var/cache/apt",
    )


def step(title: str, script: str, *mounts: str) -> str:
    """A script for the shell; its text is data here, whatever characters it has."""
    script = f"{STEP_TITLE}{quote(title, safe=' ;:=,./@')}\n{script}"
    return "RUN " + " \\\n    ".join([*mounts, json.dumps(["/bin/sh", "-ec", script])])
