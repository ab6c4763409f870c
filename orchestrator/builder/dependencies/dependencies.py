"""How what a repo lists is installed, by its own tool, or pip where it has a requirements.txt; and itself, if it is a package."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from orchestrator.builder.dependencies import listed, own_package, package_manager, requirements
from orchestrator.builder.dependencies.package_manager import PackageManager
from orchestrator.builder.detect.build_command import Installing
from orchestrator.builder.errors import BadSource
from orchestrator.builder.official_sdk import package
from orchestrator.builder.official_sdk.generation import Finding
from orchestrator.builder.official_sdk.package import Asked, Choice, asked_in
from orchestrator.builder.source.tree import FileTree
from orchestrator_runtime.wire import VENV_DIR

CONSTRAINTS: Final = "orchestrator-constraints.txt"
"""What the generation of the repo's tasks asks for."""
FILES_DIR: Final = "/run/dependencies"
"""Where the manifests and our own files are while they are installed from."""
_CONDA: Final = ("environment.yml", "environment.yaml")
_NOT_ITSELF: Final = frozenset({"--no-root", "--no-self"})
_PROVIDED_LINE: Final = re.compile(
    r"""^\s*orchestrator[-_.]sdk\s*=.*$|["']orchestrator[-_.]sdk\b[^"'\n]*["']\s*,?""", re.IGNORECASE | re.MULTILINE
)
_NOT_INSTALLED: Final = "the repo's own package was not installed: its code is imported from where it lies"


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What is run, for the shell: `first` with `manifests` of the repo and `files` of ours alone, `then` in the repo.

    `source` is the file a person would edit. `tools` are those of package_manager that take part.
    """

    source: str
    first: str = ""
    then: str = ""
    manifests: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    tools: tuple[str, ...] = ()


def read(tree: FileTree, asked: Installing, generation: Finding) -> tuple[Dependencies | None, tuple[str, ...]]:
    """What the repo wants installed, in a version of the official package for the generation of its tasks; None for nothing.

    Also what to tell about it. Raises BadSource, saying what to change.
    """
    found, notes = _found(tree, asked, generation)
    if found and found.then:
        pretended = own_package.pretended_version(tree, is_alone=bool(found.first))
        found = replace(found, then=f"{pretended}{found.then}")
    return found, notes


def read_member(
    repo: FileTree, folder: str, asked: Installing, generation: Finding
) -> tuple[Dependencies | None, tuple[str, ...]]:
    """The same for the folder of a uv workspace, whose lock is the whole's. Raises BadSource."""
    manager = package_manager.of_workspace(repo, asked)
    lock = repo.texts[manager.lock]
    found, notes = _with_manager(manager, repo.below(folder), lock, asked, generation)
    assert found is not None, "there is a lock"
    go = f"cd {shlex.quote(folder)}\n"
    pretended = own_package.pretended_version(repo, is_alone=True)
    then = f"{go}{pretended}{found.then}" if found.then else ""
    return replace(found, source=f"{folder}/{found.source}", first=f"{go}{found.first}", then=then), notes


def _found(tree: FileTree, asked: Installing, generation: Finding) -> tuple[Dependencies | None, tuple[str, ...]]:
    named = asked.requirements
    if named and named.endswith(".toml"):  # uv pip takes one, too
        return _found(tree, replace(asked, tool="uv", requirements=None), generation)
    if named or ("requirements.txt" in tree and not asked.tool and not asked.itself):
        found, notes = _with_pip(named or "requirements.txt", tree, generation)
        return (found if found and found.then else _with_itself(found, tree, asked)), notes
    manager = package_manager.choose(tree, asked)
    if manager is None:
        _refuse_conda(tree)
        return _with_itself(None, tree, asked, wants_all=True), ()
    found, notes = _with_manager(manager, tree, tree.texts.get(manager.lock, ""), asked, generation)
    return (found if manager.installs_itself else _with_itself(found, tree, asked)), notes


def _with_pip(first: str, tree: FileTree, generation: Finding) -> tuple[Dependencies | None, tuple[str, ...]]:
    found = requirements.read(first, tree)
    choice = package.choose(generation, list(_asked_in(found.files)), {})
    files = {path: _without(text) for path, text in found.files.items()} if choice.is_ours else found.files
    notes = (*choice.notes, *(f"{lock} is not read: {first} is there" for lock in package_manager.locks(tree)))
    if not any(text.strip() for text in files.values()):
        return None, notes
    words = [f"{VENV_DIR}/bin/python", "-I", "-m", "pip", "install", "--no-input", "-r", f"{FILES_DIR}/{first}"]
    if choice.constraint:
        files = {**files, CONSTRAINTS: f"{choice.constraint}\n"}
        words += ["-c", f"{FILES_DIR}/{CONSTRAINTS}"]
    install = shlex.join(words)
    early, late = ("", install) if found.needs_app else (install, "")
    return Dependencies(first, early, late, files=files), notes


def _with_manager(
    manager: PackageManager, tree: FileTree, lock: str, asked: Installing, generation: Finding
) -> tuple[Dependencies | None, tuple[str, ...]]:
    if not (manager.lock or asked.options or asked.extras) and listed.is_nothing(tree, manager.source):
        return None, ()
    pins = listed.locked_versions(lock)
    choice = package.choose(generation, listed.official(tree, manager.source), pins, manager.lock or None)
    first, then = manager.first, manager.then
    if fit := _fit(choice):
        first, then = (first, f"{then}\n{fit}") if then else (f"{first}\n{fit}", "")
    files = {} if manager.lock else _without_provided(tree, manager)
    return Dependencies(manager.source, first, then, manager.manifests, files, manager.tools), choice.notes


def _fit(choice: Choice) -> str:
    """What puts another version of the official package in the place of the tool's choice, or none."""
    if choice.is_ours:
        return f"uv pip uninstall {shlex.join(sorted(package.NAMES))}"
    return f"uv pip install {shlex.quote(choice.constraint)}" if choice.constraint else ""


def _without_provided(tree: FileTree, manager: PackageManager) -> dict[str, str]:
    """The files that keep a tool from asking an index for what every image has. Raises BadSource."""
    if manager.name == "uv":
        return {package_manager.EXCLUDED: _text(sorted(requirements.PROVIDED))}
    text = tree.texts.get(manager.source, "")
    left = _PROVIDED_LINE.sub("", text)
    if left != text and manager.then:
        raise BadSource(f"{manager.source}: leave orchestrator-sdk out of it, which every image has and no index")
    return {manager.source: left} if left != text else {}


def _with_itself(
    found: Dependencies | None, tree: FileTree, asked: Installing, wants_all: bool = False
) -> Dependencies | None:
    """The same and the repo's own package, if it is one; `wants_all`: nothing else says what it depends on."""
    if not own_package.is_there(tree) or _NOT_ITSELF & {*asked.options}:
        return found
    if wants_all:
        extras = f"[{','.join(asked.extras)}]" if asked.extras else ""
        install = f"UV_EXCLUDE={FILES_DIR}/{package_manager.EXCLUDED} uv pip install -e {shlex.quote(f'.{extras}')}"
        files = {package_manager.EXCLUDED: _text(sorted(requirements.PROVIDED))}
        return Dependencies(own_package.source(tree), then=install, files=files, tools=("uv",))
    install = "uv pip install --no-deps -e ."
    if not (asked.itself or asked.tool):
        install += f" || echo {shlex.quote(_NOT_INSTALLED)}"
    base = found or Dependencies(own_package.source(tree))
    then = f"{base.then}\n{install}" if base.then else install
    return replace(base, then=then, tools=tuple(dict.fromkeys(("uv", *base.tools))))


def _refuse_conda(tree: FileTree) -> None:
    conda = next((name for name in _CONDA if name in tree), None)
    if conda and not own_package.is_there(tree) and "package.json" not in tree:
        raise BadSource(
            f"{conda} is read by conda, which is not to be had here: list what it names in requirements.txt"
        )


def _asked_in(files: Mapping[str, str]) -> Iterator[Asked]:
    for path, text in files.items():
        yield from (asked for line in text.splitlines() if (asked := asked_in(line, path)))


def _without(text: str) -> str:
    return _text([line for line in text.splitlines() if asked_in(line, "") is None])


def _text(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
