/** What the types promise; `tsc` is what fails here. */
import { expectTypeOf, test } from "vitest";
import { z } from "zod";
import { Client } from "../../src/client.js";
import { type Jsonify, type Task, task } from "../../src/index.js";
import { task as officialTask } from "../../src/renderinc.js";
import type { TaskContext } from "../../src/index.js";
import type * as tasks from "../programs/typed.js";

declare const client: Client;
const never = () => {};

test("results are typed as JSON leaves them", () => {
  expectTypeOf<Jsonify<{ at: Date; tags: Set<string>; call: () => void; note?: string }>>().toEqualTypeOf<{ at: string; tags: {}; note?: string | undefined }>();
  expectTypeOf<Jsonify<[Date, undefined]>>().toEqualTypeOf<[string, null]>();
  expectTypeOf<Jsonify<void>>().toEqualTypeOf<null>();
  expectTypeOf<Jsonify<unknown>>().toBeUnknown();
  expectTypeOf<Jsonify<any>>().toBeAny();
});

test("a task has its function's arguments and its result", () => {
  const made = () => task({ name: "made" }, async (_day: string, _times: number = 1) => new Date());
  expectTypeOf<Parameters<ReturnType<typeof made>>>().toEqualTypeOf<[string, number?]>();
  expectTypeOf<Awaited<ReturnType<ReturnType<typeof made>>>>().toEqualTypeOf<string>();
  expectTypeOf<ReturnType<typeof made>["name"]>().toEqualTypeOf<"made">();
});

test("a context is none of the arguments", () => {
  const made = () => task({ name: "made", context: true }, (_context: TaskContext, a: number) => a);
  expectTypeOf(made).returns.toEqualTypeOf<Task<"made", [a: number], number>>();
});

test("a schema types the arguments, for callers and for the function", () => {
  const made = () => task({ name: "made", schema: [z.string().transform(Number), z.number().optional()] }, (a, b) => {
    expectTypeOf(a).toEqualTypeOf<number>();
    expectTypeOf(b).toEqualTypeOf<number | undefined>();
    return a;
  });
  expectTypeOf<Parameters<ReturnType<typeof made>>[0]>().toEqualTypeOf<string>();
});

test("mistakes do not compile", () => {
  never.call(() => {
    // @ts-expect-error - there is no such plan
    task({ name: "plan", plan: "huge" }, () => 1);
    // @ts-expect-error - JSON has no bigint
    task({ name: "bigint" }, () => ({ deep: [10n] }));
    // @ts-expect-error - a retry has milliseconds
    task({ name: "retry", retry: { maxRetries: 1, waitDuration: 2 } }, () => 1);
  });
});

test("a workflow's tasks are known to a client by their types alone", () => {
  const shop = () => client.workflow<typeof tasks>("shop");
  never.call(async () => {
    expectTypeOf((await shop().run("sumSquares", [1, 2])).result).toEqualTypeOf<number>();
    expectTypeOf((await shop().run("ship", [{ item: "hat" }])).result).toEqualTypeOf<{ item: string; due: string }>();
    // @ts-expect-error - numbers
    await shop().run("sumSquares", ["1", 2]);
    // @ts-expect-error - no such task
    await shop().run("sumCubes", [1, 2]);
  });
});

test("so they are to the client itself", () => {
  never.call(async () => {
    expectTypeOf((await client.run<typeof tasks.sumSquares>("shop/sumSquares", [1, 2])).result).toEqualTypeOf<number>();
    await client.run<typeof tasks>("sumSquares", [1, 2], { timeoutSeconds: 5 });
    await client.run("any/task", { by: "name" });
    // @ts-expect-error - the arguments are those of the task that is named
    await client.run<typeof tasks>("sumSquares", [{ item: "hat" }]);
  });
});

test("the official name types tasks of both generations", () => {
  const called = () => officialTask({ name: "called" }, (a: number, _b?: string) => a);
  const withContext = () => officialTask({ name: "context" }, async (_ctx: TaskContext, a: number) => a);
  expectTypeOf(called).returns.toEqualTypeOf<Task<"called", [a: number, _b?: string | undefined], number>>();
  expectTypeOf(withContext).returns.toEqualTypeOf<Task<"context", [a: number], number>>();
});
