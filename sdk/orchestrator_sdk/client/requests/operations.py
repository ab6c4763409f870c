from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from orchestrator_sdk.client.models import Operation
from orchestrator_sdk.client.requests.request import Page, Request, encode, pages, present, segment
from orchestrator_sdk.client.requests.runs import RunFilters, wire_filters

if TYPE_CHECKING:
    from typing_extensions import Unpack


def cancel_all(**filters: Unpack[RunFilters]) -> Request[Operation]:
    """Cancel all runs that the filters of `list` find now, at most 10,000; returns at once, and it goes on by itself."""
    return _begin("cancel", filters)


def rerun_all(*, on_version: Literal["same", "current"] = "same", **filters: Unpack[RunFilters]) -> Request[Operation]:
    """Do all runs again that the filters of `list` find now, at most 10,000; returns at once, and it goes on by itself.

    Without a status, these are the runs that have ended. They are done on the version each had, or on the current one.
    """
    return _begin("rerun", filters, version=on_version)


def operation(operation_id: str) -> Request[Operation]:
    """An operation on many runs, and how far it is."""
    return Request("GET", f"/operations/{segment(operation_id)}", Operation.parse)


def operations(*, limit: int | None = None, cursor: str | None = None) -> Request[Page[Operation]]:
    """Operations on many runs, newest first."""
    return pages("/operations", "operation", Operation.parse, {}, limit=limit, cursor=cursor)


def stop_operation(operation_id: str) -> Request[None]:
    """Leave alone the runs that it has not come to yet. Raises ConflictError when it is over."""
    return Request("DELETE", f"/operations/{segment(operation_id)}", lambda _: None)


def _begin(action: str, filters: RunFilters, **more: Any) -> Request[Operation]:
    body = encode({"action": action, "filter": present(wire_filters(filters)), **more})
    return Request("POST", "/operations", Operation.parse, body=body)
