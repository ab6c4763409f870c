import type { TaskContext } from "../tasks/context.js";
import { type Retry, type Task } from "../tasks/task.js";
export type { Retry } from "../tasks/task.js";
export type TaskFunction<A extends any[] = any[], R = any> = (...args: A) => R | Promise<R>;
/** What 1.0 calls a task. */
export type TaskDefinition<A extends any[] = any[], R = any> = Task<string, A, R>;
export interface RegisterTaskOptions<N extends string = string> {
    name: N;
    plan?: string;
    timeoutSeconds?: number;
    retry?: Retry;
}
/** The arguments that callers give: since 1.0 without the context that comes first. */
type Given<A extends any[]> = A extends [infer First, ...infer Rest] ? (IsContext<First> extends true ? Rest : A) : A;
type IsContext<T> = 0 extends 1 & T ? false : [T] extends [TaskContext] ? true : false;
/** Register a function as a task, written for releases before 1.0, whose tasks are called, or later ones, that take a context. */
export declare function task<const N extends string, F extends (...args: any[]) => any>(options: RegisterTaskOptions<N>, func: F): Task<N, Given<Parameters<F>>, Awaited<ReturnType<F>>>;
/** Whether the function is written for 1.0 and later: as the image says, which was made of the types, else as its own source shows. */
export declare function wantsContext(func: Function): boolean;
/** The tasks that were registered. */
export declare class TaskRegistry {
    #private;
    static getInstance(): TaskRegistry;
    getTaskNames(): string[];
    get(name: string): {
        name: string;
        func: (...args: any[]) => unknown;
    } | undefined;
}
