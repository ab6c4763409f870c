import * as v from "valibot";
import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { definitionOf } from "../../src/tasks/definition.js";
import { shared } from "../../src/tasks/shared.js";
import { type AnyTask, task } from "../../src/tasks/task.js";

const defined = (made: unknown) => definitionOf(made as AnyTask);

beforeEach(() => shared.tasks.clear());

test("a task is called like its function, and is a handle of it", async () => {
  const square = task({ name: "square" }, (a: number) => a * a);
  expect(await square(3)).toBe(9);
  expect(square.name).toBe("square");
  expect(square.func(4)).toBe(16);
});

test("a name is given once", () => {
  task({ name: "square" }, () => 1);
  expect(() => task({ name: "square" }, () => 2)).toThrow("task 'square' is defined twice");
});

test("a task that is defined after start-up is refused, for nobody would know it", () => {
  shared.serving = Promise.resolve();
  expect(() => task({ name: "late" }, () => 1)).toThrow("defined after start-up");
  delete shared.serving;
});

test("what is registered is what the options say", () => {
  const options = { plan: "starter", timeoutSeconds: 60, retry: { maxRetries: 3, waitDurationMs: 1000, backoffScaling: 1.5 }, network: ["db.lan"] } as const;
  expect(defined(task({ name: "all", ...options }, (a = 3) => a))).toEqual({
    name: "all",
    options: { plan: "starter", timeout_seconds: 60, retry: { max_retries: 3, wait_duration_ms: 1000, factor: 1.5 }, network: ["db.lan"] },
    parameters: [{ name: "a", kind: "positional_or_keyword", has_default: true, default_value: "3" }],
    signature: "all(a?)",
    is_open: true,
  });
  expect(defined(task({ name: "none" }, () => 1)).options).toEqual({});
});

test("callers do not see the context", () => {
  const made = task({ name: "ctx", context: true }, (_context, a: number) => a);
  expect(defined(made).signature).toBe("ctx(a)");
});

test("which arguments have names is registered", () => {
  const kinds = (func: (...args: any[]) => unknown) => defined(task({ name: `t${++made}` }, func)).parameters?.map((one: any) => one.kind);
  let made = 0;
  expect(kinds(new Function("return (a, { b }, ...rest) => a")())).toEqual(["positional_or_keyword", "positional_only", "var_positional"]);
  expect(kinds(((a: number) => a).bind(null))).toEqual(["var_positional"]);
});

describe("a schema", () => {
  const add = () => task({ name: "add", schema: [z.number(), z.number().default(1)] }, (a, b) => a + b);

  test("checks the arguments and fills in its defaults", async () => {
    expect(await add()(2, undefined)).toBe(3);
  });

  test("refuses what does not fit, once and for all", async () => {
    const refused = add()("2" as never, 1);
    await expect(refused).rejects.toMatchObject({ name: "ArgumentsError", retryable: false });
    await expect(refused).rejects.toThrow(/task 'add': argument 'a': .*expected number/);
  });

  test("of several fields says which", async () => {
    const order = task({ name: "order", schema: z.object({ item: z.string(), size: z.number() }) }, ({ item }) => item);
    await expect(order({ item: "hat", size: "x" as never })).rejects.toThrow(/argument 'arg1.size': /);
  });

  test("registers the parameters, and a signature that calls are held to", () => {
    const { parameters, signature } = defined(add());
    expect(parameters).toMatchObject([
      { name: "a", kind: "positional_or_keyword", has_default: false, schema: { type: "number" }, is_checked: true },
      { name: "b", has_default: true, schema: { type: "number", default: 1 } },
    ]);
    expect(signature).toBe("add(a, b?)");
  });

  test("may be of any library of the standard", async () => {
    const shout = task({ name: "shout", schema: v.pipe(v.string(), v.toUpperCase()) }, (text) => text);
    expect(await shout("hi")).toBe("HI");
    await expect(shout(1 as never)).rejects.toThrow("argument 'text': Invalid type");
  });
});
