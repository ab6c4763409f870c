"""Values of every kind, to JSON and back by their annotation."""

from __future__ import annotations

# ruff: noqa: F401 - annotations are given as text, and name what is imported here
import contextlib
import json
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import InitVar, dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, Flag, IntEnum
from ipaddress import IPv4Address
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal, NamedTuple, NewType, Optional, TypedDict, Union
from uuid import UUID

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from orchestrator_sdk.conversion.converter import Mismatch
from orchestrator_sdk.conversion.reader import AnnotationReader
from orchestrator_sdk.conversion.to_json import to_json


class Color(Enum):
    RED = "red"
    DEEP = ("blue", 3)


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Access(Flag):
    READ = 1
    WRITE = 2


class Point(NamedTuple):
    x: int
    at: date = date(2026, 1, 1)


@dataclass
class Node:
    name: str
    born: date
    children: list[Node] = field(default_factory=list)
    color: Color | None = None
    size: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.size = len(self.children)


@dataclass
class Base:
    id: UUID


@dataclass
class Derived(Base):
    tags: frozenset[str]


@dataclass
class Checked:
    age: int
    unit: InitVar[str] = "years"

    def __post_init__(self, unit: str) -> None:
        if self.age < 0:
            raise ValueError("age must be 0 or more")


class Event(TypedDict, total=False):
    at: datetime
    title: str
    next: Event


class Plain(TypedDict):
    a: int


class Model(BaseModel):
    born: date
    alias: int = Field(default=0, alias="aliasName")
    inner: Model | None = None


@pydantic.dataclasses.dataclass
class PydanticRecord:
    when: timedelta


UserId = NewType("UserId", UUID)
AN_ID = UUID("12345678-1234-5678-1234-567812345678")


def parse(annotation: Any, value: Any) -> Any:
    return AnnotationReader(globals()).read(annotation).parse(value)


def travel(value: Any) -> Any:
    return json.loads(json.dumps(to_json(value)))


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        ("date", date(2026, 3, 4)),
        ("datetime", datetime(2026, 3, 4, 16, 5, 57, 120, tzinfo=timezone.utc)),  # noqa: UP017
        ("datetime", datetime(2026, 3, 4, 16, 5)),
        ("time", time(16, 5, 57, 5)),
        ("timedelta", timedelta(days=-1, seconds=3, microseconds=7)),
        ("UUID", AN_ID),
        ("UserId", AN_ID),
        ("Decimal", Decimal("1.10")),
        ("Path", Path("/tmp/a b")),
        ("PurePosixPath", PurePosixPath("a/b")),
        ("IPv4Address", IPv4Address("10.0.0.1")),
        ("bytes", b"\x00\xff"),
        ("bytearray", bytearray(b"\x00\xff")),
        ("Color", Color.RED),
        ("Color", Color.DEEP),
        ("Level", Level.HIGH),
        ("Access", Access.READ | Access.WRITE),
        ("Literal['a', Color.RED]", Color.RED),
        ("Literal['a', Color.RED]", "a"),
        ("set[date]", {date(2026, 3, 4), date(2026, 3, 5)}),
        ("frozenset", frozenset({1, 2})),
        ("deque[int]", deque([1, 2])),
        ("tuple", (1, "a")),
        ("tuple[()]", ()),
        ("tuple[date, int]", (date(2026, 3, 4), 1)),
        ("tuple[date, ...]", (date(2026, 3, 4),)),
        ("Sequence[date]", [date(2026, 3, 4)]),
        ("Mapping[str, date]", {"a": date(2026, 3, 4)}),
        ("dict[date, list[Path]]", {date(2026, 3, 4): [Path("a")]}),
        ("dict[int, str]", {1: "a"}),
        ("dict[Color, int]", {Color.RED: 1}),
        ("Optional[date]", None),
        ("date | None", date(2026, 3, 4)),
        ("Union[int, 'Node']", Node("a", date(2026, 3, 4), [Node("b", date(2026, 3, 5))], Color.RED)),
        ("Annotated[date, 'when']", date(2026, 3, 4)),
        ("Point", Point(1, date(2026, 3, 4))),
        ("list[Point]", [Point(1)]),
        ("Node", Node("a", date(2026, 3, 4), [Node("b", date(2026, 3, 5))])),
        ("Derived", Derived(AN_ID, frozenset({"a"}))),
        ("Event", {"at": datetime(2026, 3, 4), "next": {"at": datetime(2026, 3, 5)}, "more": 1}),
        ("Model", Model(born=date(2026, 3, 4), aliasName=3, inner=Model(born=date(2026, 3, 5)))),
        ("dict[str, Optional[Model]]", {"a": Model(born=date(2026, 3, 4)), "b": None}),
        ("PydanticRecord", PydanticRecord(when=timedelta(hours=1))),
        ("Annotated[int, Field(gt=0)]", 3),
    ],
)
def test_a_value_comes_back_as_it_was_sent(annotation: str, value: Any) -> None:
    reader = AnnotationReader(globals())
    arrived = reader.read(annotation).parse(travel(value))
    assert arrived == value
    assert type(arrived) is type(value)
    assert reader.unknown == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
UNTOUCHED = [
    "int",
    "float",
    "str",
    "bool",
    "list",
    "list[int]",
    "dict",
    "dict[str, Any]",
    "Any",
    "int | None",
    "object",
]
UNTOUCHED += [
    "Optional[str]",
    "Literal['a', 1]",
    "Plain",
    "Sequence[int]",
    "list[Plain]",
    "None",
    "Unknown",
    "json.JSONEncoder",
]

CONVERTED = ["date", "Node", "set[int]", "Model", "dict[int, date]", "Color | Point", "bytes | int"]


@given(annotation=st.sampled_from(UNTOUCHED), value=JSON)
def test_what_json_can_say_is_never_touched(annotation: str, value: Any) -> None:
    assert parse(annotation, value) is value


@given(annotation=st.sampled_from(CONVERTED), value=JSON)
def test_any_json_either_fits_or_is_a_mismatch(annotation: str, value: Any) -> None:
    with contextlib.suppress(Mismatch):
        parse(annotation, value)


@given(value=st.timedeltas())
def test_durations_keep_their_microseconds(value: timedelta) -> None:
    assert parse("timedelta", travel(value)) == value


@given(value=st.datetimes(timezones=st.none() | st.just(timezone.utc)) | st.times() | st.dates())  # noqa: UP017
def test_times_keep_theirs(value: Any) -> None:
    assert parse(type(value).__name__, travel(value)) == value


@pytest.mark.parametrize(
    ("annotation", "value", "problem"),
    [
        ("date", "soon", 'a date such as 2026-03-04 (ISO 8601), and it is "soon"'),
        ("date", 5, "a date such as 2026-03-04 (ISO 8601), and it is 5"),
        ("date | None", "soon", 'a date such as 2026-03-04 (ISO 8601) or null, and it is "soon"'),
        ("UUID", "x", 'a UUID, and it is "x"'),
        ("UUID", "caf\udce9", 'a UUID, and it is "caf\\udce9"'),
        ("bytes", "a", 'base64 text, and it is "a"'),
        ("timedelta", "P1M", "a duration such as PT1H30M"),
        ("timedelta", True, "a duration such as PT1H30M (ISO 8601), or seconds, and it is true"),
        ("timedelta", 1e300, "a duration"),
        ("Decimal", "1,5", "a decimal number"),
        ("Color", "RED", 'one of "red", ["blue", 3] (Color), and it is "RED"'),
        ("Level", True, "one of 1, 2 (Level), and it is true"),
        ("tuple[int, int]", [1], "a list of 2, and it is [1]"),
        ("set[int]", [[1]], "a list of what a set can hold"),
        ("set[int]", "abc", 'a list, and it is "abc"'),
        ("Node", {"name": "a"}, "an object with the fields of Node, of which 'born' is missing"),
        ("Node", {"name": "a", "born": "2026-03-04", "age": 3}, "of which 'age' is none"),
        ("Checked", {"age": -1}, "the fields of Checked (age must be 0 or more)"),
        ("Point", [1, "2026-03-04", 3], "a list or an object with the fields of Point"),
        (
            "Model",
            {"aliasName": "x"},
            "what Model takes (born: Field required; aliasName: Input should be a valid integer",
        ),
        ("Annotated[int, Field(gt=0)]", 0, "Input should be greater than 0"),
    ],
)
def test_what_does_not_fit_says_what_would(annotation: str, value: Any, problem: str) -> None:
    with pytest.raises(Mismatch) as caught:
        parse(annotation, value)
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("annotation", "value", "path"),
    [
        ("list[date]", ["2026-03-04", 3], "[1]"),
        ("dict[str, date]", {"a b": 3}, '["a b"]'),
        ("dict[int, str]", {"x": "a"}, '["x"]'),
        (
            "list[Node] | None",
            [{"name": "a", "born": "2026-03-04", "children": [{"name": "b", "born": 1}]}],
            "[0].children[0].born",
        ),
        ("Event", {"next": {"at": 1}}, ".next.at"),
    ],
)
def test_a_mismatch_says_where_it_is(annotation: str, value: Any, path: str) -> None:
    with pytest.raises(Mismatch) as caught:
        parse(annotation, value)
    assert caught.value.path == path


def test_a_union_takes_the_first_member_that_fits() -> None:
    assert parse("date | str", "2026-03-04") == date(2026, 3, 4)
    assert parse("date | str", "soon") == "soon"
    assert parse("str | date", "2026-03-04") == "2026-03-04"
    assert parse("Union[Checked, Node]", {"name": "a", "born": "2026-03-04"}) == Node("a", date(2026, 3, 4))


def test_a_duration_may_be_given_in_seconds_and_a_decimal_as_a_number() -> None:
    assert parse("timedelta", 90.5) == timedelta(seconds=90.5)
    assert parse("Decimal", 0.1) == Decimal("0.1")


def test_a_class_that_finds_its_own_members_is_asked() -> None:
    class Loose(Enum):
        ON = "on"

        @classmethod
        def _missing_(cls, value: object) -> Loose | None:
            return cls.ON if value == "ON" else None

    assert AnnotationReader({}).read(Loose).parse("ON") is Loose.ON


@pytest.mark.parametrize(
    ("annotation", "unknown"),
    [
        ("list[Gone]", ["list[Gone]"]),
        ("list['Gone']", ["Gone"]),
        ("json.JSONEncoder | None", ["JSONEncoder"]),
        ("dict[str, type]", ["type"]),
    ],
)
def test_what_json_cannot_be_turned_into_is_collected(annotation: str, unknown: list[str]) -> None:
    reader = AnnotationReader(globals())
    reader.read(annotation)
    assert reader.unknown == unknown


def schema(annotation: str) -> dict[str, Any]:
    reader = AnnotationReader(globals())
    return reader.schema(reader.read(annotation))


def test_schemas_refer_to_the_records_they_contain() -> None:
    assert schema("list[Checked] | None") == {
        "anyOf": [{"type": "array", "items": {"$ref": "#/$defs/Checked"}}, {"type": "null"}],
        "$defs": {
            "Checked": {
                "type": "object",
                "title": "Checked",
                "properties": {"age": {"type": "integer"}, "unit": {"type": "string"}},
                "required": ["age"],
                "additionalProperties": False,
            }
        },
    }


def test_a_schema_may_refer_to_itself() -> None:
    assert schema("Node")["$defs"]["Node"]["properties"]["children"] == {
        "type": "array",
        "items": {"$ref": "#/$defs/Node"},
    }


def test_pydantics_schemas_are_taken_over() -> None:
    found = schema("dict[str, Model]")
    assert found["additionalProperties"] == {"$ref": "#/$defs/Model"}
    assert found["$defs"]["Model"]["required"] == ["born"]
