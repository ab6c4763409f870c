import { task } from "@orchestrator/sdk";

export const calculateSquare = task({ name: "calculateSquare" }, (a: number): number => {
  console.log(`squaring ${a}`);
  return a * a;
});

/** Two runs at the same time, each in a container of its own. */
export const sumSquares = task({ name: "sumSquares" }, async (a: number, b: number): Promise<number> => {
  const [first, second] = await Promise.all([calculateSquare(a), calculateSquare(b)]);
  return first + second;
});

/** Tails is an error, so that you can watch retries. */
export const flipCoin = task(
  { name: "flipCoin", plan: "starter", retry: { maxRetries: 5, waitDurationMs: 500, backoffScaling: 1.5 } },
  (): string => {
    const side = Math.random() < 0.5 ? "heads" : "tails";
    console.log(`the coin shows ${side}`);
    if (side === "tails") throw new Error("tails: flipping again");
    return side;
  },
);
