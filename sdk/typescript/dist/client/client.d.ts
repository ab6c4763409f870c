import { type ConnectionOptions } from "./connection.js";
import { type LogLine, type TaskRun, type TaskRunDetails, type TaskRunStatus } from "./models.js";
import type { Json } from "../tasks/json.js";
import type { AnyResult, ArgumentsOf, Call, Input, NameOf, ResultOf } from "./types.js";
export interface ClientOptions extends ConnectionOptions {
    /** The workflow of tasks that are named without one. */
    readonly workflow?: string;
}
export interface StartOptions {
    /** The same key within a day gives the first run again. */
    readonly idempotencyKey?: string;
    /** How long the run may wait for capacity. */
    readonly queueTimeoutSeconds?: number;
    /** After this long, waits and retries included, the run fails. */
    readonly deadlineSeconds?: number;
    /** At most 10, by which the run is found again. */
    readonly tags?: readonly string[];
    /** Kept with the run: at most 32 keys and 4 KiB of JSON. */
    readonly metadata?: Readonly<Record<string, Json>>;
    readonly signal?: AbortSignal;
}
export interface RerunOptions {
    /** Other arguments than the run had. */
    readonly input?: Input;
    /** The version the run had, which is meant unless said, or the workflow's current one. */
    readonly version?: "same" | "current";
    /** The same key within a day gives the first run again. */
    readonly idempotencyKey?: string;
    readonly signal?: AbortSignal;
}
export interface WaitOptions {
    readonly timeoutSeconds?: number;
    readonly signal?: AbortSignal;
}
type Filter = string | readonly string[];
export interface ListOptions {
    readonly status?: TaskRunStatus | readonly TaskRunStatus[];
    readonly task?: Filter;
    readonly workflow?: Filter;
    readonly version?: Filter;
    readonly tag?: Filter;
    /** Of creation, this moment included. */
    readonly createdAfter?: Date;
    readonly createdBefore?: Date;
    readonly idPrefix?: string;
    /** A part of the error. */
    readonly text?: string;
    /** Only runs that no run asked for. */
    readonly rootsOnly?: boolean;
    readonly rootTaskRunId?: Filter;
    readonly limit?: number;
    readonly cursor?: string;
}
/** Starts runs and follows them, from Node, Bun, Deno or a browser. */
export declare class Client {
    #private;
    constructor(options?: ClientOptions);
    /** The tasks of one workflow, known by their types: `client.workflow<typeof import("./tasks")>("math")`. */
    workflow<T>(slug: string): WorkflowClient<T>;
    /** Ask for a run of `workflow/task`; returns at once. Throws ApiError. */
    start<T = unknown>(...[task, args, options]: [...Call<T>, options?: StartOptions]): Promise<TaskRun>;
    /** Ask for a run and wait until it is over. Throws TaskRunError when it does not complete, WaitTimeoutError, ApiError. */
    run<T = unknown>(...[task, args, options]: [...Call<T>, options?: StartOptions & WaitOptions]): Promise<TaskRunDetails<AnyResult<T>>>;
    /** Wait until a run is over. Throws TaskRunError when it did not complete, WaitTimeoutError, ApiError. */
    wait<R = unknown>(id: string, options?: WaitOptions): Promise<TaskRunDetails<R>>;
    /** A run with its input, attempts and outcome. */
    get(id: string): Promise<TaskRunDetails>;
    /** Do a run again, as the first of a tree of its own; returns the new run at once. Throws ApiError. */
    rerun(id: string, options?: RerunOptions): Promise<TaskRun>;
    /** End a run and all runs it started. */
    cancel(id: string): Promise<void>;
    /** Runs, newest first, page by page up to `limit` runs. */
    list({ limit, cursor, ...filters }?: ListOptions): AsyncGenerator<TaskRun>;
    /** Each of the runs as it ends, and then the end. Throws WaitTimeoutError, and ApiError when nobody answers for a minute. */
    events(ids: readonly string[], options?: WaitOptions): AsyncGenerator<TaskRunDetails>;
    /** What a run printed so far; with `follow` all it prints until it is over. */
    logs(id: string, options?: {
        attempt?: number;
        follow?: boolean;
        signal?: AbortSignal;
    }): AsyncGenerator<LogLine>;
}
/** A workflow whose tasks are known by their types; nothing of their code is loaded. */
export declare class WorkflowClient<T> {
    #private;
    constructor(client: Client, slug: string);
    /** Ask for a run; returns at once. Throws ApiError. */
    start<N extends NameOf<T>>(task: N, args: Readonly<ArgumentsOf<T, N>>, options?: StartOptions): Promise<TaskRun>;
    /** Ask for a run and wait until it is over. Throws TaskRunError when it does not complete, WaitTimeoutError, ApiError. */
    run<N extends NameOf<T>>(task: N, args: Readonly<ArgumentsOf<T, N>>, options?: StartOptions & WaitOptions): Promise<TaskRunDetails<ResultOf<T, N>>>;
}
export {};
