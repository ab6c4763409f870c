"""From annotations to converters and JSON Schemas."""

from __future__ import annotations

import collections
import collections.abc
import sys
import typing
from collections.abc import Callable, Mapping
from typing import Any, Final

from orchestrator_sdk import hints
from orchestrator_sdk.conversion.containers import Entries, IntKey, Items, OneOf, Row, union_schema
from orchestrator_sdk.conversion.converter import Converter
from orchestrator_sdk.conversion.pydantic_types import of_pydantic
from orchestrator_sdk.conversion.records import Keys, Record
from orchestrator_sdk.conversion.scalars import PLAIN, Choice, scalar
from orchestrator_sdk.generics import TYPE_CHECKING

if TYPE_CHECKING:
    pass

_WRAPPERS: Final = ("Required", "NotRequired", "ReadOnly", "Final", "ClassVar", "Unpack")
_LISTS: Final = (
    list,
    collections.abc.Sequence,
    collections.abc.MutableSequence,
    collections.abc.Iterable,
    collections.abc.Collection,
)
_DICTS: Final = (dict, collections.abc.Mapping, collections.abc.MutableMapping)
_MADE: Final[dict[Any, Callable[[list[Any]], Any]]] = {
    set: set,
    frozenset: frozenset,
    collections.abc.Set: set,
    collections.abc.MutableSet: set,
    collections.deque: collections.deque,
}
_AWAITABLES: Final = (collections.abc.Awaitable, collections.abc.Coroutine)
_ANYTHING: Final = Converter({})


class AnnotationReader:
    """Makes converters of the annotations that one module's names stand for.

    `unknown` collects what cannot be made of JSON, as texts; `definitions` the schemas that others refer to.
    """

    def __init__(self, names: dict[str, Any]) -> None:
        self._names = names
        self._local: Mapping[str, Any] = {}
        self._records: dict[Any, Converter] = {}
        self.definitions: dict[str, Any] = {}
        self.unknown: list[str] = []

    def read(self, annotation: Any) -> Converter:
        """The converter of an annotation; one that lets everything through where it cannot be made."""
        found = self._unwrap(hints.resolve(annotation, self._names, self._local))
        plain = PLAIN.get(found) if _is_hashable(found) else None
        if plain is not None or isinstance(found, typing.TypeVar):
            return plain or _ANYTHING
        if found is not annotation:
            return self.read(found)
        return self._of_pydantic(found) or self._of_form(found) or self._of_class(found) or self._give_up(found)

    def schema(self, converter: Converter) -> dict[str, Any]:
        """The converter's schema with all it refers to."""
        return {**converter.schema, **({"$defs": self.definitions} if self.definitions else {})}

    def _unwrap(self, found: Any) -> Any:
        """The annotation without what says nothing about its values' type."""
        if hasattr(found, "__supertype__"):
            return found.__supertype__  # NewType
        if type(found).__name__ == "TypeAliasType":
            return found.__value__
        if type(found).__name__ == "InitVar":
            return found.type
        origin, arguments = typing.get_origin(found), typing.get_args(found)
        if getattr(origin, "_name", "") in _WRAPPERS:
            return arguments[0]
        return arguments[-1] if origin in _AWAITABLES else found

    def _of_pydantic(self, found: Any) -> Converter | None:
        try:
            converter = of_pydantic(found)
        except Exception:  # pydantic's own words for a type it does not know differ from version to version
            return self._give_up(found)
        if converter is not None:
            schema = dict(converter.schema)
            self.definitions.update(schema.pop("$defs", {}))
            converter.schema = schema
        return converter

    def _of_form(self, found: Any) -> Converter | None:
        """Of a union, a literal, or a container with arguments."""
        members = hints.union_members(found)
        if len(members) > 1:
            return self._union([self.read(one) for one in members])
        origin, arguments = typing.get_origin(found), typing.get_args(found)
        if origin is typing.Annotated:
            return self.read(arguments[0])
        if origin is typing.Literal:
            return self._literal(arguments)
        return self._of_container(origin or found, arguments) if _is_hashable(found) else None

    def _union(self, members: list[Converter]) -> Converter:
        if any(one.converts for one in members):
            return OneOf(members)
        return Converter(union_schema(members) if all(one.schema for one in members) else {})

    def _literal(self, values: tuple[Any, ...]) -> Converter:
        choice = Choice(values)
        is_plain = all(type(one) in PLAIN for one in values)
        return Converter(choice.schema, choice.expected) if is_plain else choice

    def _of_container(self, origin: Any, arguments: tuple[Any, ...]) -> Converter | None:
        if origin is tuple:
            return self._tuple(arguments)
        if origin in _MADE:
            return Items(self._argument(arguments, 0), _MADE[origin], is_unique=origin is not collections.deque)
        if origin in _LISTS:
            item = self._argument(arguments, 0)
            return (
                Items(item, list) if item.converts else _plain({"type": "array", "items": item.schema}, "a list", list)
            )
        if origin in _DICTS:
            return self._dict(arguments)
        return None

    def _argument(self, arguments: tuple[Any, ...], index: int) -> Converter:
        return self.read(arguments[index]) if len(arguments) > index else _ANYTHING

    def _tuple(self, arguments: tuple[Any, ...]) -> Converter:
        if not arguments:
            return Items(_ANYTHING, tuple)
        if arguments[-1] is Ellipsis:
            return Items(self.read(arguments[0]), tuple)
        return Row([self.read(one) for one in arguments if one != ()])

    def _dict(self, arguments: tuple[Any, ...]) -> Converter:
        key, value = self._argument(arguments, 0), self._argument(arguments, 1)
        parse_key = IntKey() if key is PLAIN[int] else key if key.converts else None
        if parse_key or value.converts:
            return Entries(parse_key, value)
        return _plain({"type": "object", "additionalProperties": value.schema}, "an object", dict)

    def _of_class(self, found: Any) -> Converter | None:
        cls: Any = typing.get_origin(found) or found
        if not isinstance(cls, type):
            return None
        if cls in self._records:
            return self._records[cls]
        if typing.is_typeddict(cls):
            return self._typed_dict(cls)
        if issubclass(cls, tuple) and hasattr(cls, "_fields"):
            defaults = getattr(cls, "_field_defaults", {})
            return self._record(cls, {name: name in defaults for name in cls._fields}, is_row=True)
        if hasattr(cls, "__dataclass_fields__"):
            return self._dataclass(cls)
        return scalar(cls)

    def _dataclass(self, cls: Any) -> Converter:
        fields = [field for field in cls.__dataclass_fields__.values() if field._field_type.name != "_FIELD_CLASSVAR"]
        record = self._record(cls, {field.name: _has_default(field) for field in fields if field.init})
        record.ignored = frozenset(field.name for field in fields if not field.init)
        return record

    def _record(self, cls: type, has_default: Mapping[str, bool], *, is_row: bool = False) -> Record:
        """A record with these fields, those with a default not required."""
        record = Record(cls, self._reference(cls), is_row=is_row)
        self._records[cls] = record
        record.required = frozenset(name for name, optional in has_default.items() if not optional)
        record.fields = self._fields(cls, has_default)
        self._define(cls, record.fields, record.required, {"additionalProperties": False})
        return record

    def _typed_dict(self, cls: Any) -> Keys:
        keys = Keys(cls.__name__, self._reference(cls))
        self._records[cls] = keys
        keys.fields = self._fields(cls, hints.own(cls))
        keys.converts = any(one.converts for one in keys.fields.values())
        self._define(cls, keys.fields, cls.__required_keys__, {})
        return keys

    def _fields(self, cls: type, names: Mapping[str, object]) -> dict[str, Converter]:
        """The converter of each field, by the annotation in the class that has it, and what that class's module names."""
        found: dict[str, Converter] = dict.fromkeys(names, _ANYTHING)
        for base in reversed(cls.__mro__):
            outer = self._names, self._local
            self._names, self._local = vars(sys.modules.get(base.__module__, typing)), {cls.__name__: cls}
            for name, annotation in hints.own(base).items():
                if name in found:
                    found[name] = self.read(annotation)
            self._names, self._local = outer
        return found

    def _reference(self, cls: type) -> dict[str, Any]:
        return {"$ref": f"#/$defs/{self._definition_name(cls)}"}

    def _definition_name(self, cls: type) -> str:
        """The class's name, with its module's where another class has the same."""
        is_taken = any(known is not cls and known.__name__ == cls.__name__ for known in self._records)
        return f"{cls.__module__}.{cls.__name__}" if is_taken else cls.__name__

    def _define(self, cls: type, fields: Mapping[str, Converter], required: Any, more: Mapping[str, Any]) -> None:
        properties = {name: one.schema for name, one in fields.items()}
        needed = {"required": [name for name in fields if name in required]} if required else {}
        schema = {"type": "object", "title": cls.__name__, "properties": properties, **needed, **more}
        self.definitions[self._definition_name(cls)] = schema

    def _give_up(self, found: Any) -> Converter:
        self.unknown.append(hints.describe(found))
        return _ANYTHING


def _plain(schema: dict[str, Any], expected: str, kind: type) -> Converter:
    return Converter(schema, expected, (kind,))


def _is_hashable(found: Any) -> bool:
    return getattr(type(found), "__hash__", None) is not None


def _has_default(field: Any) -> bool:
    import dataclasses

    return field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING
