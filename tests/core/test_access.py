from __future__ import annotations

import pytest
from fastapi.routing import APIRoute
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.api.app import ROUTERS
from orchestrator.core.access import ALL, Scope, allows, is_name, needed


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/v1/task-runs", Scope.READ),
        ("HEAD", "/v1/status", Scope.READ),
        ("GET", "/metrics", Scope.READ),
        ("POST", "/v1/task-runs", Scope.RUN),
        ("DELETE", "/v1/task-runs/trn-1", Scope.RUN),
        ("POST", "/v1/task-runs/trn-1/rerun", Scope.RUN),
        ("POST", "/v1/deploys", Scope.DEPLOY),
        ("PUT", "/v1/services/shop/env-vars", Scope.DEPLOY),
        ("DELETE", "/v1/workflows/shop", Scope.DEPLOY),
        ("GET", "/v1/keys", Scope.ADMIN),
        ("POST", "/v1/keys", Scope.ADMIN),
        ("POST", "/v1/sessions", Scope.ADMIN),
        ("GET", "/v1/sessions/current", Scope.READ),
        ("POST", "/v1/task-runs-of-others", Scope.ADMIN),
        ("POST", "//v1/task-runs", Scope.ADMIN),
        ("DELETE", "/v1/something-new", Scope.ADMIN),
    ],
)
def test_a_request_needs_what_it_changes(method: str, path: str, scope: Scope) -> None:
    assert needed(method, path) is scope


@pytest.mark.parametrize(
    ("scopes", "may"),
    [
        ([], set()),
        (["read"], {Scope.READ}),
        (["run"], {Scope.READ, Scope.RUN}),
        (["deploy"], {Scope.READ, Scope.DEPLOY}),
        (["run", "deploy"], {Scope.READ, Scope.RUN, Scope.DEPLOY}),
        (["admin"], set(Scope)),
    ],
)
def test_a_key_allows_what_its_scopes_say_and_reading(scopes: list[str], may: set[Scope]) -> None:
    assert {scope for scope in Scope if allows(scopes, scope)} == may


@given(st.text(), st.sets(st.sampled_from(sorted(ALL - {Scope.ADMIN}))))
def test_only_an_admin_changes_what_nobody_thought_of(path: str, scopes: set[Scope]) -> None:
    assert not allows(scopes, needed("POST", f"/v2/{path}"))


def test_every_route_that_changes_something_was_thought_of() -> None:
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    paths = {(method, route.path) for route in routes for method in route.methods or ()}
    unthought = {(method, path) for method, path in paths if needed(method, path) is Scope.ADMIN}
    assert unthought == {
        ("GET", "/v1/keys"),
        ("POST", "/v1/keys"),
        ("DELETE", "/v1/keys/{name}"),
        ("POST", "/v1/sessions"),
    }


@pytest.mark.parametrize(
    ("name", "can_be"),
    [("ci", True), ("a-1", True), ("", False), ("-a", False), ("A", False), ("a.b", False), ("a\n", False)],
)
def test_names_are_lower_case_words(name: str, can_be: bool) -> None:
    assert is_name(name) is can_be
