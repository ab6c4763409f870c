"""What a repo is: what it wants installed, what else its image needs, and what registers its tasks."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from orchestrator.builder.dependencies import dependencies, own_package
from orchestrator.builder.dependencies.dependencies import Dependencies
from orchestrator.builder.detect import (
    blueprint,
    build_command,
    dockerfile,
    entry_point,
    own_table,
    python_version,
    sdk,
    unread,
)
from orchestrator.builder.detect.blueprint import Blueprint
from orchestrator.builder.detect.dockerfile import Dockerfile
from orchestrator.builder.detect.options import NOTHING, Options
from orchestrator.builder.detect.own_table import OwnTable
from orchestrator.builder.detect.python_version import PythonWish
from orchestrator.builder.detect.variables import NO_VARIABLES, Variables
from orchestrator.builder.errors import BadSource, NothingToStart
from orchestrator.builder.node import project as node
from orchestrator.builder.node.project import NodeProject
from orchestrator.builder.official_sdk import generation
from orchestrator.builder.source import bulk, parts, workspace
from orchestrator.builder.source.bulk import NO_BULK, Bulk
from orchestrator.builder.source.tree import FileTree
from orchestrator.builder.words import words_for
from orchestrator.core.container.network import EVERYWHERE, Reach
from orchestrator.core.tasks import DEFAULT_WARM, Warm

_LAYOUTS: Final = ("pyproject.toml", "setup.py", "setup.cfg")
_NAMES_PYTHON: Final = re.compile(r"\b(python|(pip|uv)3?\b)", re.ASCII)
_NO_ENVIRONMENT: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Project:
    """A repo understood; `notes` are for the person who deploys.

    `entry_point` is a start command, quoted like one. `import_folders` join the app's root on the path.
    `digest` is of all that goes into the image: the repo, or its folder `root`. `build_command` runs once its files are there.
    Of a Node workspace all of it goes into the image, also where one of its members is deployed. Where there is a `dockerfile`,
    that makes the image, and an empty `entry_point` means what it starts. `bulk` has a layer of its own. `wants_python`: not for
    the shim alone. `names_sdk`: a file of the repo does, or might. `doubt` says why what would be started has no tasks.
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
    apt: tuple[str, ...] = ()
    variables: Variables = NO_VARIABLES
    dockerfile: Dockerfile | None = None
    own_modules: tuple[str, ...] = ()
    bulk: Bulk = NO_BULK
    wants_python: bool = True
    names_sdk: bool = True
    doubt: str = ""


def detect(repo: FileTree, asked: Options = NOTHING, environment: Mapping[str, str] = _NO_ENVIRONMENT) -> Project:
    """The project in a tree. Raises BadSource, saying what to add or change.

    What is asked for outranks the repo's own table, that its render.yaml, and that what can be found in the code. The tree is the
    part that `asked` names as `root_dir` already, unless it is a member of a workspace.
    """
    part = _deployed(repo, asked)
    if path := part.said.dockerfile:
        return _with_dockerfile(repo, part, path, environment)
    try:
        found = _of_code(repo, part, environment)
    except NothingToStart:
        if dockerfile.NAME not in part.tree or not sdk.may_be_used(part.tree):
            raise
        return _with_dockerfile(repo, part, dockerfile.NAME, environment)
    is_named = found.names_sdk or part.said.start_command
    is_guess = not (is_named or entry_point.starts_an_app(part.tree, found.entry_point))
    return replace(found, doubt=_doubt(found.entry_point, part.tree)) if is_guess else found


def _doubt(entry_point: str, tree: FileTree) -> str:
    """What was only found, and has to do with no SDK, is most often a server."""
    how = words_for(entry_point, names_sdk=False).how
    own = "what speaks for itself is named with --start-command or --dockerfile"
    return f"{entry_point} would be started, but {how}; {own}{parts.hint(tree)}"


@dataclass(frozen=True, slots=True)
class _Part:
    """What is deployed of a repo: `folder` of it, and who says how. `is_member` of a workspace: the repo is there whole."""

    tree: FileTree
    folder: str
    is_member: bool
    said: Options
    own: OwnTable
    plan: Blueprint

    @property
    def variables(self) -> Variables:
        return self.plan.variables.requiring(self.own.required)

    @property
    def network(self) -> Reach:
        return EVERYWHERE if self.said.network is None else self.said.network

    def environment(self, given: Mapping[str, str]) -> Mapping[str, str]:
        """What chooses a Python or Node: variables that are given outrank those of the blueprint."""
        return {**self.plan.variables.values, **given}

    def python(self, given: Mapping[str, str]) -> PythonWish:
        said = [("PYTHON_VERSION", given), ("PYTHON_VERSION in render.yaml", self.plan.variables.values)]
        first, last = ((source, values.get("PYTHON_VERSION", "")) for source, values in said)
        return python_version.wanted(self.tree, first, (self.own.where, self.own.python), last)


def _deployed(repo: FileTree, asked: Options) -> _Part:
    top = own_table.read(repo)
    plan = blueprint.read(repo, asked.start_command or top.options.start_command)
    own_root = "" if asked.root_dir else top.options.root_dir
    inside, who = (
        (own_root, f"{top.where} has root_dir") if own_root else (plan.options.root_dir, "render.yaml has rootDir")
    )
    folder = inside or posixpath.normpath(asked.root_dir.strip("/") or ".")
    is_member = workspace.has_member(repo, folder)
    tree = repo.below(folder) if is_member else _below(repo, inside, who)
    own = own_table.read(tree) if tree is not repo else top
    own = own if own.is_there else top
    return _Part(
        tree, folder if is_member else inside, is_member, asked.over(own.options).over(plan.options), own, plan
    )


def _below(repo: FileTree, folder: str, who: str) -> FileTree:
    if folder and not repo.has_folder(folder):
        raise BadSource(f"{who} {folder}, and there is no such folder in the repo: correct it")
    return repo.below(folder) if folder else repo


def _with_dockerfile(repo: FileTree, part: _Part, path: str, environment: Mapping[str, str]) -> Project:
    """Its Dockerfile says all but what is started, if somebody says that."""
    said = part.said
    if said.apt or said.build_command:
        raise BadSource(f"{path} says how the image is built: apt and a build command belong there, as RUN lines")
    found = dockerfile.read(repo, posixpath.normpath(posixpath.join(part.folder, path)))
    return Project(
        entry_point=said.start_command,
        dependencies=None,
        digest=part.tree.digest(),
        python=PythonWish(),
        root=part.folder,
        notes=(f"the image is made by {found.path}", *part.plan.notes),
        warm=part.own.warm,
        network=part.network,
        variables=part.variables,
        dockerfile=found,
    )


def _of_code(repo: FileTree, part: _Part, environment: Mapping[str, str]) -> Project:
    tree, said, is_member = part.tree, part.said, part.is_member
    entry = entry_point.find(tree, said.start_command.strip())
    within = (repo, part.folder) if is_member else (tree, "")
    program = node.find(within[0], entry, part.environment(environment), within[1])
    is_of_uv = program is None and workspace.has_member_of_uv(repo, part.folder if is_member else "")
    found, notes = _dependencies(repo, part, is_of_uv)
    is_whole = is_member and (program is not None or is_of_uv)
    go = f"cd {shlex.quote(part.folder)} && " if is_of_uv else ""
    building = build_command.left_to_run(said.build_command)
    return Project(
        entry_point=f"{go}{_started(tree, entry, program)}",
        dependencies=found,
        digest=(repo if is_whole else tree).digest(),
        python=part.python(environment),
        root="" if is_whole else part.folder,
        import_folders=_import_folders(tree, entry, part.folder if is_of_uv else ""),
        node=program,
        build_command=f"{go}{building}" if building else None,
        notes=(
            *_from_blueprint(part, entry),
            *notes,
            *(program.notes if program else ()),
            *_unread(tree, found, said.apt),
        ),
        warm=part.own.warm,
        network=part.network,
        apt=said.apt,
        variables=part.variables,
        own_modules=own_package.modules(tree),
        bulk=bulk.find(repo if is_whole else tree),
        wants_python=program is None or _uses_python(repo, found, said.build_command),
        names_sdk=sdk.is_named(repo),
    )


def _uses_python(repo: FileTree, found: Dependencies | None, build: str) -> bool:
    """Whether a repo of Node's has anything to do with it."""
    says = " ".join((build, *(text for name, text in repo.texts.items() if posixpath.basename(name) == "package.json")))
    return bool(found or _NAMES_PYTHON.search(says)) or any(name.endswith(".py") for name in repo.digests)


def _dependencies(repo: FileTree, part: _Part, is_of_uv: bool) -> tuple[Dependencies | None, tuple[str, ...]]:
    asked, found = build_command.installing(part.said.build_command), generation.find(part.tree)
    if is_of_uv:
        return dependencies.read_member(repo, part.folder, asked, found)
    return dependencies.read(part.tree, asked, found)


def _started(tree: FileTree, entry: str, program: NodeProject | None) -> str:
    if program is None:
        return shlex.quote(entry) if entry in tree else entry
    if not program.folder:
        return program.command
    # The top's programs are on the path: those of the part come before them.
    path = "" if program.command.startswith("node ") else "PATH=$PWD/node_modules/.bin:$PATH "
    return f"cd {shlex.quote(program.folder)} && {path}{program.command}"


def _unread(tree: FileTree, found: Dependencies | None, apt: tuple[str, ...]) -> tuple[str, ...]:
    return unread.notes(tree, {"requirements.txt", *((found.source, *found.files) if found else ())}, apt)


def _from_blueprint(part: _Part, entry: str) -> tuple[str, ...]:
    where = f"{part.folder}/" if part.folder else ""
    plan = part.plan
    is_its = plan.options.start_command and part.said.start_command == plan.options.start_command
    starts = (f"render.yaml starts {where}{entry}",) if is_its else ()
    unused = (
        (
            f"{dockerfile.NAME} is not used: name it with --dockerfile, or as dockerfile in [tool.orchestrator], if it is to be",
        )
        if dockerfile.NAME in part.tree
        else ()
    )
    return (*starts, *plan.notes, *unused)


def _import_folders(tree: FileTree, entry: str, within: str) -> tuple[str, ...]:
    """``src`` of a packaged project, and the folder of the file that is started, as with ``python folder/main.py``."""
    is_packaged = tree.has_folder("src") and any(name in tree for name in _LAYOUTS)
    started = posixpath.dirname(entry) if entry in tree and entry.endswith(".py") else ""
    found = (posixpath.join(within, folder) for folder in ("src" if is_packaged else "", started) if folder)
    return tuple(dict.fromkeys(found))
