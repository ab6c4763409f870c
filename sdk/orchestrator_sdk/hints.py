"""Annotations as objects, each resolved by itself: one that cannot be leaves the others alone. Loads nothing slow."""

from __future__ import annotations

import sys

from orchestrator_sdk.generics import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

_QUOTES = 3
"""How often an annotation may be quoted: by hand, by ``from __future__ import annotations``, and within another one."""


def own(target: Any) -> Mapping[str, Any]:
    """The annotations of a function, or those a class adds to its bases', as they were written."""
    if sys.version_info >= (3, 14):
        import annotationlib

        return annotationlib.get_annotations(target, format=annotationlib.Format.FORWARDREF)
    if isinstance(target, type):
        return vars(target).get("__annotations__", {})  # type: ignore[no-any-return]
    return getattr(target, "__annotations__", {})


def resolve(annotation: Any, names: dict[str, Any], local: Mapping[str, Any] | None = None) -> Any:
    """The object an annotation names; its text where that cannot be told, as of what only type checkers import."""
    for _ in range(_QUOTES):
        text = text_of(annotation)
        if text is None:
            return annotation
        module = sys.modules.get(getattr(annotation, "__forward_module__", None) or "")
        try:
            annotation = eval(text, vars(module) if module else names, local or {})
        except Exception:  # whatever user code in an annotation may raise
            return text
    return annotation


def text_of(annotation: Any) -> str | None:
    """The text of an annotation that is one: a string, or a forward reference; None for any other."""
    text = getattr(annotation, "__forward_arg__", annotation)
    return text if isinstance(text, str) else None


def names_of(func: Any) -> dict[str, Any]:
    """What the names in a function's annotations mean."""
    found: dict[str, Any] = getattr(func, "__globals__", {})
    return found


def union_members(annotation: Any) -> tuple[Any, ...]:
    """The members of ``X | Y``, ``Union[X, Y]`` or ``Optional[X]``; the annotation alone where it is no union."""
    is_union = type(annotation).__name__ in ("UnionType", "Union")
    is_typing = getattr(getattr(annotation, "__origin__", None), "_name", "") in ("Union", "Optional")
    return tuple(annotation.__args__) if is_union or is_typing else (annotation,)


def describe(annotation: Any) -> str:
    """How to write an annotation in a message."""
    text = text_of(annotation)
    if text is not None:
        return text
    is_plain_class = isinstance(annotation, type) and not getattr(annotation, "__args__", ())
    return annotation.__qualname__ if is_plain_class else str(annotation).replace("typing.", "")


def unwrapped(func: Callable[..., Any]) -> Any:
    """The function under decorators that used functools.wraps: they pass its arguments on."""
    seen: set[int] = set()
    while hasattr(func, "__wrapped__") and id(func) not in seen:
        seen.add(id(func))
        func = func.__wrapped__
    return func
