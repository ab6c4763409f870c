import type { Json } from "../tasks/json.js";
import type { Task } from "../tasks/task.js";

type SomeTask = Task<string, any[], any>;

/** The tasks of `T`, which is a task or a module of tasks (`typeof import("./tasks")`), by their names. */
export type TasksOf<T> = T extends SomeTask
  ? { [N in T["name"]]: T }
  : { [K in keyof T as T[K] extends SomeTask ? T[K]["name"] : never]: T[K] };

export type NameOf<T> = keyof TasksOf<T> & string;

export type ArgumentsOf<T, N extends NameOf<T>> = TasksOf<T>[N] extends Task<string, infer A, any> ? A : never;

export type ResultOf<T, N extends NameOf<T>> = TasksOf<T>[N] extends Task<string, any[], infer R> ? R : never;

/** What a run of a task that nothing is known of takes: its arguments in order, or by their names. */
export type Input = readonly unknown[] | Readonly<Record<string, unknown>>;

type Never<T> = [T] extends [never] ? true : false;

/** The beginning of a call: the task and its arguments, which are known where `T` says what the tasks are. */
export type Call<T> = unknown extends T
  ? [task: string, args?: Input]
  : Never<NameOf<T>> extends true
    ? [task: never]
    : { [N in NameOf<T>]: WithArguments<N, ArgumentsOf<T, N>> }[NameOf<T>];

type WithArguments<N extends string, A extends unknown[]> = [] extends A
  ? [task: N | `${string}/${N}`, args?: Readonly<A>]
  : [task: N | `${string}/${N}`, args: Readonly<A>];

/** What any of the tasks of `T` returns. */
export type AnyResult<T> = unknown extends T ? Json : { [N in NameOf<T>]: ResultOf<T, N> }[NameOf<T>];
