import { ArgumentsError, NonRetryableError } from "../errors.js";
import type { Scope, TaskContext } from "../tasks/context.js";
import { definitionOf, parameterNames } from "../tasks/definition.js";
import { checked, invoke } from "../tasks/invoke.js";
import { shared } from "../tasks/shared.js";
import type { AnyTask } from "../tasks/task.js";
import { Annotations } from "./annotations.js";
import { describe, type Failure } from "./failure.js";
import { decode, encode, runChild, Socket } from "./socket.js";

/** How long handles that are still open may keep the process after its outcome is recorded. */
const LINGER_MS = 1_000;
const TERMINATED = 143;
/** A container that waits for so long was started ahead. */
const AHEAD_MS = 100;

/** What `GET /input` answers. */
interface Assignment {
  readonly task_name: string;
  readonly input: string;
  readonly task_run_id?: string;
  readonly root_task_run_id?: string;
  readonly parent_task_run_id?: string;
  readonly attempt?: number;
}

/** Do what this process was started for, and let it end. */
export async function work(path: string, mode: string, net: typeof import("node:net")): Promise<void> {
  const socket = new Socket(path, net);
  let exitCode = 0;
  if (mode === "register") {
    await socket.ask("POST", "/register-tasks", { tasks: [...shared.tasks.values()].map(definitionOf) });
  } else {
    const rehearsal = setTimeout(rehearse, AHEAD_MS, socket);
    const assignment: Assignment = await socket.ask("GET", "/input");
    clearTimeout(rehearsal);
    const outcome = await outcomeOf(socket, assignment, unhandled());
    if ("error" in outcome) {
      console.error(outcome.error.stack_trace || outcome.error.details);
      exitCode = 1;
    }
    await socket.ask("POST", "/callback", outcome);
  }
  socket.close();
  process.exitCode = exitCode;
  setTimeout(() => process.exit(), LINGER_MS).unref();
}

/** Go the way of a run once while there is none: the first time, its code is compiled on the way. */
async function rehearse(socket: Socket): Promise<void> {
  void [process.stdout, process.stderr]; // made when they are first written to, which takes longest of all
  const pretended = { func: () => 0, schemas: [] } as unknown as AnyTask;
  const outcome = await outcomeOf(socket, { task_name: "", input: encode([]) }, new Promise(() => {}), pretended);
  socket.ask("POST", "/", outcome).catch(() => {}); // there is no such thing: its answer is read
}

type Outcome = { readonly complete: { readonly output: string } } | { readonly error: Failure };

/** What comes of the assignment, or of what was `lost` meanwhile; the task is the one of its name, unless another is `given`. */
async function outcomeOf(socket: Socket, assignment: Assignment, lost: Promise<never>, given?: AnyTask): Promise<Outcome> {
  const annotations = new Annotations(socket);
  try {
    const called = given ?? taskOf(assignment.task_name);
    const args = argumentsOf(called, decode(assignment.input) ?? []);
    const scope = scopeOf(socket, assignment, annotations.say);
    return completed(await Promise.race([shared.scope.run(scope, () => invoke(called, scope.context, args)), lost]));
  } catch (thrown) {
    return { error: await describe(thrown) };
  } finally {
    await annotations.sent;
  }
}

function completed(value: unknown): Outcome {
  try {
    return { complete: { output: encode([value]) } };
  } catch (reason) {
    throw new NonRetryableError(`the task's result cannot be delivered: ${(reason as Error).message}`, { cause: reason });
  }
}

function taskOf(name: string): AnyTask {
  const found = shared.tasks.get(name);
  if (found) return found;
  throw new NonRetryableError(`there is no task '${name}' among ${[...shared.tasks.keys()].join(", ")}`);
}

/** The arguments in order: an object gives them by the names of the parameters. */
function argumentsOf(called: AnyTask, input: unknown): unknown[] {
  if (Array.isArray(input)) return input;
  const names = parameterNames(called);
  const given = input as Record<string, unknown>;
  const unknown = Object.keys(given).filter((name) => !names.includes(name));
  if (unknown.length) {
    throw new ArgumentsError(`task '${called.name}' has no parameter ${unknown.join(" or ")}`);
  }
  return trimmed(names.map((name) => given[name]));
}

/** Without what is undefined at the end, which JSON would make null: so defaults apply. */
function trimmed(args: readonly unknown[]): unknown[] {
  return args.slice(0, args.findLastIndex((one) => one !== undefined) + 1);
}

function scopeOf(socket: Socket, assignment: Assignment, say: Annotations["say"]): Scope {
  const call = (called: AnyTask, args: readonly unknown[]): Promise<unknown> => {
    // What cannot work is refused here, before it costs a container.
    const result = checked(called, args).then(() => runChild(socket, called.name, trimmed(args)));
    result.catch(() => {}); // awaited later, or by nobody: the run's own end decides
    return result;
  };
  return { context: contextOf(assignment, call, say), call };
}

function contextOf(assignment: Assignment, call: Scope["call"], say: Annotations["say"]): TaskContext {
  let signal: AbortSignal | undefined;
  return {
    tags: { add: (...tags) => say({ tags }) },
    metadata: {
      set: (key, value) => say({ metadata: { [key]: value } }),
      delete: (key) => say({ metadata: { [key]: null } }),
    },
    progress: (fraction, message) => say({ ...(fraction !== undefined && { fraction }), message: message ?? "" }),
    taskRunId: assignment.task_run_id ?? "",
    rootTaskRunId: assignment.root_task_run_id || (assignment.task_run_id ?? ""),
    ...(assignment.parent_task_run_id && { parentTaskRunId: assignment.parent_task_run_id }),
    attempt: assignment.attempt ?? 0,
    get signal() {
      return (signal ??= stopSignal());
    },
    run: (called, ...args) => call(called as unknown as AnyTask, args) as Promise<any>,
  };
}

/** Aborted by SIGTERM, which from now on ends the process only if nobody listens for the abort. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  process.once("SIGTERM", () => {
    process.exitCode = TERMINATED;
    controller.abort(new Error("the run was stopped: it was canceled, or its time was over"));
  });
  return controller.signal;
}

/** Rejects with what nobody caught, unless the program has its own way with that, and when nothing is left to wait for. */
function unhandled(): Promise<never> {
  return new Promise((_, reject) => {
    for (const event of ["unhandledRejection", "uncaughtException"] as const) {
      if (process.listenerCount(event) === 0) process.on(event, reject);
    }
    process.once("beforeExit", () => reject(new Error("the task awaits a promise that nothing is left to settle")));
  });
}
