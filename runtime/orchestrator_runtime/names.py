"""Names in a container's environment and places in it: all of the wire that its first lines need.

Nothing is imported here, for a program beside the shim is not to wait for that. Others find these names in `wire`.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing's own would be 10 ms of CPU
if TYPE_CHECKING:
    from typing import Final

# --- environment of the container's first process; the shim removes them all before user code is loaded ---

ENV_CHANNEL_URL: Final = "ORCHESTRATOR_CHANNEL_URL"
"""``unix:///run/orchestrator/channel.sock`` or ``redis://host:port``."""
ENV_CHANNEL_USER: Final = "ORCHESTRATOR_CHANNEL_USER"
ENV_CHANNEL_PASSWORD: Final = "ORCHESTRATOR_CHANNEL_PASSWORD"
ENV_STREAM_IN: Final = "ORCHESTRATOR_STREAM_IN"
ENV_STREAM_OUT: Final = "ORCHESTRATOR_STREAM_OUT"
ENV_ENTRY_POINT: Final = "ORCHESTRATOR_ENTRY_POINT"
"""The start command: ``main.py``, ``module:app``, ``python -m pkg``, ``render-workflows module:app``, or any program."""
ENV_MODE: Final = "ORCHESTRATOR_MODE"

ENV_TRACEPARENT: Final = "TRACEPARENT"
"""The span user code works in, under the name that OpenTelemetry's tools look for; set with the assignment."""
ENV_WORKER_MODE: Final = "RENDER_SDK_MODE"
ENV_WORKER_SOCKET: Final = "RENDER_SDK_SOCKET_PATH"
"""What the official SDKs look for: the names are theirs, and user code sees them."""

# --- places inside the container ---

HOME_DIR: Final = "/opt/orchestrator"
"""Where the shim (``runtime/``), the SDK (``sdk/``) and the compatibility package (``compat/``) are baked in."""
APP_DIR: Final = "/app"
VENV_DIR: Final = "/opt/venv"
CHANNEL_DIR: Final = "/run/orchestrator"
"""The channel socket's directory is mounted here: a directory, because a mounted socket file dies with its server."""
CHANNEL_SOCKET: Final = f"{CHANNEL_DIR}/channel.sock"

SHIM_COMMAND: Final = (f"{VENV_DIR}/bin/python", "-S", f"{HOME_DIR}/runtime/orchestrator_runtime/__main__.py")
"""``-S``: no ``sitecustomize`` and no ``.pth`` file runs before the shim does, and what Python's own variables say counts."""

EXIT_BAD_ENVIRONMENT: Final = 122
"""The shim was started without its environment: only possible by hand."""
