"""The image of a repo, before anything is built: Dockerfile text, files for pip, and a digest of every input.

    base ── dependencies ── data ── code ── runtime

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

from orchestrator.builder.detect.project import Project
from orchestrator.builder.image import node_layers, python_layers, system_layer
from orchestrator.builder.image.steps import PYTHON, Steps, step
from orchestrator.builder.source.tree import FileTree
from orchestrator.core.container.user import NOBODY
from orchestrator.core.image import BaseImage, ImageSpec
from orchestrator.core.workflow import NO_INPUTS, BuildInputs
from orchestrator_runtime.wire import APP_DIR, HOME_DIR, VENV_DIR

CONTEXT_APP: Final = "app"
CONTEXT_DEPENDENCIES: Final = "dependencies"
CONTEXT_RUNTIME: Final = "orchestrator"
"""The build context's three folders: files of the repo, what pip reads of it, and what goes to HOME_DIR."""
CONTEXT_CODE: Final = "code.tar"
CONTEXT_DATA: Final = "data.tar"
"""And the whole repo: its many files without a program, where it has so many, and all else."""
CONTEXT_PACKAGES: Final = f"{CONTEXT_RUNTIME}/{node_layers.NPM}/packages"
PACKAGES_DIR: Final = "/node_modules"
"""Where Node looks last, whatever imports: so a package that the repo installs itself comes first."""

_COMPILE: Final = f"{PYTHON} -m compileall -qq --invalidation-mode unchecked-hash"


@dataclass(frozen=True, slots=True)
class ImagePlan:
    """How to build one image, what starts in its containers, and of what its dependencies are installed: files of ours, and the
    repo's own manifests."""

    image: ImageSpec
    entry_point: str
    dependency_files: Mapping[str, str]
    manifests: tuple[str, ...] = ()


def plan(
    project: Project, runtime: FileTree, base: BaseImage, owner: str = "", inputs: BuildInputs = NO_INPUTS
) -> ImagePlan:
    """The image for a project, with our `runtime`, on the image `base`, its caches shared with images of `owner` alone."""
    text = dockerfile(project, base, owner, inputs)
    dependencies = project.dependencies
    files = dependencies.files if dependencies else {}
    parts = json.dumps([text, project.digest, runtime.digest(), sorted(files.items())])
    digest = hashlib.sha256(parts.encode()).hexdigest()[:24]
    image = ImageSpec(text, digest, dependencies.source if dependencies else None, secrets=inputs.secrets)
    return ImagePlan(image, project.entry_point, files, dependencies.manifests if dependencies else ())


def dockerfile(project: Project, base: BaseImage, owner: str = "", inputs: BuildInputs = NO_INPUTS) -> str:
    """The Dockerfile's text; python is called with ``-I`` so that no file of the repo stands in for a module of its own.

    No text of the repo is a line or a word of it: commands are JSON, and what they name is quoted for the shell.
    """
    node = project.node
    is_small = base.is_bootstrapped and not project.wants_python
    steps = Steps(owner, *node_layers.mounts(node), inputs=inputs)
    found = project.dependencies
    lines = [
        f"FROM {base.tag} AS runtime",
        f"COPY {CONTEXT_RUNTIME}/ {HOME_DIR}/",
        f"RUN {_COMPILE} {HOME_DIR}",
        "",
        *python_layers.stage(found, base.tag),
        *(node_layers.stages(node, base.tag, CONTEXT_RUNTIME, is_small=is_small) if node else []),
        f"FROM {'node' if node else base.tag}",
        f"WORKDIR {APP_DIR}",
        *system_layer.layer(project.apt),
        *(node_layers.top(node) if node else []),
        *_dependency_and_code_layers(project, steps),
        *_import_paths(project.import_folders),
        *([steps.command(node.build)] if node and node.build else []),
        *([steps.command(project.build_command, "", *python_layers.mounts(found))] if project.build_command else []),
        *([node_layers.strip_types(CONTEXT_RUNTIME)] if node and node.runs_typescript else []),
        # Broken code is not a broken image: registering shows the user's own traceback.
        *([f"RUN {_COMPILE} {APP_DIR} || true"] if project.wants_python else []),
        *(node_layers.says_generation(node) if node else []),
        f"COPY --from=runtime {HOME_DIR} {HOME_DIR}",
        f"USER {NOBODY}",
    ]
    return "\n".join(lines) + "\n"


def _dependency_and_code_layers(project: Project, steps: Steps) -> list[str]:
    """What is installed, and the code: before it, unless its files take part in that."""
    before = python_layers.first(project.dependencies, steps)
    after = python_layers.then(project.dependencies, steps)
    if node := project.node:
        needs_files = node.manager is not None and node.manager.needs_files
        layers = node_layers.packages(node, steps, CONTEXT_APP, CONTEXT_RUNTIME)
        (after if needs_files else before).extend(layers)
        after.insert(0, f"COPY {CONTEXT_PACKAGES}/ {PACKAGES_DIR}/")
    tars = (*((CONTEXT_DATA,) if project.bulk else ()), CONTEXT_CODE)
    return [*before, *(f"ADD {tar} {APP_DIR}/" for tar in tars), *after]


def _import_paths(folders: tuple[str, ...]) -> list[str]:
    """A project in ``src/`` is importable as if it had been installed."""
    # The file has one a line: a folder whose name has two cannot be in it.
    lines = [f"{APP_DIR}/{folder}" for folder in folders if "\n" not in folder]
    if not lines:
        return []
    paths = shlex.join(lines)
    script = f"cd {VENV_DIR}/lib/python3.*/site-packages\nprintf '%s\\n' {paths} > orchestrator-app.pth"
    return [step("adding folders to Python's path", script)]
