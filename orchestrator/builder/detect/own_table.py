"""The repo's own word to the orchestrator: the table ``[tool.orchestrator]`` of its pyproject.toml."""

from __future__ import annotations

import tomllib
from typing import Any, Final

from orchestrator.builder.errors import BadSource
from orchestrator.builder.source.tree import FileTree
from orchestrator.core.network import EVERYWHERE, Reach
from orchestrator.core.tasks import DEFAULT_WARM, Warm, read_network, read_warm

_WHERE: Final = "pyproject.toml [tool.orchestrator]: "
_KNOWN: Final = ("network", "warm", "warm_min")


def warm(tree: FileTree) -> Warm:
    """What holds for tasks that say nothing of it themselves. Raises BadSource."""
    table = _table(tree)
    problems = [f"{_WHERE}unknown {name}; it may have {', '.join(_KNOWN)}" for name in table if name not in _KNOWN]
    found = read_warm(_WHERE, table, DEFAULT_WARM, problems)
    if problems:
        raise BadSource("\n".join(problems))
    return found


def network(tree: FileTree) -> Reach:
    """Where the runs of such tasks may go, and the code while it registers them. Raises BadSource."""
    problems: list[str] = []
    found = read_network(_WHERE, _table(tree), EVERYWHERE, problems)
    if problems:
        raise BadSource("\n".join(problems))
    return found


def _table(tree: FileTree) -> dict[str, Any]:
    try:
        tool = tomllib.loads(tree.texts.get("pyproject.toml", "")).get("tool")
    except tomllib.TOMLDecodeError as error:
        raise BadSource(f"pyproject.toml is not valid TOML: {error}") from error
    table = tool.get("orchestrator", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise BadSource(f"{_WHERE}it must be a table")
    return table
