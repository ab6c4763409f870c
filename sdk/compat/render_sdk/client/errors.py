"""The official names of our errors; `RenderError` is the base of all."""

from __future__ import annotations

from orchestrator_sdk.errors import OrchestratorError as RenderError
from orchestrator_sdk.errors import RateLimitError, ServerError, TaskRunError
from orchestrator_sdk.errors import RequestError as ClientError
from orchestrator_sdk.errors import WaitTimeoutError as TimeoutError

__all__ = ["ClientError", "RateLimitError", "RenderError", "ServerError", "TaskRunError", "TimeoutError"]
