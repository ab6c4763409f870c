"""What a task is called with, in one line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from orchestrator_sdk.client.models import TaskParameter

_STARS: Final = {"var_positional": "*", "var_keyword": "**"}
_DEFAULT_CHARS: Final = 20


def line(parameters: Iterable[TaskParameter]) -> str:
    """The parameters in order, as in ``a: int, b: str = "x", *, c``."""
    parts: list[str] = []
    is_named_only = False
    for one in parameters:
        if one.kind == "keyword_only" and not is_named_only:
            parts.append("*")
        is_named_only = is_named_only or one.kind in ("keyword_only", "var_positional")
        parts.append(_part(one))
    return ", ".join(parts)


def _part(parameter: TaskParameter) -> str:
    name = _STARS.get(parameter.kind or "", "") + parameter.name
    name += f": {parameter.type}" if parameter.type else ""
    if not parameter.has_default:
        return name
    default = parameter.default or "…"
    return f"{name} = {default if len(default) <= _DEFAULT_CHARS else '…'}"
