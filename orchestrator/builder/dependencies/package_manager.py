"""Who installs a repo's Python packages, and how: the tool that its build command names, whose lock it has, or whose manifest."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from orchestrator.builder.dependencies import pyproject
from orchestrator.builder.detect.build_command import Installing
from orchestrator.builder.errors import BadSource
from orchestrator.builder.source.tree import FileTree
from orchestrator_runtime.wire import VENV_DIR

LOCKS: Final = {
    "uv": "uv.lock",
    "poetry": "poetry.lock",
    "pdm": "pdm.lock",
    "pipenv": "Pipfile.lock",
    "pylock": "pylock.toml",
}
_HOW: Final = {
    "uv": "uv sync",
    "poetry": "poetry install",
    "pdm": "pdm install",
    "pipenv": "pipenv sync",
    "pylock": "uv pip install -r pylock.toml",
}
"""The build command that names each."""
EXCLUDED: Final = "orchestrator-excluded.txt"
"""The file that names what uv leaves out where there is no lock."""
_SETTINGS: Final = {"uv": "uv.toml", "poetry": "poetry.toml", "pdm": "pdm.toml"}
_LOCAL: Final = {
    "uv": r"source = \{ (?:editable|directory|path) =",
    "poetry": r'^type = "(?:directory|file)"',
    "pdm": r'^path = "',
    "pipenv": r'"(?:path|file)":',
    "pylock": r"\bdirectory = |\bpath = ",
}
"""How each lock says that something is installed from the repo itself."""
_LOCAL_WISH: Final = re.compile(r"'(?:path|workspace|file)':|\bfile:")
"""The same in what a manifest lists."""
_POETRY_INDEX: Final = """export POETRY_PYPI_MIRROR_URL=${POETRY_PYPI_MIRROR_URL:-$(python -I -c '
from pip._internal.models.index import PyPI
print(PyPI.simple_url)')}"""
"""Of the public index Poetry asks what mirrors do not answer, unless it is named as one."""
_COMPILE: Final = f"python -I -m compileall -qq {VENV_DIR}/lib || true"
"""What no container could save: PDM leaves it to the first import."""
_ELSEWHERE: Final = re.compile(r"(?:^|/)(?:node_modules|site-packages|\.?venv)/")


@dataclass(frozen=True, slots=True)
class PackageManager:
    """`first` installs what `manifests` say, `then` the rest once all files of the repo are there; both are for the shell.

    `lock` is the file with the versions, empty where there is none; `installs_itself`: also the repo's own package.
    """

    name: str
    source: str
    manifests: tuple[str, ...]
    first: str = ""
    then: str = ""
    lock: str = ""
    installs_itself: bool = False

    @property
    def tools(self) -> tuple[str, ...]:
        """The programs that it needs; uv, which installs fastest, is always one of them."""
        return ("uv",) if self.name in ("uv", "pylock") else ("uv", self.name)


def choose(tree: FileTree, asked: Installing) -> PackageManager | None:
    """The one for the repo, None where it lists nothing. Raises BadSource where it has locks of two, and names neither."""
    name = _name(tree, asked)
    if name is None:
        return None
    options = asked.options if asked.tool == name else None
    return _MAKERS[name](tree, options, asked)


def of_workspace(repo: FileTree, asked: Installing) -> PackageManager:
    """uv for one of the members of a workspace, run in its folder. Raises BadSource where there is no lock of the whole."""
    if LOCKS["uv"] not in repo.texts:
        raise BadSource(
            "a member of a workspace is installed as the lock of the whole says: run `uv lock`, and commit it"
        )
    return _uv(repo, asked.options if asked.tool == "uv" else None, Installing())


def _name(tree: FileTree, asked: Installing) -> str | None:
    content = pyproject.read(tree)
    if asked.itself:
        return "uv" if "project" in content else None
    if asked.tool and ("Pipfile" if asked.tool == "pipenv" else pyproject.NAME) in tree:
        return asked.tool
    return _locker(tree) or _of_manifest(tree, content)


def _locker(tree: FileTree) -> str | None:
    """The tool whose lock is there. Raises BadSource where there are two."""
    found = [name for name, lock in LOCKS.items() if lock in tree.texts]
    if len(found) > 1:
        first, files = found[0], " and ".join(LOCKS[name] for name in found)
        raise BadSource(f"{files} are locks of several tools: keep one, or name its build command, as {_HOW[first]}")
    return found[0] if found else None


def _of_manifest(tree: FileTree, content: Mapping[str, Any]) -> str | None:
    tools = pyproject.table(content, "tool")
    if "project" in content:
        return "pdm" if "pdm" in tools else "uv"
    if pyproject.table(tools, "poetry", "dependencies"):
        return "poetry"
    return "pipenv" if "Pipfile" in tree else None


def _uv(tree: FileTree, options: tuple[str, ...] | None, asked: Installing) -> PackageManager:
    manifests = (*_pyprojects(tree), *_present(tree, "uv"))
    if asked.itself or "uv.lock" not in tree.texts:
        return _uv_without_lock(tree, manifests, options, asked.extras)
    words = ("--no-dev",) if options is None else options
    is_frozen = "--frozen" in words
    chosen = shlex.join(word for word in words if word != "--frozen")
    if not _is_local(tree, "uv"):
        return PackageManager("uv", pyproject.NAME, manifests, _synced(chosen, is_frozen), "", "uv.lock", True)
    first = _synced(f"--no-install-local {chosen}", is_frozen=True)
    return PackageManager("uv", pyproject.NAME, manifests, first, _synced(chosen, is_frozen), "uv.lock", True)


def _synced(chosen: str, is_frozen: bool) -> str:
    """uv's own command. Where the host names another index than the lock does, what the lock says comes from there."""
    check = "" if is_frozen else "env -u UV_DEFAULT_INDEX uv lock --check --quiet\n  "
    exported = re.sub(r"--(?:no-editable|no-install-\w+) ?", "", chosen)
    return f"""if [ -n "${{UV_DEFAULT_INDEX:-}}" ]; then
  {check}uv export --quiet --frozen --no-emit-local {exported} | uv pip install --no-deps -r -
  uv sync --frozen {chosen}
else
  uv sync {"--frozen" if is_frozen else "--locked"} {chosen}
fi"""


def _uv_without_lock(
    tree: FileTree, manifests: tuple[str, ...], options: tuple[str, ...] | None, extras: tuple[str, ...]
) -> PackageManager:
    content = pyproject.read(tree)
    named = dict.fromkeys(extras)
    chosen = shlex.join([*(f"--extra={name}" for name in named), *_for_pip(options or ())])
    install = f"UV_EXCLUDE=/run/dependencies/{EXCLUDED} uv pip install -r {pyproject.NAME} {chosen}".rstrip()
    if pyproject.is_computed(content, "dependencies") or _wishes_local(content):
        return PackageManager("uv", pyproject.NAME, manifests, "", install)
    return PackageManager("uv", pyproject.NAME, manifests, install)


def _for_pip(options: tuple[str, ...]) -> Iterator[str]:
    """What `uv pip` takes of the options of `uv sync`. Raises BadSource for what only a lock knows."""
    words = iter(options)
    for word in words:
        if word in ("--all-packages", "--package", "--only-group", "--all-groups", "--only-dev"):
            raise BadSource(f"the build command runs uv sync {word}, which needs uv.lock: run `uv lock`, and commit it")
        if word.startswith(("--extra", "--group")):
            yield from (word,) if "=" in word else (word, next(words))
        elif word == "--all-extras":
            yield word
        elif word == "--dev":
            yield "--group=dev"


def _poetry(tree: FileTree, options: tuple[str, ...] | None, _: Installing) -> PackageManager:
    words = (("--without", "dev") if _has_dev_group(tree) else ()) if options is None else options
    install = f"{_POETRY_INDEX}\npoetry install --no-root --compile {shlex.join(words)}".rstrip()
    return _made("poetry", pyproject.NAME, tree, install)


def _has_dev_group(tree: FileTree) -> bool:
    content = pyproject.read(tree)
    poetry = pyproject.table(content, "tool", "poetry")
    groups = {*pyproject.table(poetry, "group"), *pyproject.table(content, "dependency-groups")}
    return "dev-dependencies" in poetry or "dev" in groups


def _pdm(tree: FileTree, options: tuple[str, ...] | None, _: Installing) -> PackageManager:
    words = ("--prod",) if options is None else options
    check = "--check " if "pdm.lock" in tree.texts else ""
    return _made("pdm", pyproject.NAME, tree, f"pdm install {check}--no-self {shlex.join(words)}\n{_COMPILE}")


def _pipenv(tree: FileTree, options: tuple[str, ...] | None, _: Installing) -> PackageManager:
    chosen = shlex.join(options or ())
    is_locked = "Pipfile.lock" in tree.texts
    install = f"pipenv verify\npipenv sync {chosen}" if is_locked else f"pipenv install --skip-lock {chosen}"
    return _made("pipenv", "Pipfile", tree, install.rstrip())


def _pylock(tree: FileTree, _: tuple[str, ...] | None, __: Installing) -> PackageManager:
    return _made("pylock", "pylock.toml", tree, "uv pip install -r pylock.toml")


_MAKERS: Final[dict[str, Callable[[FileTree, tuple[str, ...] | None, Installing], PackageManager]]] = {
    "uv": _uv,
    "poetry": _poetry,
    "pdm": _pdm,
    "pipenv": _pipenv,
    "pylock": _pylock,
}


def _made(name: str, source: str, tree: FileTree, install: str) -> PackageManager:
    lock = LOCKS[name] if LOCKS[name] in tree.texts else ""
    manifests = tuple(dict.fromkeys((source, *_present(tree, name))))
    first, then = ("", install) if _is_local(tree, name) else (install, "")
    return PackageManager(name, source, manifests, first, then, lock)


def _present(tree: FileTree, name: str) -> Iterator[str]:
    """The tool's lock and settings."""
    return (file for file in (LOCKS[name], _SETTINGS.get(name, "")) if file in tree.texts)


def _is_local(tree: FileTree, name: str) -> bool:
    lock = LOCKS[name]
    if lock in tree.texts:
        return bool(re.search(_LOCAL[name], tree.texts[lock], re.MULTILINE))
    return _wishes_local(pyproject.read(tree, "Pipfile" if name == "pipenv" else pyproject.NAME))


def _wishes_local(content: Mapping[str, Any]) -> bool:
    project = pyproject.table(content, "project")
    lists = [project.get(name) for name in ("dependencies", "optional-dependencies")]
    tools = [pyproject.table(content, "tool", name) for name in ("uv", "poetry")]
    return bool(_LOCAL_WISH.search(str([*lists, *tools, content.get("dependency-groups"), content.get("packages")])))


def _pyprojects(tree: FileTree) -> Iterator[str]:
    """Those of all members of a workspace: a lock is of the whole."""
    return (path for path in tree.texts if path.split("/")[-1] == pyproject.NAME and not _ELSEWHERE.search(path))


def locks(tree: FileTree) -> list[str]:
    """Those that are there."""
    return [lock for lock in LOCKS.values() if lock in tree.texts]
