import type { Task } from "./tasks/task.js";
/** A call of one task by another, as the run that it would have been. */
export interface TestedChild {
    readonly task: string;
    readonly args: readonly unknown[];
    /** What it returned, once it did. */
    result?: unknown;
    error?: unknown;
}
export interface TestOptions {
    /** Counts from 0. */
    readonly attempt?: number;
    readonly signal?: AbortSignal;
    /** By their names, functions that stand for the tasks that are called; the others are executed, too. */
    readonly children?: Readonly<Record<string, (...args: any[]) => unknown>>;
}
/** What a run came to. */
export interface Tested<R> {
    readonly result: R;
    /** In the order of their calls, those of children after the children's own. */
    readonly children: readonly TestedChild[];
}
/** Execute a task in this process as a run would be: its context, JSON between all tasks, but no containers and no retries. */
export declare function runTask<A extends unknown[], R>(task: Task<string, A, R>, args: Readonly<A>, options?: TestOptions): Promise<Tested<R>>;
