import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { again } from "../src/lib/again";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("what failed on the way is done again, and then is as if nothing had been", async () => {
  const act = vi.fn<() => Promise<number>>().mockRejectedValueOnce(new TypeError("Failed to fetch")).mockResolvedValue(4);
  const done = again(act);
  await vi.runAllTimersAsync();
  expect(await done).toBe(4);
  expect(act).toHaveBeenCalledTimes(2);
});

test("what was refused is not done again", async () => {
  const act = vi.fn<() => Promise<number>>().mockRejectedValue(new Error("no"));
  await expect(again(act)).rejects.toThrow("no");
  expect(act).toHaveBeenCalledTimes(1);
});

test("what never arrives is given up", async () => {
  const act = vi.fn<() => Promise<number>>().mockRejectedValue(new TypeError("Failed to fetch"));
  const done = expect(again(act)).rejects.toThrow("Failed to fetch");
  await vi.runAllTimersAsync();
  await done;
  expect(act).toHaveBeenCalledTimes(4);
});
