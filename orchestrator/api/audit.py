"""Who changed what: a line for every request that may have changed something, with the name of the key and the answer's status."""

from __future__ import annotations

import logging
import time
from typing import Final

from starlette.types import Scope

from orchestrator_runtime import json_text

LOGGER: Final = "orchestrator.audit"
log = logging.getLogger(LOGGER)


def note(scope: Scope, who: str, status: int) -> None:
    """Write the line; `who` is a key's name, or what was there instead. Nothing of the query or the body is in it."""
    if log.isEnabledFor(logging.INFO):
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        client = scope.get("client") or ("",)
        line = {"at": at, "who": who, "from": client[0], "method": scope["method"], "path": scope["path"]}
        text = json_text.dumps(line | {"status": status})
        # Not log.info, which would look for the line of code: every submit writes one.
        log.handle(log.makeRecord(log.name, logging.INFO, __file__, 0, text, (), None))
