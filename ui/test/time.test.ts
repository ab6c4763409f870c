import { expect, test } from "vitest";
import { ago, duration, tick } from "../src/lib/time";

test.each([
  [-5, "0 ms"], [320, "320 ms"], [1_234, "1.23 s"], [12_500, "12.5 s"], [59_999, "1 m"], [200_000, "3 m 20 s"], [7_500_000, "2 h 5 m"], [273_600_000, "3 d 4 h"],
])("%d ms are %s", (length, expected) => {
  expect(duration(length)).toBe(expected);
});

test.each([[0, "0"], [500, "500 ms"], [5_000, "5 s"], [90_000, "1 m 30 s"]])("a tick after %d ms is %s", (length, expected) => {
  expect(tick(length)).toBe(expected);
});

test("what is past is told in the largest unit that fits, then by its date", () => {
  const now = Date.parse("2026-11-26T12:00:00Z");
  expect(ago(now - 4_000, now)).toBe("just now");
  expect(ago(now - 44_000, now)).toBe("40 s ago");
  expect(ago(now - 240_000, now)).toBe("4 min ago");
  expect(ago(now - 3 * 3_600_000, now)).toBe("3 h ago");
  expect(ago(now - 48 * 3_600_000, now)).toMatch(/^24 Nov \d\d:00$/);
});
