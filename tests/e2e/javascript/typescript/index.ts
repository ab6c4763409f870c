// Tasks for the official package, which the registry may not have: as it was before 1.0, and as it is since.
import { NonRetryableError } from "@orchestrator/sdk";
import { getCurrentContext, task, TaskContext } from "@renderinc/sdk/workflows";
import isNumber from "is-number";
import exponents from "./exponents.json";
import { Exponents, Size } from "./sizes";

const { usual }: Exponents = exponents;

const square = task({ name: "square", plan: "starter" }, (a: number, b: number = usual): number => (isNumber(a) ? a ** b : NaN));

task({ name: "sumSquares" }, async (a: number, b: number) => {
  const ended = await Promise.allSettled([square(a), square(b)]);
  return ended.reduce((sum, one) => sum + (one.status === "fulfilled" ? one.value : NaN), 0);
});

task({ name: "withContext" }, async (ctx: TaskContext, a: number) => [await ctx.run(square, a), getCurrentContext()?.attempt, Size.Large]);

interface Order {
  item: string;
}

task({ name: "refused" }, (order: Order) => {
  throw new NonRetryableError(`no ${order.item} left`);
});

task({ name: "lost", retry: { maxRetries: 0, waitDurationMs: 0 } }, async () => {
  Promise.reject(new RangeError("nobody waits for this"));
  await new Promise((resolve) => setTimeout(resolve, 60_000));
});
