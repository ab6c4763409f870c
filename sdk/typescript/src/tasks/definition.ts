import { parametersOf, type SourceParameter } from "./parameters.js";
import { isOptional, jsonSchema, type StandardSchema } from "./schema.js";
import type { AnyTask, TaskOptions } from "./task.js";

/** A task as `POST /register-tasks` has it. */
export interface Definition {
  readonly name: string;
  readonly options: Record<string, unknown>;
  readonly parameters: readonly Parameter[];
  readonly signature: string;
  /** A call may have fewer arguments, and more by position. */
  readonly is_open?: boolean;
}

interface Parameter {
  readonly name: string;
  readonly kind: SourceParameter["kind"];
  readonly has_default: boolean;
  readonly default_value?: string;
  readonly schema?: Record<string, unknown>;
  readonly is_checked?: boolean;
}

/** Where a function's source is not to be had: it takes arguments, whose names nobody knows. */
const UNKNOWN: readonly SourceParameter[] = [{ name: "args", kind: "var_positional", hasDefault: false }];

/** What is registered of a task: what its options say, and its parameters as far as source and schemas show them. */
export function definitionOf(task: AnyTask): Definition {
  const found = parametersOf(task.func)?.slice(task.wantsContext ? 1 : 0) ?? UNKNOWN;
  // Only schemas say which arguments may be left out, so only their calls are held to more than the names.
  const isOpen = task.schemas.length === 0;
  const parameters = isOpen ? found.map(plain) : task.schemas.map((schema, place) => described(schema, found[place], place));
  const shown = parameters.map((one) => `${one.kind === "var_positional" ? "..." : ""}${one.name}${one.has_default ? "?" : ""}`);
  const signature = `${task.name}(${shown.join(", ")})`;
  return { name: task.name, options: options(task.options), parameters, signature, ...(isOpen && { is_open: true }) };
}

/** The names of a task's parameters in order, for calls by name. */
export function parameterNames(task: AnyTask): string[] {
  return definitionOf(task).parameters.map((one) => one.name);
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

function plain({ name, kind, hasDefault, default: value }: SourceParameter): Parameter {
  return { name, kind, has_default: hasDefault, ...(value !== undefined && { default_value: value }) };
}

function described(schema: StandardSchema, found: SourceParameter | undefined, place: number): Parameter {
  const json = jsonSchema(schema);
  return {
    name: found && found.kind !== "var_positional" ? found.name : `arg${place + 1}`,
    kind: "positional_or_keyword",
    has_default: isOptional(schema),
    ...(json && { schema: json, is_checked: true }),
  };
}
