import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { expect, test } from "vitest";
import { TaskRunError } from "../../src/errors.js";
import { describe as told } from "../../src/worker/failure.js";

const SOURCE = "interface Order {\n  item: string;\n}\n\nexport function fail(_: Order): never {\n  throw new Error('here');\n}\n";

test.each(["inline", "external"] as const)("the stack is in the sources that were compiled, by a map that is %s", async (kind) => {
  const folder = mkdtempSync(join(tmpdir(), "maps-"));
  const { code, map } = transformSync(SOURCE, { loader: "ts", sourcemap: kind, sourcefile: "order.ts", format: "esm" });
  writeFileSync(join(folder, "order.mjs"), kind === "inline" ? code : `${code}//# sourceMappingURL=order.mjs.map\n`);
  writeFileSync(join(folder, "order.mjs.map"), map);
  const { fail } = await import(/* @vite-ignore */ join(folder, "order.mjs"));
  try {
    fail({ item: "hat" });
  } catch (error) {
    expect((await told(error)).stack_trace).toContain(`${join(folder, "order.ts")}:6:`);
  }
  expect.assertions(1);
});

test("a cause is told, too", async () => {
  const error = new Error("outer", { cause: new TypeError("inner") });
  expect((await told(error)).stack_trace).toContain("Caused by: TypeError: inner");
});

test.each([
  ["itself", (failed: Error) => failed],
  ["as its cause", (failed: Error) => new Error("outer", { cause: failed })],
  ["as one of many", (failed: Error) => new AggregateError([new Error("other"), failed])],
] as const)("an error that tells of a chained run's failure names it: %s", async (_, wrap) => {
  expect((await told(wrap(new TaskRunError("no", "trn-2")))).child_task_run_id).toBe("trn-2");
});

test("an error of its own names none", async () => {
  expect(await told(new Error("own"))).not.toHaveProperty("child_task_run_id");
});
