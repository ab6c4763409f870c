"""What was made of the newest sources and images: one that comes again is neither read, built nor registered."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Final, Generic, TypeVar

MOST: Final = 64

T = TypeVar("T")


class Recent(Generic[T]):
    """The newest `MOST` of them by all that they were made of, while this process lives: a later release reads for itself."""

    def __init__(self) -> None:
        self._made: OrderedDict[Hashable, T] = OrderedDict()

    def __getitem__(self, inputs: Hashable) -> T | None:
        return self._made.get(inputs)

    def __setitem__(self, inputs: Hashable, made: T) -> None:
        self._made[inputs] = made
        self._made.move_to_end(inputs)
        while len(self._made) > MOST:
            self._made.popitem(last=False)
