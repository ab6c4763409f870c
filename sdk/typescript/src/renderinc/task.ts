import type { TaskContext } from "../tasks/context.js";
import { parametersOf } from "../tasks/parameters.js";
import { shared } from "../tasks/shared.js";
import { define, type Plan, type Retry, type Task } from "../tasks/task.js";

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
export function task<const N extends string, F extends (...args: any[]) => any>(
  options: RegisterTaskOptions<N>,
  func: F,
): Task<N, Given<Parameters<F>>, Awaited<ReturnType<F>>> {
  return define({ ...options, plan: options.plan as Plan }, func, wantsContext(func)) as Task<any, any[], any>;
}

/** Whether the function is written for 1.0 and later: as the image says, which was made of the types, else as its own source shows. */
export function wantsContext(func: Function): boolean {
  const said = process.env["RENDER_SDK_TAKES_CONTEXT"];
  if (said) return said === "true";
  const first = typeof func === "function" ? parametersOf(func)?.[0]?.name : undefined;
  if (first === undefined) return false;
  if (/^_?ctx$/.test(first)) return true;
  return new RegExp(`(?<![\\w$.])${first.replaceAll("$", "\\$")}\\.run\\(`).test(Function.prototype.toString.call(func));
}

/** The tasks that were registered. */
export class TaskRegistry {
  static readonly #one = new TaskRegistry();

  static getInstance(): TaskRegistry {
    return TaskRegistry.#one;
  }

  getTaskNames(): string[] {
    return [...shared.tasks.keys()];
  }

  get(name: string): { name: string; func: (...args: any[]) => unknown } | undefined {
    return shared.tasks.get(name);
  }
}
