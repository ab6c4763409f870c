import { expect, test } from "vitest";
import { brief, bytes, shown, why } from "../src/lib/text";

test.each([
  ["\u202egnp.exe", "\\u202egnp.exe"],
  ["\u2066a\u2069", "\\u2066a\\u2069"],
  ["zero\u200bwidth", "zero\\u200bwidth"],
  ["bell\u0007 esc\u001b", "bell\\u0007 esc\\u001b"],
  ["half \ud83d", "half \\ud83d"],
  ["ok\n\ttab 日本 🎉 <b>", "ok\n\ttab 日本 🎉 <b>"],
])("%j hides nothing", (text, expected) => {
  expect(shown(text)).toBe(expected);
});

test("a brief text is one line of so many characters", () => {
  expect(brief("a\n  b\tc")).toBe("a b c");
  expect(brief("x".repeat(1_000_000), 10)).toBe(`${"x".repeat(10)}…`);
});

test.each([[0, "0 B"], [1536, "1.5 KiB"], [536_870_912, "512 MiB"], [2_147_483_648, "2 GiB"], [150 * 1024 ** 3, "150 GiB"]])("%d bytes are %s", (number, expected) => {
  expect(bytes(number)).toBe(expected);
});

test("why something failed is said without the module of its exception", () => {
  expect(why("orchestrator_sdk.errors.TaskRunError", "Subtask failed: no money")).toBe("TaskRunError: no money");
  expect(why(undefined, "killed")).toBe("killed");
});
