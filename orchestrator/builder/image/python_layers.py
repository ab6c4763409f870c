"""Python's package managers in an image: a stage with those that a repo needs, and the layers in which they install.

    base ── python-tools
         └─ … dependencies ── code ── itself

The stage is the same for all owners: no code of a repo's runs beside them. They are mounted where they are called, and in no image.
"""

from __future__ import annotations

import shlex
from typing import Final

from orchestrator.builder.dependencies.dependencies import FILES_DIR, Dependencies
from orchestrator.builder.image.steps import PYTHON, PYTHON_TOOLS_DIR, Steps

_STAGE: Final = "python-tools"
_SHARED: Final = Steps("shared", is_ours=True)
_UV: Final = "uv==0.13.9"
_PACKAGES: Final = {
    "poetry": ("poetry==2.5.1", "poetry-plugin-pypi-mirror==0.6.5"),
    "pdm": ("pdm==2.29.4", "hishel<2"),
    "pipenv": ("pipenv==2026.10.3",),
}
"""Each tool, and what it is installed with: Poetry knows the host's index only by its plugin, and PDM breaks with later hishels."""


def stage(found: Dependencies | None, base: str) -> list[str]:
    """What comes before the image's own stage."""
    if found is None or not found.tools:
        return []
    own = (_tool(name) for name in found.tools if name in _PACKAGES)
    return [f"FROM {base} AS {_STAGE}", _uv(), *own, ""]


def mounts(found: Dependencies | None) -> tuple[str, ...]:
    """What the commands of the build need beside them."""
    if found is None or not found.tools:
        return ()
    return (f"--mount=type=bind,from={_STAGE},source={PYTHON_TOOLS_DIR},target={PYTHON_TOOLS_DIR}",)


def first(found: Dependencies | None, steps: Steps) -> list[str]:
    """What is installed from the manifests alone: new code leaves it as it is."""
    if found is None or not found.first:
        return []
    return [steps.command(f"cd {FILES_DIR}\n{found.first}", _title(found), _files(found), *mounts(found))]


def then(found: Dependencies | None, steps: Steps) -> list[str]:
    """What is installed once the repo is there, itself included."""
    if found is None or not found.then:
        return []
    title = "installing the repo's own package" if found.first else _title(found)
    return [steps.command(found.then, title, _files(found), *mounts(found))]


def _title(found: Dependencies) -> str:
    return f"installing the dependencies of {found.source}"


def _files(found: Dependencies) -> str:
    return f"--mount=type=bind,source=dependencies,target={FILES_DIR},rw"


def _uv() -> str:
    place = "/run/uv"
    script = f"""{PYTHON} -m pip install --quiet --no-input --no-compile --target {place} {shlex.quote(_UV)}
mkdir -p {PYTHON_TOOLS_DIR}/bin
mv {place}/bin/uv {PYTHON_TOOLS_DIR}/bin/
rm -r {place}"""
    return _SHARED.command(script, "installing uv")


def _tool(name: str) -> str:
    package, *beside = _PACKAGES[name]
    more = "".join(f" --with {shlex.quote(one)}" for one in beside)
    places = f"UV_TOOL_DIR={PYTHON_TOOLS_DIR} UV_TOOL_BIN_DIR={PYTHON_TOOLS_DIR}/bin"
    return _SHARED.command(f"{places} uv tool install --quiet {shlex.quote(package)}{more}", f"installing {name}")
