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
    files = ("src/shop/__init__.py", "src/shop/prices.py", "main.py", "data/x.json", "tests/yaml.py", "my-scripts/x.py")
    assert own_package.modules(tree_of(dict.fromkeys(files, ""))) == ("main", "x", "src", "shop", "prices")


def test_what_asks_git_for_a_version_gets_one() -> None:
    tree = tree_of({"pyproject.toml": BUILD.replace("shop", "my.Shop-1")})
    assert "SETUPTOOLS_SCM_PRETEND_VERSION=0.0.0 PDM_BUILD" in own_package.pretended_version(tree, is_alone=True)


def test_beside_others_only_its_own_version_is_pretended() -> None:
    tree = tree_of({"pyproject.toml": BUILD.replace("shop", "my.Shop-1")})
    beside = own_package.pretended_version(tree, is_alone=False)
    assert beside == "export SETUPTOOLS_SCM_PRETEND_VERSION_FOR_MY_SHOP_1=0.0.0\n"
    assert own_package.pretended_version(tree_of({"setup.py": ""}), is_alone=False) == ""
