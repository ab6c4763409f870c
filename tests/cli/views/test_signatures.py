from __future__ import annotations

from orchestrator.cli.views import signatures
from orchestrator_sdk.client.models import TaskParameter


def parameter(name: str, **fields: object) -> TaskParameter:
    return TaskParameter.parse({"name": name, **fields})


def test_types_and_defaults_are_shown() -> None:
    found = [
        parameter("a", type="int"),
        parameter("b", hasDefault=True, default='"x"'),
        parameter("c", hasDefault=True),
    ]
    assert signatures.line(found) == 'a: int, b = "x", c = …'


def test_what_must_be_named_comes_after_a_star() -> None:
    found = [parameter("a"), parameter("b", kind="keyword_only"), parameter("c", kind="keyword_only")]
    assert signatures.line(found) == "a, *, b, c"


def test_any_number_of_arguments_is_told_as_python_does() -> None:
    found = [
        parameter("rest", kind="var_positional"),
        parameter("b", kind="keyword_only"),
        parameter("o", kind="var_keyword"),
    ]
    assert signatures.line(found) == "*rest, b, **o"


def test_a_long_default_is_cut() -> None:
    assert signatures.line([parameter("a", hasDefault=True, default=f'"{"x" * 50}"')]) == "a = …"


def test_without_parameters_there_is_nothing_to_say() -> None:
    assert signatures.line([]) == ""
