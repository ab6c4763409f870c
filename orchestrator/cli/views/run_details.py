"""One run, in full."""

from __future__ import annotations

from typing import Any, Final

from orchestrator.cli.views import forensics, output, state, times
from orchestrator.cli.views.run_tree import Node, first_failure, render
from orchestrator.core.text import harmless

_SHOWN_CHARS: Final = 2_000


def show(node: Node) -> None:
    """Print the run, for people."""
    run = node.run
    output.out().print(render(node, named=True), soft_wrap=False)
    for name, value in _facts(run) + _first_failure(node):
        output.out().print(f"[dim]{name:<9}[/]", end="")
        output.text(value)
    for attempt in run.get("attempts") or ():
        _show_attempt(attempt)
    if traceback := (run.get("failure") or {}).get("traceback"):
        output.text(traceback.rstrip())


def _facts(run: dict[str, Any]) -> list[tuple[str, str]]:
    parent = run.get("parentTaskRunId")
    facts = [("run", run["id"]), ("task", state.task_name(run)), ("version", run.get("workflowVersionId") or "")]
    facts += [("parent", parent or ""), ("created", run.get("createdAt") or ""), ("input", _json(run["input"]))]
    facts += [
        ("tags", ", ".join(run.get("tags") or ())),
        ("metadata", _json(run["metadata"]) if run.get("metadata") else ""),
        ("progress", _progress(run.get("progress") or {})),
        ("waits for", run.get("waitsFor") or ""),
        ("result", _json(state.result(run)) if run["status"] in state.SUCCESS else ""),
        ("error", state.error(run)),
    ]
    return [(name, value) for name, value in facts if value]


def _progress(progress: dict[str, Any]) -> str:
    fraction = progress.get("fraction")
    return " · ".join(part for part in ("" if fraction is None else f"{fraction:.0%}", progress.get("message")) if part)


def _first_failure(node: Node) -> list[tuple[str, str]]:
    """Where another run's failure is the reason: which, in its own words."""
    first = first_failure(node)
    if first is None or first is node:
        return []
    attempts = first.run.get("attempts") or ()
    attempt = state.attempt(attempts[-1]["attempt"]) if attempts else ""
    error = state.error(first.run).strip().partition("\n")[0]
    where = " ".join(part for part in (state.task_name(first.run), first.run["id"], attempt) if part)
    return [("cause", f"{where}: {error}" if error else where)]


def _json(value: Any) -> str:
    text = output.as_json(value)
    if len(text) <= _SHOWN_CHARS:
        return text
    return f"{text[:_SHOWN_CHARS]} … ({len(text):,} characters; --json prints all)"


def _show_attempt(attempt: dict[str, Any]) -> None:
    console = output.out()
    head = f"[dim]{state.attempt(attempt['attempt'])}[/] {state.word(attempt['status'])}  {times.run_time(attempt)}"
    console.print(head.rstrip())
    if error := state.error(attempt):
        console.print(harmless(error), markup=False, style="dim")
    for line in forensics.lines(attempt):
        console.print(harmless(f"  {line}"), markup=False, style="dim")
