"""Where the SDK finds the shim: the one module both know, in one process."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Future
    from typing import Any, NoReturn, Protocol

    from orchestrator_runtime.wire import TaskDefinition

    class App(Protocol):
        """What ``app.start()`` hands over."""

        def definitions(self) -> list[TaskDefinition]:
            """The registered tasks as they go over the wire."""

        def call(self, task: str, arguments: list[Any] | dict[str, Any], context: dict[str, Any]) -> Any:
            """Call the task's function; an awaitable for an async one. Raises KeyError for an unknown name.

            ``context`` has run_id, root_run_id, parent_run_id, attempt and traceparent.
            """

    class Host(Protocol):
        """What the shim gives to the SDK while user code is in charge of the main thread."""

        def serve(self, app: App) -> NoReturn:
            """Announce the tasks, run the one assignment and end the process."""

        def start_child(self, task: str, arguments: list[Any] | dict[str, Any]) -> Future[Any]:
            """Ask for a chained run; the future ends with its value, or with ChildFailed. Safe from any thread."""

        def waiting(self, delta: int) -> None:
            """Tell that one more (+1) or one fewer (-1) chained run is being awaited."""

        def annotate(
            self,
            *,
            tags: Sequence[str] = (),
            metadata: Mapping[str, Any] | None = None,
            progress: tuple[float | None, str] | None = None,
        ) -> None:
            """Say something about the run: tags to add, metadata to set (None takes a key away), how far it is."""


class ChildFailed(Exception):  # noqa: N818
    """A chained run did not complete; the SDK turns it into its own TaskRunError."""

    def __init__(self, run_id: str, status: str, error_type: str, message: str) -> None:
        super().__init__(message)
        self.run_id = run_id
        self.status = status
        self.error_type = error_type
        self.message = message


current: Host | None = None
"""The shim while it runs user code; None anywhere else."""
