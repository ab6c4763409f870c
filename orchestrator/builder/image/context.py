"""The folder a build starts from: the repo, what pip reads of it, and our runtime."""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import IO, Final

from orchestrator import BUNDLED_DIR
from orchestrator.builder.detect.options import NOTHING, Options
from orchestrator.builder.detect.project import Project, detect
from orchestrator.builder.image import own_dockerfile, system_layer
from orchestrator.builder.image.node_layers import NPM
from orchestrator.builder.image.plan import (
    CONTEXT_APP,
    CONTEXT_CODE,
    CONTEXT_DATA,
    CONTEXT_DEPENDENCIES,
    CONTEXT_RUNTIME,
    ImagePlan,
    plan,
)
from orchestrator.builder.image.steps import BUILD, SETTINGS
from orchestrator.builder.source import contents
from orchestrator.builder.source.contents import Contents
from orchestrator.builder.source.tree import scan
from orchestrator.core.image import BaseImage, ImageConfig, ImageSpec
from orchestrator.core.workflow import NO_INPUTS, SOURCE_BYTES, BuildInputs

_NO_ENVIRONMENT: Final[Mapping[str, str]] = {}


def add_repo(
    archive: IO[bytes],
    context_dir: Path,
    asked: Options = NOTHING,
    environment: Mapping[str, str] = _NO_ENVIRONMENT,
    limit_bytes: int = SOURCE_BYTES,
) -> Project:
    """Understand a packed repo, and put it into the empty `context_dir`; packed it may have `limit_bytes`. Raises BadSource.

    For the process that reads repos: it takes as long, and as much memory, as who packed it wants.
    """
    with tempfile.TemporaryFile() as unpacked:
        found = contents.read(archive, unpacked, limit_bytes)
        project = detect(found.tree(), asked, environment)
        _write(found.below(project.root), project, context_dir)
    return project


def _write(found: Contents, project: Project, context_dir: Path) -> None:
    """As files where a Dockerfile of its own wants them, else as tars: to make thousands of files twice takes most of a build."""
    app = context_dir / CONTEXT_APP
    app.mkdir()
    app.chmod(0o755)
    if project.dockerfile:
        found.write(app, found.paths())
        return
    bulk, code = project.bulk.divided(found.paths())
    found.write_tar(context_dir / CONTEXT_CODE, code)
    if bulk:
        found.write_tar(context_dir / CONTEXT_DATA, bulk)
    alone = found.only(_read_alone(project))
    alone.write(app, alone.files)


def _read_alone(project: Project) -> set[str]:
    """The files that a layer is made of before all of them are there."""
    manager = project.node and project.node.manager
    dependencies = project.dependencies
    return {*(manager.files if manager else ()), *(dependencies.manifests if dependencies else ())}


def prepare(
    project: Project, context_dir: Path, base: BaseImage, owner: str = "", inputs: BuildInputs = NO_INPUTS
) -> ImagePlan:
    """Plan the image of the project whose repo is in `context_dir`, and add whatever else its build needs.

    `owner` is the workflow's id: what a build leaves in its caches is found by builds of the same owner alone.
    """
    runtime, dependencies = context_dir / CONTEXT_RUNTIME, context_dir / CONTEXT_DEPENDENCIES
    add_runtime(runtime)
    made = plan(project, scan(runtime), base, owner, inputs)
    add_dependencies(made, context_dir / CONTEXT_APP, dependencies)
    for folder in (runtime, dependencies):
        _open_folders(folder)
    context_dir.chmod(0o755)
    return made


def prepare_fitted(made: ImageConfig, tag: str, context_dir: Path) -> ImageSpec:
    """The image on the one that a repo's own Dockerfile made, and what else its build needs in `context_dir`.

    The repo's files have had their build: they are not in the way of this one.
    """
    shutil.rmtree(context_dir / CONTEXT_APP)
    runtime = context_dir / CONTEXT_RUNTIME
    add_runtime(runtime)
    _open_folders(runtime)
    fit = (BUNDLED_DIR / "images" / own_dockerfile.FIT).read_text()
    (context_dir / own_dockerfile.FIT).write_text(fit)
    return own_dockerfile.ours(made, tag, scan(runtime), fit)


def _open_folders(folder: Path) -> None:
    """Let everybody list the folders: tasks run as nobody, and the orchestrator's umask may forbid that."""
    for parent, _, _ in os.walk(folder):
        Path(parent).chmod(0o755)


def add_dependencies(made: ImagePlan, app: Path, into: Path) -> None:
    """Copy the manifests of the repo in `app`, and write our own files: one of the same name takes a manifest's place."""
    for name in (*made.manifests, *made.dependency_files):
        (into / name).parent.mkdir(parents=True, exist_ok=True)
    for name in made.manifests:
        _copy(str(app / name), str(into / name))
    for name, text in made.dependency_files.items():
        (into / name).write_text(text)


def add_runtime(into: Path) -> None:
    """Copy the shim, the SDKs and the compatibility packages, without anything compiled here."""
    for name, source in runtime_packages().items():
        shutil.copytree(source, into / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"), copy_function=_copy)
    for name, text in {"settings": SETTINGS, "apt-settings": f"{system_layer.SETTINGS}\n"}.items():
        (into / BUILD / name).write_text(text)
        (into / BUILD / name).chmod(0o644)


def _copy(source: str, target: str) -> str:
    """The content alone: a task runs as nobody and must be able to read it."""
    shutil.copyfile(source, target)
    Path(target).chmod(0o644)
    return target


def runtime_packages() -> Mapping[str, Path]:
    """The packages baked into every image, by their place below HOME_DIR."""
    return {
        "runtime/orchestrator_runtime": _package("orchestrator_runtime"),
        "sdk/orchestrator_sdk": _package("orchestrator_sdk"),
        "compat/render_sdk": BUNDLED_DIR / "compat" / "render_sdk",
        NPM: BUNDLED_DIR / NPM,
        BUILD: BUNDLED_DIR / "images" / "on-demand",
    }


def runtime_stamp() -> Hashable:
    """What changes with any file of those packages: in a checkout somebody may be writing them."""
    found = (
        entry.stat()
        for folder in runtime_packages().values()
        for entry in folder.rglob("*")
        if entry.suffix != ".pyc" and entry.is_file()
    )
    return tuple((one.st_ino, one.st_size, one.st_mtime_ns) for one in found)


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError(f"the package {name} is not installed beside the orchestrator: install that again")
    return Path(next(iter(spec.submodule_search_locations)))
