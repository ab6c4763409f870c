"""How a run's state looks."""

from __future__ import annotations

from typing import Any, Final

SUCCESS: Final = frozenset({"completed", "succeeded"})
TERMINAL: Final = SUCCESS | {"failed", "canceled"}

_STYLES: Final = {
    "pending": ("○", "dim"),
    "running": ("●", "cyan"),
    "completed": ("✓", "green"),
    "succeeded": ("✓", "green"),
    "failed": ("✗", "red"),
    "canceled": ("⊘", "yellow"),
}


def mark(status: str) -> str:
    """One coloured sign."""
    sign, style = _STYLES.get(status, ("?", "dim"))
    return f"[{style}]{sign}[/]"


def word(status: str) -> str:
    """The coloured sign and word."""
    _, style = _STYLES.get(status, ("?", "dim"))
    return f"{mark(status)} [{style}]{status}[/]"


def task_name(run: dict[str, Any]) -> str:
    """The task as it is started, workflow/task; of a deleted workflow only its own name is left."""
    return str(run.get("taskSlug") or run.get("task") or run["taskId"])


def attempt(number: int) -> str:
    """As people count them, from 1; the API, and so all JSON, counts from 0."""
    return f"attempt {number + 1}"


def error(run: dict[str, Any]) -> str:
    """Why it failed, the exception's type included; empty when it did not."""
    failure = run.get("failure") or {}
    message = str(run.get("error") or failure.get("message") or "")
    kind = failure.get("type") or ""
    return message if not kind or message.startswith(kind) else f"{kind}: {message}"


def result(run: dict[str, Any]) -> Any:
    """What the task of a completed run returned: the API wraps whatever is no list in one, and TypeScript's void is none."""
    if run.get("resultIsList"):
        return run["results"]
    return run["results"][0] if run["results"] else None
