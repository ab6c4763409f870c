"""The repo's own word to the orchestrator: ``[tool.orchestrator]`` of its pyproject.toml, or the same keys in orchestrator.toml.

docs/deploying.md describes every key.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from orchestrator.builder.detect.options import NOTHING, OWN_FILE, Options, part
from orchestrator.builder.errors import BadSource
from orchestrator.builder.source.tree import FileTree
from orchestrator.core.container.network import EVERYWHERE, Reach
from orchestrator.core.image import is_package
from orchestrator.core.near import did_you_mean
from orchestrator.core.tasks import DEFAULT_WARM, Warm, read_network, read_warm
from orchestrator.core.text import unicode_text
from orchestrator.core.variables import problem_of_name

_TABLE: Final = "pyproject.toml [tool.orchestrator]"
_PYTHON: Final = re.compile(r"3\.\d{1,2}(\.\d{1,3})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class OwnTable:
    """What it says; `where` is what it is called, `env` are the variables that must be set. `is_there`: there is one."""

    options: Options = NOTHING
    python: str = ""
    env: tuple[str, ...] = ()
    warm: Warm = DEFAULT_WARM
    where: str = _TABLE
    is_there: bool = False

    @property
    def required(self) -> Mapping[str, str]:
        """The variables that must be set, each with who says so."""
        return dict.fromkeys(self.env, self.where)


def read(tree: FileTree) -> OwnTable:
    """The table of a tree's top. Raises BadSource, naming each key that is unknown or wrong, and what it may be."""
    tables = {
        where: table
        for where, table in ((_TABLE, _of_pyproject(tree)), (OWN_FILE, _of_file(tree)))
        if table is not None
    }
    if len(tables) > 1:
        raise BadSource(f"there are both {OWN_FILE} and {_TABLE}: keep one of them")
    if not tables:
        return OwnTable()
    ((where, table),) = tables.items()
    problems = [*_unknown(table), *_wrong(table)]
    warm = read_warm("", table, DEFAULT_WARM, problems)
    network = read_network("", table, EVERYWHERE, problems)
    if problems:
        raise BadSource("\n".join(f"{where}: {problem}" for problem in problems))
    env = tuple(table.get("env", ()))
    return OwnTable(_options(table, network), table.get("python", ""), env, warm, where, is_there=True)


# --- its keys ---------------------------------------------------------------------------------------------------------


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and "\0" not in value and unicode_text(value) == value


def _is_part(value: object) -> bool:
    if not _is_text(value):
        return False
    try:
        part(str(value))
    except ValueError:
        return False
    return True


def _are(is_one: Callable[[str], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, list) and all(isinstance(one, str) and is_one(one) for one in value)


_KEYS: Final[Mapping[str, tuple[str, Callable[[object], bool]]]] = {
    "start_command": ('a text like "python main.py"', _is_text),
    "build_command": ('a text like "python fetch_model.py"', _is_text),
    "root_dir": ("a folder of the repo, like \"backend\"", _is_part),
    "apt": ('a list of names of Debian packages, like ["libpq-dev"]', _are(is_package)),
    "python": ('a version in quotes, like "3.12"', lambda value: _is_text(value) and bool(_PYTHON.fullmatch(str(value)))),
    "dockerfile": ('the path of a Dockerfile in the repo, like "Dockerfile"', _is_part),
    "env": ('a list of names of variables, like ["API_TOKEN"]', _are(lambda name: not problem_of_name(name))),
}  # fmt: skip
"""What each must be, in words, and how that is checked."""
_OF_TASKS: Final = ("network", "warm", "warm_min")
"""What a task may say by itself, too."""


def _unknown(table: Mapping[str, Any]) -> list[str]:
    known = [*_KEYS, *_OF_TASKS]
    return [f"unknown key {name!r}{did_you_mean(name, known, 'there are')}" for name in table if name not in known]


def _wrong(table: Mapping[str, Any]) -> list[str]:
    found = [(name, *_KEYS[name], value) for name, value in table.items() if name in _KEYS]
    return [
        f"{name} is {value!r:.200}; it must be {words}" for name, words, is_right, value in found if not is_right(value)
    ]


def _options(table: Mapping[str, Any], network: Reach) -> Options:
    return Options(
        start_command=table.get("start_command", "").strip(),
        build_command=table.get("build_command", "").strip(),
        root_dir=part(table.get("root_dir", "")),
        apt=tuple(table.get("apt", ())),
        dockerfile=part(table.get("dockerfile", "")),
        network=network if "network" in table else None,
    )


# --- where it is ------------------------------------------------------------------------------------------------------


def _of_pyproject(tree: FileTree) -> dict[str, Any] | None:
    tool = _toml(tree, "pyproject.toml").get("tool")
    table = tool.get("orchestrator") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise BadSource(f"{_TABLE}: it must be a table")
    return table


def _of_file(tree: FileTree) -> dict[str, Any] | None:
    return _toml(tree, OWN_FILE) if OWN_FILE in tree.texts else None


def _toml(tree: FileTree, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(tree.texts.get(name, ""))
    except tomllib.TOMLDecodeError as error:
        raise BadSource(f"{name} is not valid TOML: {error}") from error
