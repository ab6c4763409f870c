from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from orchestrator_runtime.wire import RetryOptions


class Retry:
    """How often a failed run is tried again, and after which waits.

    The wait before retry n, counted from 0, is ``wait_duration_ms * backoff_scaling ** n``: with 3, 1000 and 1.5 the
    retries come after 1 s, 1.5 s and 2.25 s. What is not said is 3 retries, the first after a second.
    """

    # Not a dataclass: importing dataclasses takes longer than the rest of this package together.
    __match_args__ = ("max_retries", "wait_duration_ms", "backoff_scaling")
    __slots__ = __match_args__

    max_retries: int
    wait_duration_ms: int
    backoff_scaling: float

    def __init__(self, max_retries: int = 3, wait_duration_ms: int = 1000, backoff_scaling: float = 1.5) -> None:
        for name, value in zip(self.__match_args__, (max_retries, wait_duration_ms, backoff_scaling), strict=True):
            object.__setattr__(self, name, _checked(name, value))

    def to_wire(self) -> RetryOptions:
        """As it is registered."""
        return {
            "max_retries": self.max_retries,
            "wait_duration_ms": self.wait_duration_ms,
            "backoff_scaling": self.backoff_scaling,
        }

    def _values(self) -> tuple[float, ...]:
        return (self.max_retries, self.wait_duration_ms, self.backoff_scaling)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a Retry does not change: make a new one to set {name}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Retry) and self._values() == other._values()

    def __hash__(self) -> int:
        return hash(self._values())

    def __reduce__(self) -> tuple[type[Retry], tuple[float, ...]]:
        return (Retry, self._values())

    def __repr__(self) -> str:
        return "Retry({}, {}, {})".format(
            *(f"{name}={value}" for name, value in zip(self.__match_args__, self._values(), strict=True))
        )


def _checked(name: str, value: object) -> float:
    """The value, if it is a number from 0 up."""
    kinds = int if name == "max_retries" else (int, float)
    if not isinstance(value, kinds) or isinstance(value, bool):
        raise TypeError(f"Retry: {name} must be a number, and is {value!r}")
    if not 0 <= value < float("inf"):
        raise ValueError(f"Retry: {name} must be 0 or more, and is {value!r}")
    return value
