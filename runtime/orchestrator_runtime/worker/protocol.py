"""The official worker protocol, for the unmodified official SDKs and whatever else speaks it.

The worker is the client: it asks for its input, for chained runs and their results, and calls back with its outcome. Nothing is
answered "still running" while there may soon be more to say: requests are held open for as long as every SDK's own time-out
allows, so a chained call costs what its container costs, and not the second between two polls. Its input a worker may await for
an hour, in a container that was started ahead.

Everything here happens in one thread, the server's, and waits for nothing: what takes longer is an answer that is `Held`.
"""

from __future__ import annotations

import base64
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol

from orchestrator_runtime import json_text, outcome, wire
from orchestrator_runtime.failure import advised
from orchestrator_runtime.host import ChildFailed
from orchestrator_runtime.outcome import Outcome
from orchestrator_runtime.worker import http
from orchestrator_runtime.worker.calls import Calls
from orchestrator_runtime.worker.http import Answer, Held, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from orchestrator_runtime.children import Chained
    from orchestrator_runtime.latch import Latch
    from orchestrator_runtime.worker.connection import Timer

_LINGER_S: Final = 3.0
"""A worker that was told "still running" asks again after a second: between the two it still waits."""
_AHEAD_S: Final = 0.1
"""A container that waits for so long was started ahead."""
_STATUS_OF_REFUSAL: Final = {wire.REFUSED_TASK: 404, wire.REFUSED_PARENT: 409}
_NOT_YET: Final = 503
_READ_ONLY: Final = "EROFS: "
_OFFICIAL_TYPESCRIPT: Final = "render-sdk-typescript/"
_OUR_TYPESCRIPT: Final = "orchestrator-sdk-typescript"
_BOXING: Final = (_OFFICIAL_TYPESCRIPT, _OUR_TYPESCRIPT)
"""The SDKs that put whatever a task returned into a list; Python's leave a list as it is."""
_SPREAD: Final = {"name": "args", "kind": "var_positional"}
"""The parameters of a task whose SDK spreads the input into the call: a list, and nothing else, can be."""


class Host(Protocol):
    """What the shim gives to the worker; nothing of it waits for longer than the channel takes a frame."""

    @property
    def assigned(self) -> Latch:
        """Set when there is an assignment."""

    def assignment(self, timeout_s: float) -> wire.Assign | None:
        """The one assignment, asked for now; None when there is none yet."""

    def post_outcome(self, outcome: Outcome) -> Latch:
        """Send the outcome; set when it is recorded. Only the first one counts."""

    def start_confirmed(self, task: str, arguments: list[Any] | dict[str, Any]) -> Chained:
        """Ask for a chained run."""

    def waiting(self, delta: int) -> None:
        """Tell that one more (+1) or one fewer (-1) chained run is being awaited."""

    def call_later(self, delay_s: float, call: Callable[[], object]) -> Timer:
        """Call it in the server's thread after so long."""

    def annotate(
        self, *, tags: Sequence[str], metadata: Mapping[str, Any], progress: tuple[float | None, str] | None
    ) -> None:
        """Say something about the run. Raises TypeError or ValueError for what cannot be kept."""


class BadRequest(Exception):  # noqa: N818
    """The request does not say what it must; sent again it would not either."""


class Worker:
    """The five endpoints, and one of ours, by which our SDKs say something about the run."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._calls = Calls(host.start_confirmed)
        self._children: dict[str, Chained] = {}
        self._waits: dict[str, Timer | None] = {}
        self._agent = ""
        self._failed: dict[str, str] = {}

    def handle(self, request: Request) -> Answer | Held:
        """Answer one request."""
        endpoints: dict[tuple[str, str], Callable[[dict[str, Any]], Answer | Held]] = {
            ("GET", "/input"): self._input,
            ("POST", "/callback"): self._callback,
            ("POST", "/run-subtask"): self._run_subtask,
            ("POST", "/get-subtask-result"): self._get_subtask_result,
            ("POST", "/register-tasks"): self._register_tasks,
            ("POST", "/annotate"): self._annotate,
        }
        endpoint = endpoints.get((request.method, request.path))
        if endpoint is None:
            return _problem(404, f"there is no {request.method} {request.path} in the worker protocol")
        self._agent = request.agent
        try:
            return endpoint({} if request.method == "GET" else _object(request.body))
        except BadRequest as problem:
            return _problem(400, str(problem))

    def _input(self, _: dict[str, Any]) -> Answer | Held:
        assigned = self._host.assignment(0)
        if assigned:
            return _given(assigned)
        self._host.call_later(_AHEAD_S, _rehearse)
        return Held(self._host.assigned, self._assigned, shows_life=True)

    def _assigned(self) -> Answer:
        assigned = self._host.assignment(0)
        assert assigned is not None, "it is set before the latch"
        return _given(assigned)

    def _callback(self, content: dict[str, Any]) -> Held:
        return self._delivered(outcome_of(content, boxes=self._agent.startswith(_BOXING), child=self._blamed(content)))

    def _blamed(self, content: dict[str, Any]) -> str:
        """The chained run whose failure the task did not handle: as its SDK says, else the one whose words its error has."""
        error = content.get("error")
        if not isinstance(error, dict):
            return ""
        named, details = error.get("child_task_run_id"), str(error.get("details") or "")
        if isinstance(named, str) and named in self._children:
            return named
        return next((run_id for run_id, said in self._failed.items() if said in details), "")

    def _delivered(self, outcome: Outcome) -> Held:
        """Without an answer until it is recorded: then the worker may end."""
        return Held(self._host.post_outcome(outcome), lambda: Answer(200))

    def _register_tasks(self, content: dict[str, Any]) -> Held:
        tasks = content.get("tasks")
        if not isinstance(tasks, list):
            raise BadRequest("tasks must be a list")
        if self._agent.startswith(_OFFICIAL_TYPESCRIPT):
            tasks = [_by_position(one) if isinstance(one, dict) else one for one in tasks]
        try:
            registered = outcome.tasks(tasks)
        except ValueError as error:
            raise BadRequest(f"the tasks cannot be registered: {error}") from None
        return self._delivered(registered)

    def _annotate(self, content: dict[str, Any]) -> Answer:
        tags, metadata = content.get("tags") or [], content.get("metadata") or {}
        fraction, message = content.get("fraction"), content.get("message")
        if not isinstance(tags, list) or not isinstance(metadata, dict):
            raise BadRequest("tags must be a list, and metadata an object")
        if not isinstance(fraction, int | float | None) or not isinstance(message, str | None):
            raise BadRequest("fraction must be a number, and message text")
        progress = None if fraction is None and message is None else (fraction, message or "")
        try:
            self._host.annotate(tags=tags, metadata=metadata, progress=progress)
        except (TypeError, ValueError) as error:
            raise BadRequest(str(error)) from None
        return Answer(200)

    def _run_subtask(self, content: dict[str, Any]) -> Held:
        task, arguments = content.get("task_name"), _decoded(content, "input")
        if not isinstance(task, str) or not task:
            raise BadRequest("task_name must be the name of a task")
        if not isinstance(arguments, list | dict):
            raise BadRequest("input must be a list or an object of arguments")
        try:
            call = self._calls.made(content, task, arguments)
        except ValueError as error:
            raise BadRequest(str(error)) from None
        put_back = partial(self._calls.put_back, call)
        not_yet = partial(self._not_yet, task, put_back)
        return Held(call.chained.has_id, partial(self._has_id, call.chained), late=not_yet, gone=put_back)

    def _not_yet(self, task: str, put_back: Callable[[], None]) -> Answer:
        put_back()
        return _problem(_NOT_YET, f"the chained run of '{task}' is not recorded yet: ask again")

    def _has_id(self, chained: Chained) -> Answer:
        if refused := chained.refusal:
            return _problem(_STATUS_OF_REFUSAL.get(refused.error_type, 400), refused.message)
        self._children[chained.run_id] = chained
        return Answer(200, {"task_run_id": chained.run_id})

    def _get_subtask_result(self, content: dict[str, Any]) -> Answer | Held:
        run_id = content.get("task_run_id")
        child = self._children.get(run_id) if isinstance(run_id, str) else None
        if child is None:
            return _problem(404, f"{run_id!r} is no chained run of this attempt")
        says_type = self._agent.startswith(_OUR_TYPESCRIPT)
        if child.ended.is_set:
            return self._ended(child, says_type)
        self._begin_to_wait(child.run_id)
        ended, linger = partial(self._ended, child, says_type), partial(self._linger, child.run_id)
        return Held(child.ended, ended, late=partial(self._still_runs, child.run_id), gone=linger)

    def _still_runs(self, run_id: str) -> Answer:
        self._linger(run_id)
        return Answer(200, {"still_running": True})

    def _ended(self, child: Chained, says_type: bool) -> Answer:
        self._end_wait(child.run_id)
        ended = _ended(child, says_type=says_type)
        if "error" in ended:
            self._failed.setdefault(child.run_id, ended["error"]["details"])
        return Answer(200, {"still_running": False, **ended})

    # --- waiting ---

    def _begin_to_wait(self, run_id: str) -> None:
        if run_id not in self._waits:
            self._host.waiting(+1)
        elif lingering := self._waits[run_id]:
            lingering.cancel()
        self._waits[run_id] = None

    def _linger(self, run_id: str) -> None:
        """The worker may not ask again."""
        if run_id in self._waits:
            self._begin_to_wait(run_id)
            self._waits[run_id] = self._host.call_later(_LINGER_S, partial(self._end_wait, run_id))

    def _end_wait(self, run_id: str) -> None:
        if run_id in self._waits:
            lingering = self._waits.pop(run_id)
            if lingering is not None:
                lingering.cancel()
            self._host.waiting(-1)


def _rehearse() -> None:
    """Go the way of a run once while there is none: the first time costs more."""
    run = wire.Assign(
        type="assign",
        task="",
        input=[],
        run_id="",
        root_run_id="",
        parent_run_id=None,
        attempt=0,
        timeout_s=0,
        traceparent=None,
    )
    http.encode(_given(run), keep=True)
    outcome_of({"complete": {"output": _encoded([1])}}, boxes=True)


def _by_position(task: dict[str, Any]) -> dict[str, Any]:
    return {"parameters": [_SPREAD], "signature": f"{task.get('name')}(...args)", **task}


def _given(assigned: wire.Assign) -> Answer:
    """The assignment as the protocol has it."""
    answer = {
        "task_name": assigned["task"],
        "input": _encoded(assigned["input"] or []),  # TypeScript's SDK spreads it, and nothing can be spread but a list
        "task_run_id": assigned["run_id"],
        "root_task_run_id": assigned["root_run_id"],
        "attempt": assigned["attempt"],
    }
    if assigned["parent_run_id"]:
        answer["parent_task_run_id"] = assigned["parent_run_id"]
    traceparent = assigned.get("traceparent")  # the protocol has no place for it
    return Answer(200, answer, (("traceparent", traceparent),) if traceparent else ())


def outcome_of(content: dict[str, Any], *, boxes: bool = False, child: str = "") -> Outcome:
    """The outcome for what a worker calls back with, whose SDK `boxes` every value in a list. Raises BadRequest.

    `child` is the chained run that an error is about.
    """
    complete, error = content.get("complete"), content.get("error")
    if isinstance(complete, dict):
        return _result(_bytes(complete, "output") if complete.get("output") else b"[]", boxes)
    if isinstance(error, dict):
        return outcome.error(error_of(error)._replace(child=child))
    raise BadRequest("a callback has complete or error")


def _result(output: bytes, boxes: bool) -> Outcome:
    """Python's workers also send what is no JSON (NaN), and would try a refusal again: it is the task's error."""
    try:
        value = _value_of(_loads(output))
        return outcome.result(value, is_boxed=boxes and isinstance(value, list))
    except ValueError as error:
        return outcome.no_result(error)


def _ended(child: Chained, *, says_type: bool) -> dict[str, Any]:
    try:
        return {"complete": {"output": _encoded(as_results(child.result()))}}
    except ChildFailed as failed:
        more = {"type": failed.error_type} if says_type else {}
        return {"error": {"details": failed.message or f"the chained run was {failed.status}", **more}}


def _value_of(results: object) -> object:
    """What the task returned, as far as that can be told: the SDKs send ``[9]`` for 9, and a list as it is."""
    is_one = isinstance(results, list) and len(results) == 1 and not isinstance(results[0], list)
    return results[0] if isinstance(results, list) and is_one else results


def as_results(value: object) -> list[Any]:
    """How an official parent expects a child's value: a list as it is, anything else as the only element of one."""
    return value if isinstance(value, list) else [value]


def error_of(error: dict[str, Any]) -> wire.ErrorInfo:
    """A callback's error as it goes over the wire; a file that may not be written may not be at the next attempt, either."""
    details = str(error.get("details") or "")
    return wire.ErrorInfo(
        kind="task",
        type=json_text.valid(str(error.get("type") or ""))[: wire.TYPE_LIMIT_CHARS],
        message=advised(details),
        traceback=json_text.valid(str(error.get("stack_trace") or ""))[-wire.TRACEBACK_LIMIT_CHARS :],
        retryable=error.get("retryable") is not False and not details.startswith(_READ_ONLY),
    )


def _object(body: bytes) -> dict[str, Any]:
    try:
        content = json_text.loads(body)
    except ValueError as error:
        raise BadRequest(f"the body is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise BadRequest("the body is not a JSON object")
    return content


def _encoded(value: object) -> str:
    return base64.b64encode(json_text.encode(value, levels=wire.FRAME_NESTING_LIMIT)).decode()


def _decoded(content: dict[str, Any], name: str) -> Any:
    try:
        return _loads(_bytes(content, name))
    except ValueError as error:
        raise BadRequest(f"{name} is not base64 of JSON: {error}") from None


def _loads(data: bytes) -> Any:
    """A value, or the list with it as the only element."""
    return json_text.loads(data or b"[]", levels=wire.FRAME_NESTING_LIMIT)


def _bytes(content: dict[str, Any], name: str) -> bytes:
    text = content.get(name)
    if not isinstance(text, str):
        raise BadRequest(f"{name} must be base64 of JSON")
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:  # binascii.Error is one, too
        raise BadRequest(f"{name} is not base64 of JSON: {error}") from None


def _problem(status: int, message: str) -> Answer:
    return Answer(status, {"message": message})
