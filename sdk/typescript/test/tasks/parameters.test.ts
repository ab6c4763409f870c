import { expect, test } from "vitest";
import { parametersOf } from "../../src/tasks/parameters.js";

const names = (func: Function) => parametersOf(func)?.map((one) => one.name);

test("the names are those of the source, however the function is written", () => {
  expect(names(function square(a: number, b: number) { return a * b; })).toEqual(["a", "b"]);
  expect(names(async (a: number) => a)).toEqual(["a"]);
  expect(names(new Function("return async a => a")())).toEqual(["a"]);
  expect(names({ method(a: number) { return a; } }.method)).toEqual(["a"]);
  expect(names(() => 1)).toEqual([]);
});

test("a default is told where it is a plain value", () => {
  const func = new Function('return (a = 3, b = "x, (y", c = \'z\', d = [1, 2], e = new Date(), f = (x, y) => x) => a')();
  expect(parametersOf(func)?.map((one) => [one.name, one.default])).toEqual([
    ["a", "3"], ["b", '"x, (y"'], ["c", '"z"'], ["d", "[1,2]"], ["e", undefined], ["f", undefined],
  ]);
  expect(parametersOf(func)?.every((one) => one.hasDefault)).toBe(true);
});

test("what has no name is called by its place", () => {
  expect(names(new Function("return ({ a, b }, [c], ...rest) => a")())).toEqual(["arg1", "arg2", "rest"]);
});

test("comments are no parameters", () => {
  expect(names(new Function("return function (a /* , b */, // c, d\n e) {}")())).toEqual(["a", "e"]);
});

test("a function without a source has no parameters that are known", () => {
  expect(parametersOf(((a: number) => a).bind(null))).toBeUndefined();
});
