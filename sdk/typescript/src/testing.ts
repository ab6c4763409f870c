import type { Scope, TaskContext } from "./tasks/context.js";
import { invoke } from "./tasks/invoke.js";
import { shared } from "./tasks/shared.js";
import type { AnyTask, Task } from "./tasks/task.js";

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
export async function runTask<A extends unknown[], R>(task: Task<string, A, R>, args: Readonly<A>, options: TestOptions = {}): Promise<Tested<R>> {
  const children: TestedChild[] = [];
  const result = await execute(task as unknown as AnyTask, args, options, children);
  return { result: result as R, children };
}

async function execute(task: AnyTask, args: readonly unknown[], options: TestOptions, children: TestedChild[]): Promise<unknown> {
  const call = async (called: AnyTask, given: readonly unknown[]): Promise<unknown> => {
    const child: TestedChild = { task: called.name, args: given };
    children.push(child);
    try {
      const stand = options.children?.[called.name];
      child.result = stand ? throughJson(await stand(...given)) : await execute(called, given, options, children);
      return child.result;
    } catch (error) {
      child.error = error;
      throw error;
    }
  };
  const context: TaskContext = {
    taskRunId: "trn-test",
    rootTaskRunId: "trn-test",
    attempt: options.attempt ?? 0,
    signal: options.signal ?? new AbortController().signal,
    tags: { add: () => {} },
    metadata: { set: () => {}, delete: () => {} },
    progress: () => {},
    run: (called, ...given) => call(called as unknown as AnyTask, given) as Promise<any>,
  };
  const scope: Scope = { context, call };
  const given = (throughJson(args) as unknown[]).map((one, place) => (args[place] === undefined ? undefined : one));
  return throughJson(await shared.scope.run(scope, () => invoke(task, context, given)));
}

function throughJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify([value]))[0];
}
