"""Sources as people write them, and the generation each is of."""

from __future__ import annotations

import pytest

from orchestrator.builder.official_sdk.generation import Finding, Generation
from orchestrator.builder.official_sdk.typescript import find
from orchestrator.builder.source.tree import FileTree

HEAD = 'import { task } from "@renderinc/sdk/workflows";\n'


def found_in(text: str, path: str = "index.ts", **others: str) -> Finding:
    files = {path: text} | {f"{name}.ts": other for name, other in others.items()}
    return find(FileTree(dict.fromkeys(files, "-"), files))


CALLED = {
    "a parameter": HEAD + 'task({ name: "square" }, (a: number): number => a * a);',
    "a bare parameter": HEAD + 'task({ name: "square" }, a => a * a);',
    "a function expression": HEAD + 'task({ name: "square" }, async function square(a: number) { return a * a; });',
    "a function by name": HEAD + 'function square(a: number) { return a * a; }\ntask({ name: "square" }, square);',
    "an arrow by name": HEAD + 'const square = async (a: number) => a * a;\ntask({ name: "square" }, square);',
    "an object": HEAD + 'task({ name: "send" }, ({ to, text }: Mail) => to + text);',
    "type arguments": HEAD + 'task<[number], number>({ name: "square" }, (a) => a * a);',
    "a context that is data": HEAD + 'task({ name: "answer" }, (context: string, question: string) => question);',
    "chaining without parameters": HEAD + 'const flip = task({ name: "flip" }, () => 1);\n'
    'task({ name: "twice" }, async () => (await flip()) + (await flip()));',
    "another name": 'import { task as t } from "@renderinc/sdk/workflows";\nt({ name: "square" }, (a) => a * a);',
    "a namespace": 'import * as render from "@renderinc/sdk/workflows";\nrender.task({ name: "s" }, (a) => a);',
    "CommonJS": 'const { task } = require("@renderinc/sdk/workflows");\ntask({ name: "square" }, (a) => a * a);',
    "what 1.0 removed": 'import { getCurrentContext, task } from "@renderinc/sdk/workflows";\ntask({ name: "f" }, () => 1);',
    "options with commas and brackets": HEAD + 'task({ name: "a, (b", retry: { maxRetries: 3 } }, (a: number) => a);',
}
CONTEXT = {
    "an annotation": HEAD + 'task({ name: "square" }, (ctx: TaskContext, a: number) => a * a);',
    "a context taken apart": HEAD + 'task({ name: "two" }, async ({ run }: TaskContext) => run(one));',
    "chaining": HEAD + 'const one = task({ name: "one" }, () => 1);\n'
    'task({ name: "two" }, async (c, a) => (await c.run(one)) + a);',
    "what 1.0 added": 'import { type TaskDefinition, task } from "@renderinc/sdk/workflows";\ntask({ name: "f" }, () => 1);',
}
NOTHING = {
    "a parameter that nobody uses": HEAD + 'task({ name: "f" }, (_, a) => a);',
    "no parameters": HEAD + 'task({ name: "flip" }, () => Math.random());',
    "any number of them": HEAD + 'task({ name: "sum" }, (...all: number[]) => all.length);',
    "a function that cannot be seen": HEAD + 'task({ name: "square" }, logged(square));',
    "another package's task": 'import { task } from "gulp";\ntask({ name: "square" }, (a: number) => a);',
    "a comment": HEAD + '// task({ name: "square" }, (a: number) => a);',
    "code that does not end": HEAD + 'task({ name: "square" }, (a: number',
}


@pytest.mark.parametrize("text", CALLED.values(), ids=CALLED.keys())
def test_a_task_that_takes_its_arguments_alone_is_from_before(text: str) -> None:
    found = found_in(text)
    assert found.generation is Generation.CALLED
    assert found.is_certain


@pytest.mark.parametrize("text", CONTEXT.values(), ids=CONTEXT.keys())
def test_a_task_that_takes_a_context_is_of_the_later_form(text: str) -> None:
    found = found_in(text)
    assert found.generation is Generation.CONTEXT
    assert found.is_certain


@pytest.mark.parametrize("text", NOTHING.values(), ids=NOTHING.keys())
def test_what_runs_under_both_or_cannot_be_seen_says_nothing(text: str) -> None:
    assert found_in(text).signs == ()


def test_a_name_alone_is_not_certain() -> None:
    found = found_in(HEAD + 'task({ name: "f" }, (ctx, a) => a);', "index.js")
    assert (found.generation, found.is_certain) == (Generation.CONTEXT, False)


def test_a_task_of_another_file_is_known_by_its_import() -> None:
    main = HEAD + 'import { flip } from "./coins";\ntask({ name: "twice" }, async () => (await flip()) * 2);'
    coins = HEAD + 'export const flip = task({ name: "flip" }, () => 1);'
    assert str(found_in(main, coins=coins).sign) == "task 'twice' calls the task 'flip' (index.ts:3)"
    assert found_in(main.replace("./coins", "coins"), coins=coins).signs == ()


def test_a_helper_outside_of_tasks_may_call_what_it_likes() -> None:
    text = 'const flip = task({ name: "flip" }, () => 1);\nexport const local = () => flip();'
    assert found_in(HEAD + text).signs == ()


def test_two_generations_at_once_are_told_and_left_alone() -> None:
    found = found_in(CALLED["a parameter"], other=CONTEXT["an annotation"])
    assert found.generation is None
    assert "two generations" in found.notes[0]


@pytest.mark.parametrize("path", ["node_modules/x/index.js", "dist/index.js", "src/a.test.ts", "types.d.ts"])
def test_what_is_not_the_program_is_not_read(path: str) -> None:
    assert found_in(CALLED["a parameter"], path).signs == ()
