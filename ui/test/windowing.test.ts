import { expect, test } from "vitest";
import { toReveal, visible } from "../src/lib/windowing";

test("few rows are drawn, however many there are", () => {
  const { first, last } = visible(1_000_000, 30, 15_000_000, 600);
  expect(last - first).toBeLessThan(40);
  expect(first).toBeLessThanOrEqual(500_000);
  expect(last).toBeGreaterThanOrEqual(500_020);
});

test("a short list is drawn whole, and one scrolled past its end has no rows beyond it", () => {
  expect(visible(5, 30, 0, 600)).toEqual({ first: 0, last: 5 });
  expect(visible(5, 30, 9_000, 600)).toEqual({ first: 0, last: 5 });
});

test("a row is scrolled to where it is not seen, by as little as will do", () => {
  expect(toReveal(10, 30, 0, 600)).toBeNull();
  expect(toReveal(100, 30, 0, 600)).toBe(100 * 30 + 60 - 600);
  expect(toReveal(3, 30, 3_000, 600)).toBe(60);
});
