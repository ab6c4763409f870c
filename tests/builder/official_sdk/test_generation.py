"""Sources as they are found in the wild, and the generation each is of."""

from __future__ import annotations

import pytest

from orchestrator.builder.official_sdk.generation import Finding, Generation, find
from orchestrator.builder.source.tree import FileTree


def found_in(**files: str) -> Finding:
    named = {name.replace("__", "/").removesuffix("_py") + ".py": text for name, text in files.items()}
    return find(FileTree({name: "-" for name in named}, named))


HEAD = "import asyncio\nfrom render_sdk import Retry, Workflows\n\napp = Workflows()\n\n"

CALLED = {
    "an annotated parameter": HEAD + "@app.task\ndef square(a: int) -> int:\n    return a * a\n",
    "a bare parameter": HEAD + "@app.task()\ndef square(a):\n    return a * a\n",
    "no parameter": HEAD + "@app.task(name='flip', retry=Retry(3, 1000))\ndef flip_coin():\n    return 1\n",
    "an async task": HEAD + "@app.task(plan='pro')\nasync def fetch(url: str):\n    return url\n",
    "defaults": HEAD + "@app.task\ndef f(x: int = 3): ...\n",
    "keywords alone": HEAD + "@app.task\ndef f(*, x: int): ...\n",
    "a context that is text": HEAD + "@app.task\ndef answer(context: str, question: str): ...\n",
    "a context that is data": HEAD + "@app.task\ndef step(ctx: dict): ...\n",
    "optional data": HEAD + "@app.task\ndef step(a: int | None): ...\n",
    "another name of the app": "import render_sdk as r\nflows = r.Workflows()\n@flows.task\ndef f(a): ...\n",
    "an alias": "from render_sdk import Workflows as W\nw: W = W(default_plan='pro')\n@w.task\ndef f(a): ...\n",
    "the module itself": "import render_sdk\napp = render_sdk.Workflows()\n@app.task\ndef f(a): ...\n",
    "the template": "from render_sdk.workflows import Options, Retry, start, task\n@task\ndef f(a): ...\nstart()\n",
    "the template's options": "from render_sdk.workflows import task, Options\n@task(options=Options())\ndef f(a): ...\n",
    "combined apps": "from render_sdk import Workflows\na = Workflows.from_workflows()\n@a.task\ndef f(x): ...\n",
    "a chained call in varargs": HEAD
    + "@app.task\nasync def a(*n):\n    return await b(1)\n@app.task\ndef b(*n): ...\n",
}

CONTEXT = {
    "an annotation": "from render import TaskContext, Workflows\napp = Workflows()\n"
    "@app.task\ndef f(ctx: TaskContext, a: int): ...\n",
    "the old name of the package": "from render_sdk import TaskContext, Workflows\napp = Workflows()\n"
    "@app.task\nasync def f(c: TaskContext): ...\n",
    "a quoted annotation": HEAD + "@app.task\ndef f(c: 'TaskContext', a): ...\n",
    "a dotted annotation": "import render\napp = render.Workflows()\n@app.task\ndef f(c: render.TaskContext): ...\n",
    "chaining through it": HEAD + "@app.task\nasync def f(c, a):\n    return await c.run(g, a)\n",
    "a name alone": HEAD + "@app.task\ndef f(ctx, a): ...\n",
    "any annotation": HEAD + "from typing import Any\n@app.task\ndef f(context: Any): ...\n",
    "the renamed package alone": "from render import Workflows\n",
    "an import for type checkers": "from render_sdk import Workflows\nif True:\n    from render_sdk import TaskContext\n",
}

NOTHING = {
    "no official package": "from celery import Celery\napp = Celery()\n@app.task\ndef f(a): ...\n",
    "our own": "from orchestrator_sdk import Workflows\napp = Workflows()\n@app.task\ndef f(a): ...\n",
    "a client": "from render_sdk import Render\nRender().workflows.run_task('a/b', [1])\n",
    "varargs alone": HEAD + "@app.task\ndef f(*a, **k): ...\n",
    "plain functions": HEAD + "def f(a): ...\n",
    "another decorator": HEAD + "@app.get('/')\ndef f(a): ...\n",
}


@pytest.mark.parametrize("name", CALLED)
def test_tasks_of_their_arguments_alone_are_of_the_time_before_1(name: str) -> None:
    assert found_in(main=CALLED[name]).generation is Generation.CALLED


@pytest.mark.parametrize("name", CONTEXT)
def test_tasks_with_a_context_are_of_the_time_since_1(name: str) -> None:
    assert found_in(main=CONTEXT[name]).generation is Generation.CONTEXT


@pytest.mark.parametrize("name", NOTHING)
def test_what_is_no_task_of_the_official_package_says_nothing(name: str) -> None:
    assert found_in(main=NOTHING[name]) == Finding()


def test_a_sign_names_the_task_the_reason_and_the_place() -> None:
    assert str(found_in(main=CALLED["no parameter"]).sign) == "task 'flip_coin' takes no TaskContext (main.py:7)"
    chained = found_in(main=CALLED["a chained call in varargs"]).sign
    assert str(chained) == "task 'a' calls the task 'b' (main.py:7)"


def test_an_app_may_be_imported_from_another_file() -> None:
    files = {"app/flows": HEAD, "app/tasks": "from app.flows import app as flows\n@flows.task\ndef f(a): ...\n"}
    found = found_in(**{name.replace("/", "__"): text for name, text in files.items()})
    assert (found.generation, found.sign.path) == (Generation.CALLED, "app/tasks.py")


def test_a_task_of_another_file_that_is_called_chains() -> None:
    found = found_in(
        lib=HEAD + "@app.task\ndef resize(*a): ...\n",
        main=HEAD + "from lib import resize\n@app.task\nasync def go(*a):\n    return await resize(1)\n",
    )
    assert str(found.sign).startswith("task 'go' calls the task 'resize' (main.py:")


def test_a_helper_with_the_name_of_a_task_elsewhere_is_no_chained_call() -> None:
    found = found_in(
        lib=HEAD + "@app.task\ndef resize(*a): ...\n",
        main=HEAD + "from images import resize\n@app.task\nasync def go(*a):\n    return resize(1)\n",
    )
    assert found == Finding()


@pytest.mark.parametrize(
    ("source", "until"),
    [
        ("from render_sdk import Workflows\napp = Workflows(auto_start=True)\n", "0.4"),
        ("import render_sdk as r\nx = r.Workflows.from_workflows(auto_start=True)\n@x.task\ndef f(a): ...\n", "0.4"),
        ("from render_sdk import Workflows\napp = Workflows(auto_start=False)\n@app.task\ndef f(a): ...\n", "1"),
        (HEAD + "@app.task(timeout=60)\ndef f(a): ...\n", "0.5"),
    ],
)
def test_a_form_that_was_removed_earlier_says_when(source: str, until: str) -> None:
    assert str(found_in(main=source).sign.until) == until


def test_a_parameters_name_counts_for_nothing_beside_a_task_that_takes_none() -> None:
    found = found_in(main=HEAD + "@app.task\ndef f(ctx): ...\n@app.task\ndef g(): ...\n")
    assert (found.generation, found.sign.says) == (Generation.CALLED, "task 'g' takes no TaskContext")


def test_a_parameters_name_alone_is_not_certain() -> None:
    assert not found_in(main=CONTEXT["a name alone"]).is_certain
    assert found_in(main=CONTEXT["an annotation"]).is_certain


def test_tasks_of_both_eras_settle_nothing_and_are_shown() -> None:
    found = found_in(a=CALLED["a bare parameter"], b=CONTEXT["an annotation"])
    assert found.generation is None
    assert "task 'square' takes 'a' first" in found.notes[0]
    assert "(b.py:4); its version is left as required" in found.notes[0]


def test_a_file_that_does_not_parse_is_skipped_and_mentioned() -> None:
    broken = "import render_sdk\ndef (:\n"
    found = found_in(broken=broken, other="def (:\n", nul="\0", main=CALLED["a bare parameter"])
    assert found.generation is Generation.CALLED
    assert [note.split()[0] for note in found.notes] == ["broken.py"]
    assert found_in(main=broken).notes[0].startswith("main.py is not understood by Python 3.")


def test_tasks_beside_newer_syntax_are_read() -> None:
    assert found_in(main="type Number = int\n" + CALLED["a bare parameter"]).generation is Generation.CALLED


def test_a_file_of_endless_nesting_is_skipped() -> None:
    assert (
        found_in(deep="x = " + "(" * 5_000 + ")" * 5_000, main=CALLED["a bare parameter"]).generation
        is Generation.CALLED
    )


@pytest.mark.parametrize("path", ["tests__test_a", "test_a", "a_test", "conftest", "venv__lib__x", "site-packages__x"])
def test_tests_and_environments_are_not_looked_at(path: str) -> None:
    assert found_in(**{path: CALLED["a bare parameter"]}) == Finding()


def test_a_module_render_of_the_repos_own_is_not_the_official_package() -> None:
    assert found_in(render="class Workflows: ...", main=CONTEXT["the renamed package alone"]) == Finding()
