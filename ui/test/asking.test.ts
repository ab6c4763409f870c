import { expect, test } from "vitest";
import { asCurl, asPython } from "../src/lib/asking";

test("words with an apostrophe survive the shell", () => {
  expect(asCurl("http://host:8120", "shop/charge", ["it's"])).toMatch(/ -d '{"task":"shop\/charge","input":\["it'\\''s"\]}'$/);
});

test("Python gets its own words for true, false and null", () => {
  expect(asPython("shop/charge", { a: true, b: [null, false, "x", 1.5] })).toContain('Client().run("shop/charge", {"a": True, "b": [None, False, "x", 1.5]})');
});
