"""What a deploy registers: checked task definitions."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

from orchestrator.core.container.network import EVERYWHERE, Reach, read_reach
from orchestrator.core.plans import DEFAULT_PLAN, PLANS
from orchestrator.core.runs.retry import DEFAULT_BACKOFF_SCALING, DEFAULT_RETRY, RetryPolicy
from orchestrator_runtime.wire import TASKS_LIMIT, ParameterKind, WarmMode

DEFAULT_TIMEOUT_S: Final = 7_200
MIN_TIMEOUT_S: Final = 30
MAX_TIMEOUT_S: Final = 86_400
MAX_RETRIES: Final = 1_000
MAX_WARM: Final = 100
TEXT_LIMIT_CHARS: Final = 4 * 1024
"""Of a signature or the name of a type; they are shown, and mean nothing to the orchestrator."""
SCHEMA_LIMIT_CHARS: Final = 64 * 1024
NO_TASKS: Final = "no tasks were registered"
_SHOWN_CHARS: Final = 128
_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,127}")


class InvalidTasks(ValueError):  # noqa: N818
    """The registered tasks break a rule; `problems` has one sentence for each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a task; what is None is unknown. `kind` is Python's word for how it is given.

    Where it `is_checked`, values that do not fit its schema may be refused before the task sees them.
    """

    name: str
    type: str | None
    has_default: bool
    default_json: str | None
    kind: ParameterKind | None = None
    schema_json: str | None = None
    is_checked: bool = False


@dataclass(frozen=True, slots=True)
class Warm:
    """Whether containers are started ahead for a task, and how many wait at least, also while nobody asks for it."""

    mode: WarmMode = "imported"
    minimum: int = 0

    @property
    def is_on(self) -> bool:
        """Whether any are."""
        return self.mode != "off"


DEFAULT_WARM: Final = Warm()


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """A task of a version, with every default resolved; `signature` is None where calls need not bind to the parameters.

    Where it `is_open`, a call may have fewer arguments, and more by position. `network` are the places that its runs may reach.
    """

    id: str
    name: str
    plan: str
    timeout_s: int
    retry: RetryPolicy
    parameters: tuple[Parameter, ...]
    signature: str | None = None
    warm: Warm = DEFAULT_WARM
    network: Reach = EVERYWHERE
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class TaskDraft:
    """A checked task that has no id yet."""

    name: str
    plan: str
    timeout_s: int
    retry: RetryPolicy
    parameters: tuple[Parameter, ...]
    signature: str | None = None
    warm: Warm = DEFAULT_WARM
    network: Reach = EVERYWHERE
    is_open: bool = False


def check(definitions: object, warm: Warm = DEFAULT_WARM, network: Reach = EVERYWHERE) -> tuple[TaskDraft, ...]:
    """The tasks a container announced, checked and with defaults filled in; `warm`, `network` are what the workflow says of all.

    `definitions` is untrusted and should be a list in the shape of `wire.TaskDefinition`. Raises InvalidTasks with every problem.
    """
    if not isinstance(definitions, list) or not definitions:
        raise InvalidTasks([NO_TASKS])
    if len(definitions) > TASKS_LIMIT:
        raise InvalidTasks([f"{len(definitions)} tasks were registered; a workflow may have at most {TASKS_LIMIT}"])
    problems: list[str] = []
    drafts = tuple(_check_one(definition, warm, network, problems) for definition in definitions)
    problems += _duplicates([draft.name for draft in drafts])
    if problems:
        raise InvalidTasks(problems)
    return drafts


def _check_one(definition: object, warm: Warm, network: Reach, problems: list[str]) -> TaskDraft:
    fields = definition if isinstance(definition, dict) else {}
    name = fields.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        problems.append(
            f"task name {_shown(name)} is not usable: use letters, digits, '_', '-' and '.', at most 128 of them"
        )
        name = str(name)[:_SHOWN_CHARS]
    options = fields.get("options")
    options = options if isinstance(options, dict) else {}
    parameters = _parameters(fields.get("parameters"))
    return TaskDraft(
        name=name,
        plan=_plan(name, options, problems),
        timeout_s=_timeout_s(name, options, problems),
        retry=_retry(name, options, problems),
        parameters=parameters,
        signature=_text(fields.get("signature")) if all(one.kind for one in parameters) else None,
        warm=read_warm(f"task '{name}': ", options, warm, problems),
        network=read_network(f"task '{name}': ", options, network, problems),
        is_open=fields.get("is_open") is True,
    )


def _plan(task: str, options: Mapping[str, Any], problems: list[str]) -> str:
    plan = options.get("plan") or DEFAULT_PLAN
    if not isinstance(plan, str) or plan not in PLANS:
        problems.append(f"task '{task}': unknown plan {_shown(plan)}; the plans are {', '.join(PLANS)}")
    return str(plan)


def _timeout_s(task: str, options: Mapping[str, Any], problems: list[str]) -> int:
    timeout_s = options.get("timeout_seconds") or DEFAULT_TIMEOUT_S
    if not _is_number(timeout_s) or not MIN_TIMEOUT_S <= timeout_s <= MAX_TIMEOUT_S:
        problems.append(
            f"task '{task}': timeout_seconds is {_shown(timeout_s)}; it must be from {MIN_TIMEOUT_S} to {MAX_TIMEOUT_S} seconds"
        )
        return DEFAULT_TIMEOUT_S
    return int(timeout_s)


def _retry(task: str, options: Mapping[str, Any], problems: list[str]) -> RetryPolicy:
    retry = options.get("retry")
    if retry is None:
        return DEFAULT_RETRY
    if not isinstance(retry, dict):
        problems.append(
            f"task '{task}': retry is {_shown(retry)}; give Retry(max_retries, wait_duration_ms, backoff_scaling)"
        )
        return DEFAULT_RETRY
    if "factor" in retry:  # its name in the official SDKs, and in images built earlier
        retry = {"backoff_scaling": retry["factor"], **retry}
    return RetryPolicy(
        max_retries=int(_in_range(task, retry, "max_retries", DEFAULT_RETRY.max_retries, MAX_RETRIES, problems)),
        wait_duration_ms=int(
            _in_range(task, retry, "wait_duration_ms", DEFAULT_RETRY.wait_duration_ms, MAX_TIMEOUT_S * 1000, problems)
        ),
        backoff_scaling=float(_in_range(task, retry, "backoff_scaling", DEFAULT_BACKOFF_SCALING, 100, problems)),
    )


def read_warm(whose: str, options: Mapping[str, Any], default: Warm, problems: list[str]) -> Warm:
    """What `warm` and `warm_min` say; who only says how many wants them imported. What is wrong is added to `problems`."""
    minimum = options.get("warm_min")
    mode = options.get("warm") or (default.mode if minimum is None else "imported")
    minimum = default.minimum if minimum is None else minimum
    if mode not in get_args(WarmMode):
        problems.append(f"{whose}warm is {mode!r}; it must be {' or '.join(get_args(WarmMode))}")
    elif not isinstance(minimum, int) or isinstance(minimum, bool) or not 0 <= minimum <= MAX_WARM:
        problems.append(f"{whose}warm_min is {minimum!r}; it must be a whole number from 0 to {MAX_WARM}")
    else:
        return Warm(mode, minimum if mode != "off" else 0)
    return default


def read_network(whose: str, options: Mapping[str, Any], default: Reach, problems: list[str]) -> Reach:
    """What `network` says. What is wrong is added to `problems`."""
    try:
        return read_reach(options.get("network"), default)
    except ValueError as error:
        problems.append(f"{whose}network is {_shown(options['network'])}; {error}")
        return default


def _in_range(
    task: str, retry: Mapping[str, Any], field: str, default: float, maximum: float, problems: list[str]
) -> float:
    value = retry.get(field)
    if value is None:
        return default
    if not _is_number(value) or not 0 <= value <= maximum:
        problems.append(f"task '{task}': retry {field} is {_shown(value)}; it must be a number from 0 to {maximum}")
        return default
    return float(value)


def _shown(value: object) -> str:
    """What was given, as far as a person needs to see it."""
    text = repr(value)
    return text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}…"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _parameters(listed: object) -> tuple[Parameter, ...]:
    if not isinstance(listed, list):
        return ()
    return tuple(
        Parameter(
            name=_text(str(one.get("name"))) or "",
            type=_text(one.get("type")),
            has_default=bool(one.get("has_default")),
            default_json=_text(one.get("default_value"), SCHEMA_LIMIT_CHARS),
            kind=one["kind"] if one.get("kind") in get_args(ParameterKind) else None,
            schema_json=_schema(one.get("schema")),
            is_checked=one.get("is_checked") is True,
        )
        for one in listed
        if isinstance(one, dict)
    )


def _schema(listed: object) -> str | None:
    """The parameter's JSON Schema as text; None for what is none, or too long to show."""
    if not isinstance(listed, dict):
        return None
    try:
        text = json.dumps(listed, separators=(",", ":"))
    except RecursionError:
        return None
    return text if len(text) <= SCHEMA_LIMIT_CHARS else None


def _text(listed: object, limit_chars: int = TEXT_LIMIT_CHARS) -> str | None:
    """Text that can be stored: cut, and halves of characters spelled out; None for what is no text."""
    if not isinstance(listed, str):
        return None
    return listed[:limit_chars].encode(errors="backslashreplace").decode()


def _duplicates(names: Sequence[str]) -> list[str]:
    twice = sorted({name for name in names if names.count(name) > 1})
    return [f"task '{name}' is registered more than once; give one of them another name" for name in twice]
