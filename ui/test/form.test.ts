import { describe, expect, test } from "vitest";
import type { Parameter } from "../src/lib/api/types";
import { formOf, initial, inputOf } from "../src/lib/form";

function parameter(name: string, changes: Partial<Parameter> = {}): Parameter {
  return { name, hasDefault: false, kind: "positional_or_keyword", ...changes };
}

const DAY = parameter("day", { type: "str", schema: { type: "string" } });
const COUNT = parameter("count", { hasDefault: true, default: "3", schema: { type: "integer" } });
const ITEMS = parameter("items", { hasDefault: true, default: "[]", type: "list[int]", schema: { type: "array" } });

describe("fields", () => {
  test("are as the parameter's schema or type says", () => {
    const choice = parameter("currency", { schema: { type: "string", enum: ["EUR", "USD"] } });
    const bool = parameter("send", { type: "bool" });
    expect(formOf([DAY, COUNT, ITEMS, choice, bool])!.fields.map((field) => field.as)).toEqual(["text", "number", "json", "choice", "boolean"]);
  });

  test("begin with their defaults", () => {
    const text = parameter("name", { hasDefault: true, default: '"it"', type: "str" });
    expect(formOf([DAY, COUNT, text])!.fields.map(initial)).toEqual(["", "3", "it"]);
  });

  test("there are none where only JSON will do", () => {
    expect(formOf([parameter("rest", { kind: "var_positional" }), parameter("more", { kind: "keyword_only" })])).toBeNull();
  });
});

describe("the input", () => {
  test("is by name, without what stays at its default", () => {
    expect(inputOf(formOf([DAY, COUNT, ITEMS])!, { day: "Monday", items: "[1]" })).toEqual({ input: { day: "Monday", items: [1] }, problems: {} });
  });

  test("is in order where names mean nothing, with the defaults before what was given", () => {
    const form = formOf([{ ...DAY, kind: "positional_only" }, COUNT, ITEMS])!;
    expect(inputOf(form, { day: "a", items: "[1]" }).input).toEqual(["a", 3, [1]]);
    expect(inputOf(form, { day: "a" }).input).toEqual(["a"]);
  });

  test("that cannot be says of which field, and what is wanted", () => {
    const { problems } = inputOf(formOf([parameter("count", { type: "int" }), parameter("items")])!, { count: "many", items: "[1" });
    expect(problems.count).toBe("a number is wanted");
    expect(problems.items).toContain("JSON");
  });
});
