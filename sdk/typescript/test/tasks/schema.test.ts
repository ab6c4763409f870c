import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { jsonSchema } from "../../src/tasks/schema.js";

const shown = (schema: Parameters<typeof jsonSchema>[0]) => {
  const { $schema, ...rest } = jsonSchema(schema) ?? {};
  return rest;
};

describe("the JSON Schema of a zod schema", () => {
  test("says what it says", () => {
    expect(shown(z.object({ a: z.string().min(2), b: z.int().optional() }))).toMatchObject({
      type: "object",
      properties: { a: { type: "string", minLength: 2 }, b: { type: "integer" } },
      required: ["a"],
    });
  });

  test.each([
    ["coerces", z.coerce.number().min(3)],
    ["replaces what does not fit", z.number().catch(1)],
    ["changes values first", z.preprocess(Number, z.number())],
    ["has no form in JSON", z.date()],
    ["coerces, and may be left out", z.coerce.number().optional()],
  ])("says nothing of one that %s", (_, schema) => {
    expect(shown(schema)).toEqual({});
  });

  test.each([
    ["trims", z.string().trim().max(2)],
    ["has a pattern with flags", z.string().regex(/^a$/i)],
    ["changes letters", z.string().toLowerCase().min(3)],
  ])("says only the type of one that %s", (_, schema) => {
    expect(shown(schema)).toEqual({ type: "string" });
  });

  test("requires no property that may be left out after all", () => {
    const schema = z.object({ kept: z.number(), caught: z.number().catch(1), coerced: z.coerce.string() });
    expect(shown(schema)).toMatchObject({ required: ["kept"] });
  });

  test("is all there is of patterns that every language reads alike", () => {
    expect(shown(z.uuid())).toHaveProperty("pattern");
  });
});

test("a library without JSON Schema has none", () => {
  expect(jsonSchema(v.number())).toBeUndefined();
});
