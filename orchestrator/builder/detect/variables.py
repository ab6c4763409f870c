"""The variables a repo says its tasks need; what the workflow has outranks them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from orchestrator.builder.errors import BadSource


@dataclass(frozen=True, slots=True)
class Variables:
    """`values` hold unless the workflow has others; `generated` get a random value once; `required` must be set.

    Of the last each has who says so.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    generated: tuple[str, ...] = ()
    required: Mapping[str, str] = field(default_factory=dict)

    def requiring(self, names: Mapping[str, str]) -> Variables:
        """The same with more that must be set."""
        return Variables(self.values, self.generated, {**self.required, **names})

    def check(self, env: Mapping[str, str]) -> None:
        """Raises BadSource when `env`, the workflow's, lacks what must be set."""
        known = {*env, *self.values, *self.generated}
        missing = {name: why for name, why in self.required.items() if name not in known}
        if missing:
            wanted = "; ".join(f"{name} ({why})" for name, why in missing.items())
            raise BadSource(
                f"variables that must be set are not: {wanted}. Set each with `orchestrator env set WORKFLOW NAME`, or give the "
                "deploy an --env-file"
            )


NO_VARIABLES: Final = Variables()
