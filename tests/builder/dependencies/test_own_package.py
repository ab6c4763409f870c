from __future__ import annotations

import pytest

from orchestrator.builder.dependencies import own_package
from tests.builder.detect.repos import tree_of

BUILD = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n[project]\nname = "shop"\n'
POETRY = '[build-system]\nrequires = ["poetry-core"]\n[tool.poetry]\nname = "my.Shop"\n'


@pytest.mark.parametrize(
    "files",
    [
        {"pyproject.toml": BUILD},
        {"setup.py": ""},
        {"setup.cfg": "[metadata]\nname = shop\n"},
        {"pyproject.toml": POETRY, "my_shop/__init__.py": ""},
        {"pyproject.toml": POETRY, "src/my_shop.py": ""},
        {"pyproject.toml": POETRY + 'packages = [{include = "x"}]'},
    ],
)
def test_a_repo_may_be_a_package(files: dict[str, str]) -> None:
    assert own_package.is_there(tree_of(files))


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"pyproject.toml": '[project]\nname = "shop"\n'},
        {"pyproject.toml": "[build-system]\nrequires = []\n"},
        {"setup.cfg": "[flake8]\nmax-line-length = 99\n"},
        {"pyproject.toml": BUILD + "[tool.uv]\npackage = false\n"},
        {"pyproject.toml": POETRY + "package-mode = false\n", "my_shop.py": ""},
        {"pyproject.toml": POETRY, "main.py": ""},
    ],
)
def test_or_only_code(files: dict[str, str]) -> None:
    assert not own_package.is_there(tree_of(files))


def test_its_own_modules_are_those_at_any_depth() -> None:
    tree = tree_of({"src/shop/__init__.py": "", "src/shop/prices.py": "", "main.py": "", "data/x.json": ""})
    assert own_package.modules(tree) == ("src", "shop", "prices", "main")
