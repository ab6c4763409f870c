import type { AnyTask, Task } from "./task.js";
import type { Json } from "./json.js";
/** Which run a task is executed for. */
export interface TaskContext {
    readonly taskRunId: string;
    readonly rootTaskRunId: string;
    /** Undefined for a run that no other run started. */
    readonly parentTaskRunId?: string;
    /** Counts from 0: the first try and every retry have their own. */
    readonly attempt: number;
    /** Aborted when the run is canceled or out of time; the process ends a few seconds later. */
    readonly signal: AbortSignal;
    /** By which the run is found: at most 10 of 64 characters. */
    readonly tags: {
        add(...tags: string[]): void;
    };
    /** What is kept with the run, at most 32 keys and 4 KiB of JSON; what was given with the run stays unless it is set here. */
    readonly metadata: {
        set(key: string, value: Json): void;
        delete(key: string): void;
    };
    /** How far the run is, from 0 to 1; call it as often as you like, for the newest is sent once a second. */
    progress(fraction: number | undefined, message?: string): void;
    /** The same as calling the task: a run of its own. */
    run<A extends unknown[], R>(task: Task<string, A, R>, ...args: A): Promise<R>;
}
/** What calling a task means where it is called; `context` is for the code that is running. */
export interface Scope {
    readonly context: TaskContext;
    call(task: AnyTask, args: readonly unknown[]): Promise<unknown>;
}
/** The run that this code is part of, across awaits and callbacks; undefined outside a run. */
export declare function getCurrentContext(): TaskContext | undefined;
