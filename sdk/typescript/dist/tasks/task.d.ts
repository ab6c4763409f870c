import type { TaskContext } from "./context.js";
import type { HoldsBigInt, Jsonify } from "./json.js";
import { type Inputs, type Outputs, type Schemas, type StandardSchema } from "./schema.js";
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
type Serializable<R> = HoldsBigInt<Awaited<R>> extends true ? [error: "JSON has no bigint: return a string or a number"] : [];
/** Register a function as a task; the file that does so is imported by the program's entry point. Throws DefinitionError. */
export declare function task<const N extends string, const S extends Schemas, R>(options: TaskOptions<N> & WithContext & WithSchema<S>, func: (context: TaskContext, ...args: Outputs<S>) => R, ...unserializable: Serializable<R>): Task<N, Inputs<S>, Jsonify<Awaited<R>>>;
export declare function task<const N extends string, const S extends Schemas, R>(options: TaskOptions<N> & WithSchema<S> & {
    readonly context?: false;
}, func: (...args: Outputs<S>) => R, ...unserializable: Serializable<R>): Task<N, Inputs<S>, Jsonify<Awaited<R>>>;
export declare function task<const N extends string, A extends unknown[], R>(options: TaskOptions<N> & WithContext & {
    readonly schema?: undefined;
}, func: (context: TaskContext, ...args: A) => R, ...unserializable: Serializable<R>): Task<N, A, Jsonify<Awaited<R>>>;
export declare function task<const N extends string, A extends unknown[], R>(options: TaskOptions<N> & Plain, func: (...args: A) => R, ...unserializable: Serializable<R>): Task<N, A, Jsonify<Awaited<R>>>;
/** Register a task of which it is known whether it takes a context. */
export declare function define(options: TaskOptions & {
    readonly schema?: Schemas;
}, func: (...args: any[]) => unknown, wantsContext: boolean): AnyTask;
export {};
