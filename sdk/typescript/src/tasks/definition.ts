import { parametersOf, type SourceParameter } from "./parameters.js";
import { isOptional, jsonSchema, type StandardSchema } from "./schema.js";
import type { AnyTask, TaskOptions } from "./task.js";

/** A task as `POST /register-tasks` has it. */
export interface Definition {
  readonly name: string;
  readonly options: Record<string, unknown>;
  readonly parameters?: readonly Record<string, unknown>[];
  readonly signature?: string;
}

/** What is registered of a task: what its options say, and its parameters as far as source and schemas show them. */
export function definitionOf(task: AnyTask): Definition {
  const found = parametersOf(task.func)?.slice(task.wantsContext ? 1 : 0) ?? [];
  if (task.schemas.length === 0) return { name: task.name, options: options(task.options), parameters: found.map(plain) };
  const parameters = task.schemas.map((schema, place) => described(schema, found[place], place));
  // Only schemas say which arguments may be left out, so only they make a signature that calls are held to.
  const signature = `(${parameters.map((one) => `${one.name}${one.has_default ? "?" : ""}`).join(", ")})`;
  return { name: task.name, options: options(task.options), parameters, signature };
}

/** The names of a task's parameters in order, for calls by name. */
export function parameterNames(task: AnyTask): string[] {
  return (definitionOf(task).parameters ?? []).map((one) => String(one["name"]));
}

function options({ plan, timeoutSeconds, retry, network }: TaskOptions): Record<string, unknown> {
  const policy = retry && {
    max_retries: retry.maxRetries,
    wait_duration_ms: retry.waitDurationMs,
    ...(retry.backoffScaling !== undefined && { factor: retry.backoffScaling }),
  };
  return {
    ...(plan && { plan }),
    ...(timeoutSeconds && { timeout_seconds: timeoutSeconds }),
    ...(policy && { retry: policy }),
    ...(network && { network }),
  };
}

function plain(found: SourceParameter): Record<string, unknown> {
  return {
    name: found.name,
    ...(found.isRest && { kind: "var_positional" }),
    has_default: found.hasDefault,
    ...(found.default !== undefined && { default_value: found.default }),
  };
}

function described(schema: StandardSchema, found: SourceParameter | undefined, place: number) {
  const json = jsonSchema(schema);
  return {
    name: found?.isRest === false ? found.name : `arg${place + 1}`,
    kind: "positional_or_keyword",
    has_default: isOptional(schema),
    ...(json && { schema: json, is_checked: true }),
  };
}
