"""Ids of runs as people give them: whole, or as much of the beginning as is no other's."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final

from orchestrator.cli import exit_codes
from orchestrator.cli.errors import CliError
from orchestrator_sdk.errors import NotFoundError

if TYPE_CHECKING:
    from orchestrator_sdk.client import Client

_PREFIX: Final = "trn-"
_DIGITS: Final = 20
_BEGINNING: Final = re.compile(rf"(?:{_PREFIX})?([0-9a-v]{{1,{_DIGITS - 1}}})")


def whole(api: Client, text: str) -> str:
    """The one id that begins so; the text itself where no run's does. Raises CliError when several do."""
    found = _BEGINNING.fullmatch(text)
    if found is None:
        return text
    begins = _PREFIX + found[1]
    try:
        ids = [run.id for run in islice(api.list(limit=2, id_prefix=begins), 2) if run.id.startswith(begins)]
    except NotFoundError:
        ids = []
    if len(ids) > 1:
        raise CliError(f"several runs begin with {text}: {', '.join(ids)}", "give more of the id", exit_codes.USAGE)
    return ids[0] if ids else text
