from __future__ import annotations

import pytest

from orchestrator.builder.detect.project import detect
from orchestrator.builder.errors import BadSource
from tests.builder.detect.repos import MAIN, SEED, START, tree_of


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"Dockerfile": "FROM x"}, "Dockerfile"),
        ({"pyproject.toml": "[project"}, "not valid TOML"),
        ({"pyproject.toml": '[project]\ndependencies = "httpx"'}, "list of strings"),
        ({"pyproject.toml": '[tool.poetry.dependencies]\nrender = "^1 || ^2"'}, "is not understood"),
    ],
)
def test_what_cannot_be_built_is_refused_with_the_way_out(files: dict[str, str], says: str) -> None:
    with pytest.raises(BadSource, match=says):
        detect(tree_of({**MAIN, **files}))


def test_a_src_layout_is_importable() -> None:
    assert detect(tree_of({**MAIN, "pyproject.toml": "", "src/shop/__init__.py": ""})).import_folders == ("src",)


def test_the_folder_of_a_file_that_is_started_is_importable() -> None:
    assert detect(tree_of({"jobs/main.py": SEED + START})).import_folders == ("jobs",)
    assert detect(tree_of({"src/main.py": SEED + START, "pyproject.toml": ""})).import_folders == ("src",)
    assert detect(tree_of({"jobs/main.py": SEED + START}), "jobs.main:app").import_folders == ()
