/** A task's parameters as fields of a form, and what was entered as its input. Pure. */

import type { Parameter } from "./api/types";

export interface Field {
  name: string;
  /** How it is entered. */
  as: "text" | "number" | "boolean" | "choice" | "json";
  /** The words of its type. */
  type: string;
  /** JSON text; null where a value must be given. */
  default: string | null;
  choices: string[];
}

/** Fields by name or in order; null where only JSON will do. */
export interface Form {
  fields: Field[];
  isNamed: boolean;
}

const NAMED = new Set(["positional_or_keyword", "keyword_only"]);
const IN_ORDER = new Set(["positional_only", "positional_or_keyword", undefined]);

export function formOf(parameters: Parameter[]): Form | null {
  const isNamed = parameters.every((one) => NAMED.has(one.kind ?? ""));
  if (!isNamed && !parameters.every((one) => IN_ORDER.has(one.kind))) return null;
  return { fields: parameters.map(fieldOf), isNamed };
}

function fieldOf(parameter: Parameter): Field {
  const schema = (parameter.schema ?? {}) as { type?: string; enum?: unknown[] };
  const choices = schema.enum?.every((one) => typeof one === "string") ? (schema.enum as string[]) : [];
  return {
    name: parameter.name,
    as: choices.length ? "choice" : (KINDS[schema.type ?? ""] ?? guessed(parameter)),
    type: parameter.type ?? schema.type ?? "",
    default: parameter.hasDefault ? (parameter.default ?? "null") : null,
    choices,
  };
}

const KINDS: Record<string, Field["as"]> = { string: "text", integer: "number", number: "number", boolean: "boolean" };
const TYPES: Record<string, Field["as"]> = { str: "text", string: "text", int: "number", float: "number", number: "number", bool: "boolean", boolean: "boolean" };

function guessed(parameter: Parameter): Field["as"] {
  return TYPES[parameter.type ?? ""] ?? "json";
}

/** What a field begins with: its default as text. */
export function initial(field: Field): string {
  if (field.default === null) return field.as === "boolean" ? "false" : "";
  if (field.as === "text" || field.as === "choice") return textOf(field.default);
  return field.default;
}

function textOf(json: string): string {
  const value = JSON.parse(json) as unknown;
  return typeof value === "string" ? value : value === null ? "" : json;
}

/** The value that a text stands for. Raises Error, in words for people. */
export function valueOf(field: Field, text: string): unknown {
  if (field.as === "text" || field.as === "choice") return text;
  if (field.as === "boolean") return text === "true";
  if (field.as === "number") {
    const value = Number(text);
    if (text.trim() === "" || !Number.isFinite(value)) throw new Error("a number is wanted");
    return value;
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Error("JSON is wanted, such as [1, 2] or \"text\"");
  }
}

export interface Entered {
  input: unknown[] | Record<string, unknown>;
  /** By the field's name. */
  problems: Record<string, string>;
}

/** The input of what was entered; a field that stays at its default is left out where that can be. */
export function inputOf(form: Form, texts: Record<string, string>): Entered {
  const problems: Record<string, string> = {};
  const values = form.fields.map((field) => {
    const text = texts[field.name] ?? initial(field);
    if (field.default !== null && text === initial(field)) return { field, value: JSON.parse(field.default) as unknown, isDefault: true };
    try {
      return { field, value: valueOf(field, text), isDefault: false };
    } catch (error) {
      problems[field.name] = (error as Error).message;
      return { field, value: null, isDefault: false };
    }
  });
  if (form.isNamed) {
    const given = values.filter((one) => !one.isDefault).map((one) => [one.field.name, one.value] as const);
    return { input: Object.fromEntries(given), problems };
  }
  const last = values.findLastIndex((one) => !one.isDefault);
  return { input: values.slice(0, last + 1).map((one) => one.value), problems };
}
