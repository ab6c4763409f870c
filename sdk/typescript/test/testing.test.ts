import { expect, test } from "vitest";
import { getCurrentContext, task } from "../src/index.js";
import { runTask } from "../src/testing.js";
import { ship, sumSquares } from "./programs/typed.js";

test("a task is executed with the tasks it calls, and they are told", async () => {
  const { result, children } = await runTask(sumSquares, [3, 4]);
  expect(result).toBe(25);
  expect(children).toMatchObject([{ task: "square", args: [3], result: 9 }, { task: "square", args: [4], result: 16 }]);
});

test("functions may stand for the tasks that are called", async () => {
  expect((await runTask(sumSquares, [3, 4], { children: { square: (a: number) => a } })).result).toBe(7);
});

test("all goes through JSON, as between containers", async () => {
  expect((await runTask(ship, [{ item: "hat" }])).result.due).toEqual(expect.any(String));
});

test("the context is there, in the parameter and across awaits", async () => {
  const made = task({ name: "attempts", context: true }, async (context) => {
    await Promise.resolve();
    return [context.attempt, getCurrentContext()?.attempt];
  });
  expect((await runTask(made, [], { attempt: 2 })).result).toEqual([2, 2]);
});

test("a child that fails does so in its parent, which may go on", async () => {
  const failing = task({ name: "failing" }, () => { throw new Error("no"); });
  const parent = task({ name: "parent" }, async () => (await Promise.allSettled([failing()])).map((one) => one.status));
  const { result, children } = await runTask(parent, []);
  expect(result).toEqual(["rejected"]);
  expect(children[0]?.error).toEqual(new Error("no"));
});
