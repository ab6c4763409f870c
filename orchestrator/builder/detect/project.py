"""What a repo is: what it wants installed, what else its image needs, and what registers its tasks."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from orchestrator.builder.dependencies import dependencies
from orchestrator.builder.dependencies.dependencies import Dependencies
from orchestrator.builder.detect import blueprint, build_command, entry_point, own_table, python_version
from orchestrator.builder.detect.blueprint import Blueprint
from orchestrator.builder.detect.python_version import PythonWish
from orchestrator.builder.errors import BadSource
from orchestrator.builder.node import project as node
from orchestrator.builder.node import workspace
from orchestrator.builder.node.project import NodeProject
from orchestrator.builder.official_sdk import generation
from orchestrator.builder.source.tree import FileTree
from orchestrator.core.network import EVERYWHERE, Reach
from orchestrator.core.tasks import DEFAULT_WARM, Warm

_LAYOUTS: Final = ("pyproject.toml", "setup.py", "setup.cfg")
_NO_VARIABLES: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Project:
    """A repo understood; `notes` are for the person who deploys.

    `entry_point` is a start command, quoted like one. `import_folders` join the app's root on the path.
    `digest` is of all that goes into the image: the repo, or its folder `root`. `build_command` runs once its files are there.
    Of a Node workspace all of it goes into the image, also where one of its members is deployed.
    """

    entry_point: str
    dependencies: Dependencies | None
    digest: str
    python: PythonWish
    root: str = ""
    import_folders: tuple[str, ...] = ()
    node: NodeProject | None = None
    build_command: str | None = None
    notes: tuple[str, ...] = ()
    warm: Warm = DEFAULT_WARM
    network: Reach = EVERYWHERE


def detect(
    repo: FileTree,
    start_command: str | None = None,
    build: str | None = None,
    environment: Mapping[str, str] = _NO_VARIABLES,
    root_dir: str = "",
) -> Project:
    """The project in a tree. Raises BadSource, saying what to add or change.

    What is given outranks the repo's render.yaml, and that what can be found in the code. `root_dir` is the part that was asked
    for: the tree is that part already, unless it is a member of a workspace.
    """
    plan = blueprint.read(repo, start_command)
    folder = plan.root_dir or posixpath.normpath(root_dir.strip("/") or ".")
    is_member = workspace.has_member(repo, folder)
    tree = repo.below(folder) if is_member else _root(repo, plan)
    _refuse_dockerfile(tree)
    command = (start_command or "").strip() or plan.start_command
    building = (build or "").strip() or plan.build_command
    entry = entry_point.find(tree, command)
    wanted = dependencies.read(tree, build_command.requirements_file(building))
    found, notes = dependencies.fitted(wanted, generation.find(tree))
    program = node.find(repo if is_member else tree, entry, environment, folder if is_member else "")
    is_whole = is_member and program is not None
    return Project(
        entry_point=_started(tree, entry, program),
        dependencies=found,
        digest=(repo if is_whole else tree).digest(),
        python=python_version.wanted(tree, environment),
        root="" if is_whole else folder if is_member else plan.root_dir,
        import_folders=_import_folders(tree, entry),
        node=program,
        build_command=build_command.left_to_run(building),
        notes=(*_from_blueprint(plan, entry), *notes, *(program.notes if program else ())),
        warm=own_table.warm(tree),
        network=own_table.network(tree),
    )


def _started(tree: FileTree, entry: str, program: NodeProject | None) -> str:
    if program is None:
        return shlex.quote(entry) if entry in tree else entry
    if not program.folder:
        return program.command
    # The top's programs are on the path: those of the part come before them.
    path = "" if program.command.startswith("node ") else "PATH=$PWD/node_modules/.bin:$PATH "
    return f"cd {shlex.quote(program.folder)} && {path}{program.command}"


def _refuse_dockerfile(tree: FileTree) -> None:
    if "Dockerfile" in tree:
        raise BadSource(
            "the repo has a Dockerfile, and images are made from requirements.txt, pyproject.toml or package.json here: "
            "name it in .dockerignore, and list the dependencies there"
        )


def _root(repo: FileTree, plan: Blueprint) -> FileTree:
    if not plan.root_dir:
        return repo
    if not repo.has_folder(plan.root_dir):
        raise BadSource(f"render.yaml has rootDir {plan.root_dir}, and there is no such folder in the repo: correct it")
    return repo.below(plan.root_dir)


def _from_blueprint(plan: Blueprint, entry: str) -> tuple[str, ...]:
    where = f"{plan.root_dir}/" if plan.root_dir else ""
    return (f"render.yaml starts {where}{entry}",) if plan.start_command else ()


def _import_folders(tree: FileTree, entry: str) -> tuple[str, ...]:
    """``src`` of a packaged project, and the folder of the file that is started, as with ``python folder/main.py``."""
    is_packaged = tree.has_folder("src") and any(name in tree for name in _LAYOUTS)
    started = posixpath.dirname(entry) if entry in tree and entry.endswith(".py") else ""
    return tuple(dict.fromkeys(folder for folder in ("src" if is_packaged else "", started) if folder))
