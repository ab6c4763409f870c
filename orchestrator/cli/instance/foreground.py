"""The orchestrator in the foreground: a live status on a terminal, log lines elsewhere."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import logging.handlers
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.api import audit
from orchestrator.app.data_dir import DataDir
from orchestrator.cli.errors import CliError
from orchestrator.cli.instance.json_lines import JsonLines
from orchestrator.cli.views import output
from orchestrator.cli.views.status_screen import StatusScreen
from orchestrator.core.plans import GIB, MIB
from orchestrator_sdk.client.address import Address

if TYPE_CHECKING:
    from rich.console import Console

    from orchestrator.app.instance import Running
    from orchestrator.app.settings import Settings

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_LIMIT_BYTES = 16 * MIB
_FILES = 3
"""Older ones, beside the one that is written to."""
_NOISY = ("httpx", "httpcore", "urllib3", "docker", "asyncio", "uvicorn")
log = logging.getLogger("orchestrator")


def serve(settings: Settings) -> None:
    """Run until Ctrl-C or SIGTERM. Raises CliError."""
    console = output.err()
    _log_to(console, settings)
    _keep_audit(DataDir(settings.data_dir))
    with contextlib.ExitStack() as shown:
        shown.enter_context(output.waiting("Starting the orchestrator", console))
        from orchestrator.app import composition

        try:
            asyncio.run(composition.serve(settings, lambda ready: _on_ready(settings, ready, console, shown)))
        except composition.StartError as error:
            raise CliError(str(error)) from error
    log.info("stopped; containers that run go on")


def _on_ready(settings: Settings, ready: Running, console: Console, shown: contextlib.ExitStack) -> None:
    shown.close()
    gc.freeze()  # what is there by now stays: collections need not look at it again
    log.info("serving %s for instance %s", ready.url, ready.context.instance)
    if console.is_terminal:
        shown.enter_context(_screen(settings, ready, console))


@contextlib.contextmanager
def _screen(settings: Settings, ready: Running, console: Console) -> Iterator[None]:
    certificate = str(DataDir(settings.data_dir).certificate_path) if settings.tls_cert else ""
    screen = StatusScreen(Address(ready.url, ready.api_key or "", certificate), _facts(settings, ready), console)
    screen.start()
    try:
        yield
    finally:
        screen.stop()


def _facts(settings: Settings, ready: Running) -> dict[str, str]:
    capacity = ready.capacity
    key = str(DataDir(settings.data_dir).api_key_path) if ready.api_key else "none needed: started with --no-auth"
    return {"API key": key, "capacity": f"{capacity.cpu_millis / 1000:g} CPUs, {capacity.memory_bytes / GIB:.3g} GiB"}


def _log_to(console: Console, settings: Settings) -> None:
    """Log lines go above the live status; without a terminal, or as JSON, plainly to stderr."""
    level = settings.log_level.upper()
    plain = _plain_handler(DataDir(settings.data_dir).log_path)
    if settings.log_format == "json":
        plain.setFormatter(JsonLines())
        logging.basicConfig(level=level, handlers=[plain], force=True)
    elif console.is_terminal:
        from rich.logging import RichHandler

        handler = RichHandler(console=console, show_path=False, markup=False)
        logging.basicConfig(level=level, format="%(message)s", datefmt="[%X]", handlers=[handler], force=True)
    else:
        logging.basicConfig(level=level, format=_FORMAT, handlers=[plain], force=True)
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


def _plain_handler(log_path: Path) -> logging.Handler:
    """Writes to stderr; where that is the log of a detached orchestrator, to files that are bounded."""
    try:
        is_own = os.path.samestat(log_path.stat(), os.fstat(sys.stderr.fileno()))
    except (OSError, ValueError):
        is_own = False
    return _bounded(log_path) if is_own else logging.StreamHandler(sys.stderr)


def _bounded(path: Path) -> logging.Handler:
    return logging.handlers.RotatingFileHandler(path, maxBytes=_LIMIT_BYTES, backupCount=_FILES, delay=True)


def _keep_audit(data_dir: DataDir) -> None:
    """Who changed what goes to a file of its own, which is bounded, too."""
    handler = _bounded(data_dir.audit_path)
    logger = logging.getLogger(audit.LOGGER)
    logger.propagate = False
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
