"""Who installs a repo's packages, in which version: the tool whose lock it has, or that package.json names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from orchestrator.builder.errors import BadSource
from orchestrator.builder.node.manifest import Manifest
from orchestrator.builder.source.tree import FileTree

_LOCKS: Final = {
    "package-lock.json": "npm",
    "npm-shrinkwrap.json": "npm",
    "pnpm-lock.yaml": "pnpm",
    "yarn.lock": "yarn",
    "bun.lock": "bun",
    "bun.lockb": "bun",
}
_SETTINGS: Final = {
    "pnpm-workspace.yaml": "pnpm",
    ".pnpmfile.cjs": "pnpm",
    ".yarnrc.yml": "yarn",
    ".yarnrc": "yarn",
    "bunfig.toml": "bun",
    ".npmrc": "npm",
}
"""The files besides package.json and the lock that say how to install, and whose they are; npm's are read by all."""
_PACKAGE_MANAGER: Final = re.compile(r"(npm|pnpm|yarn|bun)@(\d+\.\d+\.\d+(?:-[\w.]+)?)(?:\+.*)?")
_ADDS: Final = {"npm": "npm install", "pnpm": "pnpm add", "yarn": "yarn add", "bun": "bun add"}
_CLASSIC: Final = "1"
_PNPM_BY_FORMAT: Final = {"": "10", "5.3": "6", "5.4": "7", "6.0": "8", "6.1": "8", "9.0": "10"}
_BERRY_BY_FORMAT: Final = {"4": "2", "5": "3", "6": "3", "7": "3"}


@dataclass(frozen=True, slots=True)
class PackageManager:
    """`exactly` installs what the lock says, or fails; `loosely` keeps to it where package.json still fits;
    both are empty where there is nothing to install.

    `tool` is the npm package that it comes from, empty for the npm that comes with Node. `files` are what it reads,
    of which `lock` is one; `needs_files`: and anything else of the repo. `variables` are for it and for the program.
    """

    name: str
    exactly: str
    loosely: str
    tool: str = ""
    lock: str = ""
    files: tuple[str, ...] = ()
    needs_files: bool = False
    variables: tuple[str, ...] = ()

    @property
    def adds(self) -> str:
        """The command that adds a package to package.json, for messages."""
        return _ADDS[self.name]


def choose(tree: FileTree, manifest: Manifest) -> PackageManager:
    """The one for the top of a tree. Raises BadSource where the repo names two, or one that we do not have."""
    named, version = _named(manifest)
    lock = _lock(tree, named)
    settings = tuple(one for one in _SETTINGS if one in tree)
    name = named or _LOCKS.get(lock) or next((_SETTINGS[one] for one in settings), "npm")
    files = ("package.json", *((lock,) if lock else ()), *settings)
    needs_files = manifest.needs_files or "pnpm-workspace.yaml" in tree or tree.has_folder(".yarn")
    exactly, loosely, tool = _commands(name, version, tree.texts.get(lock, ""), tree)
    variables = ("YARN_NODE_LINKER=node-modules",) if _needs_linker(tool, tree) else ()
    if not (lock or needs_files or manifest.dependencies):
        exactly = loosely = ""
    return PackageManager(name, exactly if lock else loosely, loosely, tool, lock, files, needs_files, variables)


def locked_version(tree: FileTree, lock: str, package: str) -> str | None:
    """The version that a lock has of a package, None where it does not tell."""
    name = re.escape(package)
    patterns = {
        "npm": rf'"node_modules/{name}":\s*\{{\s*"version":\s*"([^"]+)"',
        "pnpm": rf"^\s+'?/?{name}[@/](\d[^'():\s]*)",
        "yarn": rf'^"?{name}@[^\n]*:\n\s+version:?\s+"?([^"\s]+)',
        "bun": rf'"{name}@(\d[^"]*)"',
    }
    pattern = patterns.get(_LOCKS.get(lock, ""))
    found = re.search(pattern, tree.texts.get(lock, ""), re.MULTILINE) if pattern else None
    return found[1] if found else None


def _named(manifest: Manifest) -> tuple[str, str]:
    """What `packageManager` says; empty where it says nothing."""
    if not manifest.package_manager:
        return "", ""
    if found := _PACKAGE_MANAGER.fullmatch(manifest.package_manager):
        return found[1], found[2]
    raise BadSource(
        f"package.json has packageManager {manifest.package_manager!r}: name npm, pnpm, yarn or bun in an exact version, "
        'like "pnpm@9.15.0"'
    )


def _lock(tree: FileTree, named: str) -> str:
    """The file with the versions; empty where there is none."""
    found = [lock for lock in _LOCKS if lock in tree]
    tools = list(dict.fromkeys(_LOCKS[lock] for lock in found))
    if named and tools and named not in tools:
        raise BadSource(
            f"package.json has packageManager {named}, and {found[0]} is {tools[0]}'s: remove one of the two"
        )
    if len(tools) > 1 and not named:
        raise BadSource(
            f"{' and '.join(found)} are locks of several tools: keep one, or name its tool as packageManager"
        )
    found = [lock for lock in found if not named or _LOCKS[lock] == named]
    return found[0] if found else ""


def _commands(name: str, version: str, lock: str, tree: FileTree) -> tuple[str, str, str]:
    """What installs exactly, what loosely, and the package that they come from."""
    if name == "pnpm":
        found = re.search(r"lockfileVersion: *'?(\d+\.\d+)", lock)
        of_lock = _PNPM_BY_FORMAT.get(found[1] if found else "", "latest")
        tool = f"pnpm@{version or of_lock}"
        return "pnpm install --frozen-lockfile", "pnpm install --no-frozen-lockfile", tool
    if name == "yarn":
        return _yarn(version or _yarn_version(lock, tree))
    if name == "bun":
        return "bun install --frozen-lockfile", "bun install", f"bun@{version or '1'}"
    return "npm ci", "npm install", f"npm@{version}" if version else ""


def _yarn(version: str) -> tuple[str, str, str]:
    if version.split(".")[0] == _CLASSIC:
        tool = f"yarn@{version}"
        return (
            "yarn install --frozen-lockfile --non-interactive",
            "yarn install --pure-lockfile --non-interactive",
            tool,
        )
    return "yarn install --immutable", "yarn install --no-immutable", f"@yarnpkg/cli-dist@{version}"


def _yarn_version(lock: str, tree: FileTree) -> str:
    """The release that writes locks of this format; the first one has no number in them."""
    if found := re.search(r"^__metadata:\s+version: *(\d+)", lock, re.MULTILINE):
        return _BERRY_BY_FORMAT.get(found[1], "4")
    return "4" if ".yarnrc.yml" in tree and not lock else _CLASSIC


def _needs_linker(tool: str, tree: FileTree) -> bool:
    """Whether yarn would lay out no node_modules, without which programs that it does not start itself find no package."""
    said = re.search(r"^nodeLinker: *[\"']?(node-modules|pnpm)\b", tree.texts.get(".yarnrc.yml", ""), re.MULTILINE)
    return tool.startswith("@yarnpkg/") and not said
