import type { AnyTask, Task } from "./task.js";
import { shared } from "./shared.js";

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
  /** The same as calling the task: a run of its own. */
  run<A extends unknown[], R>(task: Task<string, A, R>, ...args: A): Promise<R>;
}

/** What calling a task means where it is called; `context` is for the code that is running. */
export interface Scope {
  readonly context: TaskContext;
  call(task: AnyTask, args: readonly unknown[]): Promise<unknown>;
}

/** The run that this code is part of, across awaits and callbacks; undefined outside a run. */
export function getCurrentContext(): TaskContext | undefined {
  return shared.scope.getStore()?.context;
}
