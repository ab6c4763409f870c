from __future__ import annotations

import pytest

from orchestrator.builder.register.hints import hint_for


def test_a_missing_module_names_the_file_to_add_it_to() -> None:
    hint = hint_for("ModuleNotFoundError", "No module named 'rich.table'", "pyproject.toml")
    assert hint.startswith("hint: add rich to pyproject.toml")


def test_a_module_is_named_by_its_distribution() -> None:
    assert "add PyYAML to requirements.txt" in hint_for("ModuleNotFoundError", "No module named 'yaml'", None)


def test_a_module_of_the_repo_is_not_to_be_had_from_an_index() -> None:
    hint = hint_for("ModuleNotFoundError", "No module named 'shop.prices'", "requirements.txt", own_modules={"shop"})
    assert hint.startswith("hint: shop is the repo's own module")
    assert "requirements.txt" not in hint


def test_other_errors_speak_for_themselves() -> None:
    assert hint_for("ValueError", "No module named 'x'", None) == ""


@pytest.mark.parametrize(
    ("message", "package"),
    [
        ("Cannot find package 'zod' imported from /app/index.ts", "zod"),
        ("Cannot find module '@scope/name/part'", "@scope/name"),
    ],
)
def test_a_package_of_node_is_added_with_the_repo_s_own_tool(message: str, package: str) -> None:
    assert hint_for("Error", message, None).endswith(f": npm install {package}")
    assert hint_for("Error", message, None, "pnpm add").endswith(f": pnpm add {package}")


@pytest.mark.parametrize("name", ["@/tasks", "~/tasks"])
def test_a_path_of_tsconfig_is_no_package(name: str) -> None:
    hint = hint_for("Error", f"Cannot find package '{name}' imported from /app/index.ts", None, "pnpm add")
    assert hint == (
        f"hint: {name} is a path of tsconfig.json, which Node does not read: import it by a relative path, "
        "or start with tsx (pnpm add tsx)"
    )


def test_who_exports_a_type_without_saying_so_is_told_how_to() -> None:
    hint = hint_for("SyntaxError", "The requested module './types' does not provide an export named 'Order'", None)
    assert (
        hint
        == "hint: if Order is a type, say so where it is imported or exported: import type { Order }, export type { Order }"
    )


def test_what_node_may_not_write_is_told_where_it_may() -> None:
    message = "EROFS: read-only file system, open '/app/cache.json'"
    assert (
        hint_for("Error", message, None)
        == hint_for("OSError", "[Errno 30] Read-only file system: '/app/x'", None)
        != ""
    )


def test_a_file_of_the_users_own_is_no_package() -> None:
    assert hint_for("Error", "Cannot find module '/app/x' imported from /app/index.js", None) == ""


@pytest.mark.parametrize(
    ("message", "hint"),
    [
        ("libGL.so.1: cannot open shared object file: No such file or directory", 'add apt = ["libgl1"] to'),
        ("cannot load library 'libpango-1.0-0': libpango-1.0-0: cannot open shared", 'add apt = ["libpango-1.0-0"] to'),
        (
            "libother.so.3: cannot open shared object file",
            "libother.so.3 is a library of the system: add its Debian package",
        ),
    ],
)
def test_a_library_of_the_system_is_named_with_its_package(message: str, hint: str) -> None:
    assert hint in hint_for("ImportError", message, None)
