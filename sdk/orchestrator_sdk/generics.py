"""Type variables that cost nothing at run time: importing `typing` takes longer than the rest of the task side together."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Generic, ParamSpec, TypeVar

    P = ParamSpec("P")
    R = TypeVar("R")
else:
    P = R = None

    class Generic:
        """Subscriptable, and nothing more."""

        __class_getitem__ = classmethod(type(list[int]))


__all__ = ["TYPE_CHECKING", "Generic", "P", "R"]
