"""Settings from options and the environment, and back to the environment of a child process."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestrator.cli import exit_codes
from orchestrator.cli.errors import CliError

if TYPE_CHECKING:
    from orchestrator.app.settings import Settings

_PREFIX = "ORCHESTRATOR_"


def read(data_dir: Path, given: Mapping[str, Any]) -> Settings:
    """Options that were given (not None), then the environment, then defaults. Raises CliError."""
    from pydantic import ValidationError

    from orchestrator.app.settings import Settings

    try:
        return Settings(data_dir=data_dir, **{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        raise CliError(
            f"the setting {name} cannot be {first['input']!r}: {first['msg']}",
            f"it comes from --{name.replace('_', '-')} or {_PREFIX}{name.upper()}",
            exit_codes.USAGE,
        ) from error


def environment(settings: Settings) -> dict[str, str]:
    """The variables that make a child process read the same settings."""
    chosen = settings.model_dump(mode="json", exclude_unset=True, exclude_none=True)
    return {f"{_PREFIX}{name.upper()}": str(value) for name, value in chosen.items()}
