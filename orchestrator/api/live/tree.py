"""A run's whole tree in one answer, for a page that shows thousands of runs at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response
from pydantic_core import to_json

from orchestrator.api import schemas
from orchestrator.api.deps import Services, ServicesDep
from orchestrator.api.live import rows
from orchestrator.api.requests.paging import id_cursor
from orchestrator.api.responses import encode, json_response
from orchestrator.api.slugs import Slugs, SlugsDep
from orchestrator.core.runs.run import Run
from orchestrator.core.runs.summary import Summary
from orchestrator.core.runs.tree import first_failure, path
from orchestrator.store import ids
from orchestrator.store.runs.trees import Members

router = APIRouter(tags=["task runs"])

PAGE: Final = 10_000
_LOOKED_THROUGH: Final = 1_000
"""Of the failed runs that are not on the page, so many are looked at for the first failure."""


@router.get("/v1/task-runs/{taskRunId}/tree", response_model=schemas.TreeWithRows)
async def get_tree(
    taskRunId: str,  # noqa: N803
    services: ServicesDep,
    slugs: SlugsDep,
    fromRoot: Annotated[bool, Query()] = False,  # noqa: N803
    cursor: Annotated[str | None, Query()] = None,
) -> Response:
    """A run and all below it, up to 10,000 at once; what changes after it comes from `/v1/changes`, from `asOf` on.

    With `fromRoot` it is the whole tree that the run is in.
    """
    run, after = await services.runs.get(taskRunId), id_cursor(cursor, ids.RUN)
    if fromRoot and run.id != run.root_id:
        run = await services.runs.get(run.root_id)
    as_of = await services.feed.newest_id()
    members = await services.trees.members(run)
    left = [run_id for run_id in members.ids() if after is None or run_id > after]
    page = await _page(services, slugs, run, left[:PAGE], members.statuses())
    shape = schemas.Tree(
        root=run.root_id,
        columns=list(rows.COLUMNS),
        tasks=list(page.tasks),
        counts=members.counts(),
        first_failure=await _first_failure(services, slugs, run, members, page) if after is None else None,
        cursor=left[PAGE - 1] if len(left) > PAGE else None,
        as_of=as_of,
        waits_for=await services.runs.queue.why() if members.by_status["pending"] else None,
        notes=await _notes(services, page),
    )
    return json_response(encode(shape, runs=f"[{','.join(page.parts)}]"))


@dataclass(slots=True)
class _Page:
    """Rows as JSON text in parts, what they are made of by id, and the numbers of rows and of tasks; a tree is of one workflow."""

    top_id: str
    slug: str | None
    parts: list[str] = field(default_factory=list)
    known: dict[str, Summary] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    tasks: dict[str, int] = field(default_factory=dict)

    def add(self, found: list[Summary]) -> None:
        """The next rows."""
        if cells := [self._cells(row) for row in found]:
            self.parts.append(to_json(cells)[1:-1].decode())

    def _cells(self, row: Summary) -> list[Any]:
        above = row.parent_id if row.id != self.top_id else None
        parent = -1 if above is None else self.numbers.get(above, above)
        self.numbers[row.id] = len(self.numbers)
        self.known[row.id] = row
        return rows.cells(row, parent, self.tasks.setdefault(rows.task_name(row, self.slug), len(self.tasks)))


async def _page(services: Services, slugs: Slugs, run: Run, run_ids: list[str], statuses: Mapping[str, str]) -> _Page:
    page = _Page(run.id, await slugs.find(run.workflow_id))
    async for found in services.trees.summaries(run_ids, statuses):
        page.add(found)
    return page


async def _notes(services: Services, page: _Page) -> dict[str, schemas.RowNote] | None:
    """By the number of the row, for those that have one."""
    await services.trees.progress(page.known.values())
    now_ms = services.now_ms()
    noted = ((number, rows.note(row, now_ms)) for number, row in enumerate(page.known.values()))
    return {str(number): schemas.RowNote.model_validate(note) for number, note in noted if note} or None


async def _first_failure(
    services: Services, slugs: Slugs, run: Run, members: Members, page: _Page
) -> schemas.FirstFailure | None:
    known = dict(page.known)
    elsewhere = [run_id for run_id in members.by_status["failed"] if run_id not in known]
    async for found in services.trees.summaries(elsewhere[:_LOOKED_THROUGH], {}):
        known |= {row.id: row for row in found}
    first = first_failure(run.id, known)
    if first is None or first.failure is None:
        return None
    while (above := path(run.id, first.id, known)[0]) not in known:
        async for found in services.trees.summaries([above], {}):
            known |= {row.id: row for row in found}
        if above not in known:
            break
    return schemas.FirstFailure(
        path=path(run.id, first.id, known),
        task_run_id=first.id,
        task=rows.task_name(first, await slugs.find(first.workflow_id)),
        attempt=first.attempts - 1 if first.attempts else None,
        type=first.failure.type,
        message=first.failure.message,
    )
