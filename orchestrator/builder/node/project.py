"""A repo whose start command runs Node: which Node its image needs, and how its packages are installed and built."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from orchestrator.builder.errors import BadSource
from orchestrator.builder.node import manifest as manifests
from orchestrator.builder.node import members, node_version, package_manager, program, start
from orchestrator.builder.node.manifest import Manifest
from orchestrator.builder.node.node_version import NodeVersion
from orchestrator.builder.node.package_manager import PackageManager
from orchestrator.builder.official_sdk import npm, typescript
from orchestrator.builder.official_sdk.generation import Finding
from orchestrator.builder.source.tree import FileTree

_FIRST_WITH_TYPESCRIPT: Final = 22
_TOOLS_AT_RUN: Final = {"tsx": "tsx@4", "bun": "bun@1", "pnpm": "pnpm@10", "yarn": "yarn@1", "deno": "deno@2"}


@dataclass(frozen=True, slots=True)
class NodeProject:
    """`command` starts it in `folder`, a part of the repo, empty for its top, where packages are installed.

    `manager` installs them, None without a package.json. `build` is run on the code. `tools` are the npm packages that the
    program itself calls, `calls_npm`: and npm, which its image would not have. `asks_for_sdk`: the repo lists a package that
    ours answers to, and that the registry may not have. `sdk_version` of the official one is installed in place of what it
    asks for, and `notes` say why. `runs_typescript`: Node itself starts a file of it.
    `takes_context`: its tasks of the official package do, None where that cannot be told of all.
    """

    command: str
    version: NodeVersion = field(default_factory=NodeVersion)
    manager: PackageManager | None = None
    folder: str = ""
    build: str | None = None
    tools: tuple[str, ...] = ()
    calls_npm: bool = False
    asks_for_sdk: bool = False
    sdk_version: str | None = None
    notes: tuple[str, ...] = ()
    runs_typescript: bool = False
    takes_context: bool | None = None


_NOTHING: Final[Mapping[str, str]] = {}


def find(
    repo: FileTree, command: str, environment: Mapping[str, str] = _NOTHING, folder: str = ""
) -> NodeProject | None:
    """What the start command needs of Node in `folder` of a repo; None when it does not run it. Raises BadSource."""
    if not start.runs_node(command):
        return None
    tree = repo.below(folder) if folder else repo
    manifest = manifests.read(tree)
    started = start.resolved(command, manifest)
    finding = typescript.find(tree)
    project = NodeProject(
        command=started,
        version=_version(repo, tree, environment),
        folder=folder,
        calls_npm=start.calls_npm(started, manifest),
        notes=_notes(tree, manifest, command, started),
        runs_typescript=started.startswith(program.RUNS_TYPESCRIPT),
        takes_context=npm.takes_context(finding, manifest.dependencies.get(program.OFFICIAL)),
    )
    _check_typescript(project)
    if manifests.NAME not in tree:
        return replace(project, tools=_tools(started, manifest, None))
    return _with_packages(project, repo, manifest, finding)


def _with_packages(project: NodeProject, repo: FileTree, manifest: Manifest, finding: Finding) -> NodeProject:
    manager = package_manager.choose(repo, manifests.read(repo))
    locked = package_manager.locked_version(repo, manager.lock, program.OFFICIAL)
    sdk = npm.choose(finding, manifest.dependencies.get(program.OFFICIAL), locked, manager.lock)
    return replace(
        project,
        manager=manager,
        build=_build(repo, project.folder, manager),
        tools=_tools(project.command, manifest, manager),
        asks_for_sdk=any(name in manifest.dependencies for name in program.ANSWERED),
        sdk_version=sdk.version,
        notes=(*sdk.notes, *project.notes),
    )


def _version(repo: FileTree, tree: FileTree, environment: Mapping[str, str]) -> NodeVersion:
    """What the part that is deployed asks for, else the repo around it."""
    found = node_version.wanted(tree, manifests.read(tree), environment)
    return found if found.source or tree is repo else node_version.wanted(repo, manifests.read(repo), environment)


def _check_typescript(project: NodeProject) -> None:
    if project.runs_typescript and project.version.major < _FIRST_WITH_TYPESCRIPT:
        name = project.command.split()[-1]
        asked = f"{project.version} does not run {name} by itself"
        raise BadSource(f"{asked}: ask for Node {_FIRST_WITH_TYPESCRIPT}, or add tsx")


def _build(repo: FileTree, folder: str, manager: PackageManager) -> str | None:
    """What builds the program, and in a workspace what it depends on; None where nothing is to be built."""
    places = members.to_build(repo, folder)
    if not places:
        return None
    if folder and manager.name == "pnpm":
        # Without the braces pnpm builds the member alone.
        members_first = shlex.quote(f"{{./{folder}}}...")
        return f"pnpm --filter {members_first} --if-present run build"
    if "build" in manifests.read(repo).scripts:
        return "npm run build"
    return " && ".join(f"(cd {shlex.quote(place)} && npm run build)" for place in places)


def _tools(command: str, manifest: Manifest, manager: PackageManager | None) -> tuple[str, ...]:
    """The packages with the programs that the command calls, in the repo's version where it has one."""
    own = {manager.name: manager.tool} if manager and manager.tool else {}
    called = start.tools(command, manifest, manager.adds) if manager else start.tools(command, manifest)
    return tuple(own.get(name, _TOOLS_AT_RUN[name]) for name in called)


def _notes(tree: FileTree, manifest: Manifest, command: str, started: str) -> tuple[str, ...]:
    """What is run in place of what was said, and which package answers to the official name where that is known already."""
    runner = command.removesuffix(" --silent")
    notes = [f"`{started}` is started itself, not by {runner}"] if command != started else []
    if program.OFFICIAL not in manifest.dependencies and program.importing(tree, program.OFFICIAL):
        notes.append(
            f"{program.OFFICIAL} is answered by the orchestrator's own package: package.json does not ask for it"
        )
    return tuple(notes)
