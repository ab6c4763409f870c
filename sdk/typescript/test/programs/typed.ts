import { task } from "../../src/index.js";

export const square = task({ name: "square" }, (a: number) => a * a);

export const sumSquares = task({ name: "sumSquares" }, async (a: number, b: number) => {
  const [first, second] = await Promise.all([square(a), square(b)]);
  return first + second;
});

export const ship = task({ name: "ship" }, (order: { item: string }) => ({ ...order, due: new Date() }));
