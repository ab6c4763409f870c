"""Types that pydantic knows how to check: it is asked, in the version the user's image has."""

from __future__ import annotations

import json
import sys
import typing
from typing import Any

from orchestrator_sdk import hints
from orchestrator_sdk.conversion.converter import Converter, Mismatch

_MODULES = ("pydantic", "pydantic_extra_types", "annotated_types")


class Validated(Converter):
    """A value by pydantic's rules for JSON."""

    converts = True

    def __init__(self, annotation: Any) -> None:
        from pydantic import TypeAdapter

        self._adapter: TypeAdapter[Any] = TypeAdapter(annotation)
        super().__init__(self._schema(), f"what {hints.describe(annotation)} takes")

    def parse(self, value: Any) -> Any:
        try:
            return self._adapter.validate_json(json.dumps(value))
        except ValueError as error:
            raise Mismatch(f"{self.expected} ({_reasons(error)})", value) from None

    def _schema(self) -> dict[str, Any]:
        try:
            return self._adapter.json_schema()
        except Exception:  # a type may be checked that no schema describes
            return {}


class Validated1(Converter):
    """A model of pydantic 1."""

    converts = True

    def __init__(self, cls: Any) -> None:
        super().__init__(cls.schema(ref_template="#/$defs/{model}"), f"what {cls.__name__} takes")
        self._cls = cls

    def parse(self, value: Any) -> Any:
        try:
            return self._cls.parse_obj(value)
        except ValueError as error:
            raise Mismatch(f"{self.expected} ({_reasons(error)})", value) from None


def of_pydantic(annotation: Any) -> Converter | None:
    """The converter of a type that pydantic can check and JSON alone does not say. Raises what pydantic raises for others."""
    if "pydantic" not in sys.modules:
        return None
    if hasattr(annotation, "__get_pydantic_core_schema__") or hasattr(annotation, "__pydantic_validator__"):
        return Validated(annotation)
    if hasattr(annotation, "parse_obj") and hasattr(annotation, "__fields__"):
        return Validated1(annotation)
    return Validated(annotation) if _has_constraints(annotation) else None


def _has_constraints(annotation: Any) -> bool:
    """Whether it is ``Annotated[..., Field(gt=0)]`` or the like."""
    if typing.get_origin(annotation) is not typing.Annotated:
        return False
    kinds = [type(one).__module__.partition(".")[0] for one in annotation.__metadata__]
    return any(kind in _MODULES for kind in kinds)


def _reasons(error: Any) -> str:
    """What is wrong, field by field."""
    if not callable(getattr(error, "errors", None)):
        return str(error)
    return "; ".join(f"{'.'.join(map(str, one['loc'])) or 'it'}: {one['msg']}" for one in error.errors())
