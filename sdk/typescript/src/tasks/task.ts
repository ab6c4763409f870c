import { ArgumentsError, DefinitionError } from "../errors.js";
import { scheduleStart } from "../worker/start.js";
import type { TaskContext } from "./context.js";
import { invoke } from "./invoke.js";
import type { HoldsBigInt, Jsonify } from "./json.js";
import { type Inputs, listed, type Outputs, type Schemas, type StandardSchema } from "./schema.js";
import { shared } from "./shared.js";

/** How much CPU and memory a run's container may use. */
export type Plan = "starter" | "standard" | "pro" | "pro_plus" | "pro_max" | "pro_ultra";

/** What follows a failed attempt: up to `maxRetries` further ones, each wait `backoffScaling` (1.5) times the one before. */
export interface Retry {
  readonly maxRetries: number;
  readonly waitDurationMs: number;
  readonly backoffScaling?: number;
}

/** "internet" without what is private, "none", or the only hosts and IPv4 ranges that a run may reach. */
export type Network = "internet" | "none" | readonly string[];

/** `timeoutSeconds` is from 30 to 86,400; what is left out is the orchestrator's: standard, 7,200 s, 3 retries after 1, 2 and 4 s. */
export interface TaskOptions<N extends string = string> {
  readonly name: N;
  readonly plan?: Plan;
  readonly timeoutSeconds?: number;
  readonly retry?: Retry;
  readonly network?: Network;
}

interface WithContext {
  /** The function's first parameter is the TaskContext, which callers do not see. */
  readonly context: true;
}

interface WithSchema<S extends Schemas> {
  /** Checks the arguments before the function sees them; what does not fit fails the run without retries. */
  readonly schema: S;
}

interface Plain {
  readonly context?: false;
  readonly schema?: undefined;
}

/** A registered task. Called inside a run it starts a run of its own; called anywhere else it is the function. */
export interface Task<N extends string, A extends unknown[], R> {
  (...args: A): Promise<R>;
  readonly name: N;
  /** The function itself, for tests; it takes the context first where the task asked for one. */
  readonly func: (...args: any[]) => unknown;
}

/** A task as the registry keeps it. */
export interface AnyTask extends Task<string, any[], any> {
  readonly options: TaskOptions;
  readonly schemas: readonly StandardSchema[];
  readonly wantsContext: boolean;
}

type Serializable<R> =
  HoldsBigInt<Awaited<R>> extends true ? [error: "JSON has no bigint: return a string or a number"] : [];

/** Register a function as a task; the file that does so is imported by the program's entry point. Throws DefinitionError. */
export function task<const N extends string, const S extends Schemas, R>(
  options: TaskOptions<N> & WithContext & WithSchema<S>,
  func: (context: TaskContext, ...args: Outputs<S>) => R,
  ...unserializable: Serializable<R>
): Task<N, Inputs<S>, Jsonify<Awaited<R>>>;
export function task<const N extends string, const S extends Schemas, R>(
  options: TaskOptions<N> & WithSchema<S> & { readonly context?: false },
  func: (...args: Outputs<S>) => R,
  ...unserializable: Serializable<R>
): Task<N, Inputs<S>, Jsonify<Awaited<R>>>;
export function task<const N extends string, A extends unknown[], R>(
  options: TaskOptions<N> & WithContext & { readonly schema?: undefined },
  func: (context: TaskContext, ...args: A) => R,
  ...unserializable: Serializable<R>
): Task<N, A, Jsonify<Awaited<R>>>;
export function task<const N extends string, A extends unknown[], R>(
  options: TaskOptions<N> & Plain,
  func: (...args: A) => R,
  ...unserializable: Serializable<R>
): Task<N, A, Jsonify<Awaited<R>>>;
export function task(
  options: TaskOptions & { readonly context?: boolean; readonly schema?: Schemas },
  func: (...args: any[]) => unknown,
): AnyTask {
  return define(options, func, options.context === true);
}

/** Register a task of which it is known whether it takes a context. */
export function define(
  options: TaskOptions & { readonly schema?: Schemas },
  func: (...args: any[]) => unknown,
  wantsContext: boolean,
): AnyTask {
  const { name } = options;
  check(name, func);
  const schemas = listed(options.schema);
  const made = (...args: unknown[]) => calling(made as unknown as AnyTask, args);
  Object.defineProperty(made, "name", { value: name });
  const defined = Object.assign(made, { func, options, schemas, wantsContext }) as unknown as AnyTask;
  shared.tasks.set(name, defined);
  scheduleStart();
  return defined;
}

function check(name: unknown, func: unknown): void {
  if (typeof name !== "string" || name === "") throw new DefinitionError('a task needs a name: task({ name: "square" }, …)');
  if (typeof func !== "function") throw new DefinitionError(`task '${name}' has no function: task({ name: "${name}" }, function …)`);
  if (shared.tasks.has(name)) throw new DefinitionError(`task '${name}' is defined twice: give one of them another name`);
  if (shared.serving) {
    throw new DefinitionError(
      `task '${name}' is defined after start-up, when the tasks are known already: define it at the top of a module, before any await`,
    );
  }
}

function calling(called: AnyTask, args: unknown[]): Promise<unknown> {
  const scope = shared.scope.getStore();
  return scope ? scope.call(called, args) : plainly(called, args);
}

async function plainly(called: AnyTask, args: unknown[]): Promise<unknown> {
  if (!called.wantsContext) return invoke(called, undefined, args);
  throw new ArgumentsError(`task '${called.name}' takes a context, which only a run has: call its func, or run it with the test helper`);
}
