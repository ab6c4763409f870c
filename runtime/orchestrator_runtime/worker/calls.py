"""Which requests for a chained run ask for the same one: a request whose answer was lost is sent again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from orchestrator_runtime.children import Chained

    Arguments = list[Any] | dict[str, Any]
    Start = Callable[[str, Arguments], Chained]


class Call(NamedTuple):
    """A chained run that was asked for; `said` is what an equal request says, None where requests have keys."""

    chained: Chained
    said: tuple[str, str] | None


class Calls:
    """By the keys of requests; the older SDKs send none, and there an equal request claims a call that nobody was told of."""

    def __init__(self, start: Start) -> None:
        self._start = start
        self._keyed: dict[tuple[str, str], Call] = {}
        self._unclaimed: dict[tuple[str, str], list[Call]] = {}

    def made(self, content: dict[str, Any], task: str, arguments: Arguments) -> Call:
        """The call of this request, started now unless it was before. Raises ValueError."""
        key = (str(content.get("idempotency_key") or ""), str(content.get("created_at") or ""))
        if not key[0]:
            said = (task, content["input"])
            return self._claimed(said) or Call(self._start(task, arguments), said)
        if key not in self._keyed:
            self._keyed[key] = Call(self._start(task, arguments), None)
        return self._keyed[key]

    def put_back(self, call: Call) -> None:
        """Whoever asked for it does not know of it."""
        if call.said is not None:
            others = self._unclaimed.setdefault(call.said, [])
            if call not in others:
                others.append(call)

    def _claimed(self, said: tuple[str, str]) -> Call | None:
        found = self._unclaimed.get(said)
        if not found:
            return None
        call = found.pop(0)
        if not found:
            del self._unclaimed[said]
        return call
