import { ApiError, OrchestratorError, TaskRunError, WaitTimeoutError } from "../errors.js";
import { Connection, type ConnectionOptions, type Query } from "./connection.js";
import { detailsOf, isOver, isSuccess, type LogLine, type TaskRun, type TaskRunDetails, type TaskRunStatus } from "./models.js";
import { eventsOf } from "./sse.js";
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

const PAGE = 100;
const LOG_PAGE = 1_000;
const FIRST_PAUSE_MS = 100;
const LAST_PAUSE_MS = 5_000;
/** How long an orchestrator that does not answer is waited for: a restart takes seconds. */
const UNREACHABLE_MS = 60_000;

/** Starts runs and follows them, from Node, Bun, Deno or a browser. */
export class Client {
  readonly #connection: Connection;
  readonly #workflow: string | undefined;

  constructor(options: ClientOptions = {}) {
    this.#connection = new Connection(options);
    this.#workflow = options.workflow;
  }

  /** The tasks of one workflow, known by their types: `client.workflow<typeof import("./tasks")>("math")`. */
  workflow<T>(slug: string): WorkflowClient<T> {
    return new WorkflowClient<T>(this, slug);
  }

  /** Ask for a run of `workflow/task`; returns at once. Throws ApiError. */
  async start<T = unknown>(...[task, args, options]: [...Call<T>, options?: StartOptions]): Promise<TaskRun> {
    return this.#start(task as string, args as Input | undefined, options as StartOptions | undefined);
  }

  /** Ask for a run and wait until it is over. Throws TaskRunError when it does not complete, WaitTimeoutError, ApiError. */
  async run<T = unknown>(
    ...[task, args, options]: [...Call<T>, options?: StartOptions & WaitOptions]
  ): Promise<TaskRunDetails<AnyResult<T>>> {
    const given = options as (StartOptions & WaitOptions) | undefined;
    const { id } = await this.#start(task as string, args as Input | undefined, given);
    return this.wait<AnyResult<T>>(id, given);
  }

  /** Wait until a run is over. Throws TaskRunError when it did not complete, WaitTimeoutError, ApiError. */
  async wait<R = unknown>(id: string, options: WaitOptions = {}): Promise<TaskRunDetails<R>> {
    for await (const run of this.events([id], options)) {
      if (isSuccess(run)) return run as TaskRunDetails<any>;
      const said = run.error ?? "";
      throw new TaskRunError(`run ${id} ${run.status === "canceled" ? "was canceled" : "has failed"}${said && `: ${said}`}`, id, said, run.status);
    }
    throw new OrchestratorError(`run ${id} was not heard of again`);
  }

  /** A run with its input, attempts and outcome. */
  async get(id: string): Promise<TaskRunDetails> {
    return detailsOf(await this.#connection.send("GET", `/task-runs/${encodeURIComponent(id)}`));
  }

  /** Do a run again, as the first of a tree of its own; returns the new run at once. Throws ApiError. */
  async rerun(id: string, options: RerunOptions = {}): Promise<TaskRun> {
    const { signal, ...body } = options;
    return this.#connection.send("POST", `/task-runs/${encodeURIComponent(id)}/rerun`, { body, ...(signal && { signal }) });
  }

  /** End a run and all runs it started. */
  async cancel(id: string): Promise<void> {
    await this.#connection.send("DELETE", `/task-runs/${encodeURIComponent(id)}`);
  }

  /** Runs, newest first, page by page up to `limit` runs. */
  async *list({ limit = Infinity, cursor, ...filters }: ListOptions = {}): AsyncGenerator<TaskRun> {
    for (let left = limit, after = cursor; left > 0; ) {
      const size = Math.min(PAGE, left);
      const query = { ...queryOf(filters), limit: size, cursor: after };
      const { items, next } = await this.#connection.page<{ taskRun: TaskRun; cursor: string }>("/task-runs", query);
      for (const one of items) yield one.taskRun;
      left -= items.length;
      after = next ?? items.at(-1)?.cursor;
      if (!next && items.length < size) return;
    }
  }

  /** Each of the runs as it ends, and then the end. Throws WaitTimeoutError, and ApiError when nobody answers for a minute. */
  async *events(ids: readonly string[], options: WaitOptions = {}): AsyncGenerator<TaskRunDetails> {
    const open = new Set(ids);
    const deadline = new Deadline(options);
    const pause = new Pause(deadline);
    while (open.size) {
      try {
        const stream = await this.#connection.stream("/task-runs/events", { taskRunIds: [...open] }, deadline.signal);
        for await (const event of eventsOf(stream)) {
          if (!event.name.startsWith("task.")) continue;
          const run = detailsOf(JSON.parse(event.data));
          if (isOver(run) && open.delete(run.id)) yield run;
          pause.reset();
          if (!open.size) return;
        }
        // What a broken stream kept back.
        for (const run of await Promise.all([...open].map((id) => this.get(id)))) {
          if (isOver(run) && open.delete(run.id)) yield run;
        }
      } catch (error) {
        pause.check(error, `run ${[...open].join(" and ")}`);
      }
      if (open.size) await pause.wait();
    }
  }

  /** What a run printed so far; with `follow` all it prints until it is over. */
  async *logs(id: string, options: { attempt?: number; follow?: boolean; signal?: AbortSignal } = {}): AsyncGenerator<LogLine> {
    const path = `/task-runs/${encodeURIComponent(id)}/logs`;
    let cursor: string | undefined;
    for (;;) {
      const query = { attempt: options.attempt, limit: LOG_PAGE, cursor };
      const page: LogLine[] = await this.#connection.send("GET", path, { query, ...(options.signal && { signal: options.signal }) });
      yield* page;
      cursor = page.at(-1)?.cursor ?? cursor;
      if (page.length < LOG_PAGE) break;
    }
    if (options.follow) yield* this.#tail(path, { attempt: options.attempt, cursor }, options.signal);
  }

  async *#tail(path: string, query: { attempt: number | undefined; cursor: string | undefined }, signal?: AbortSignal): AsyncGenerator<LogLine> {
    const pause = new Pause(new Deadline(signal ? { signal } : {}));
    for (let cursor = query.cursor; ; ) {
      try {
        const stream = await this.#connection.stream(path, { ...query, cursor, follow: true }, signal);
        for await (const event of eventsOf(stream)) {
          if (event.name === "end") return;
          if (event.name !== "log") continue;
          const line: LogLine = JSON.parse(event.data);
          cursor = line.cursor;
          yield line;
          pause.reset();
        }
      } catch (error) {
        pause.check(error, path);
      }
      await pause.wait();
    }
  }

  async #start(task: string, args: Input = [], options: StartOptions = {}): Promise<TaskRun> {
    const named = task.includes("/") || task.startsWith("tsk-") ? task : `${this.#required(task)}/${task}`;
    const { signal, idempotencyKey, queueTimeoutSeconds, deadlineSeconds, tags, metadata } = options;
    const body = { task: named, input: args, idempotencyKey, queueTimeoutSeconds, deadlineSeconds, tags, metadata };
    return this.#connection.send("POST", "/task-runs", { body, ...(signal && { signal }) });
  }

  #required(task: string): string {
    if (this.#workflow) return this.#workflow;
    throw new OrchestratorError(`'${task}' names no workflow: say workflow/${task}, or give the client a workflow`);
  }
}

/** A workflow whose tasks are known by their types; nothing of their code is loaded. */
export class WorkflowClient<T> {
  readonly #client: Client;
  readonly #slug: string;

  constructor(client: Client, slug: string) {
    this.#client = client;
    this.#slug = slug;
  }

  /** Ask for a run; returns at once. Throws ApiError. */
  start<N extends NameOf<T>>(task: N, args: Readonly<ArgumentsOf<T, N>>, options?: StartOptions): Promise<TaskRun> {
    return this.#client.start(`${this.#slug}/${task}`, args as unknown as unknown[], options);
  }

  /** Ask for a run and wait until it is over. Throws TaskRunError when it does not complete, WaitTimeoutError, ApiError. */
  async run<N extends NameOf<T>>(
    task: N,
    args: Readonly<ArgumentsOf<T, N>>,
    options?: StartOptions & WaitOptions,
  ): Promise<TaskRunDetails<ResultOf<T, N>>> {
    const { id } = await this.start(task, args, options);
    return this.#client.wait<ResultOf<T, N>>(id, options);
  }
}

function queryOf({ task, workflow, createdAfter, createdBefore, ...others }: Omit<ListOptions, "limit" | "cursor">): Query {
  return {
    ...others,
    taskSlug: task,
    workflowId: workflow,
    createdAfter: createdAfter?.toISOString(),
    createdBefore: createdBefore?.toISOString(),
  };
}

/** Until when to wait; the caller's own signal ends it sooner. */
class Deadline {
  readonly signal: AbortSignal | undefined;
  readonly seconds: number | undefined;
  readonly #timer: AbortSignal | undefined;

  constructor({ timeoutSeconds, signal }: WaitOptions) {
    this.seconds = timeoutSeconds;
    this.#timer = timeoutSeconds === undefined ? undefined : AbortSignal.timeout(timeoutSeconds * 1000);
    this.signal = this.#timer && signal ? either(this.#timer, signal) : (this.#timer ?? signal);
  }

  get isOver(): boolean {
    return this.#timer?.aborted ?? false;
  }
}

function either(...signals: AbortSignal[]): AbortSignal {
  const controller = new AbortController();
  for (const one of signals) {
    if (one.aborted) controller.abort(one.reason);
    one.addEventListener("abort", () => controller.abort(one.reason), { once: true });
  }
  return controller.signal;
}

/** The wait between two connections, longer each time until something comes through. */
class Pause {
  readonly #deadline: Deadline;
  #ms = FIRST_PAUSE_MS;
  #lostSince: number | undefined;

  constructor(deadline: Deadline) {
    this.#deadline = deadline;
  }

  reset(): void {
    this.#ms = FIRST_PAUSE_MS;
    this.#lostSince = undefined;
  }

  /** Throw what no further try would change. */
  check(error: unknown, what: string): void {
    if (this.#deadline.isOver) {
      throw new WaitTimeoutError(`${what} is not over after ${this.#deadline.seconds} s; what runs goes on`);
    }
    if (this.#deadline.signal?.aborted || (error instanceof ApiError && (error.status ?? 500) < 500)) throw error;
    this.#lostSince ??= Date.now();
    if (Date.now() - this.#lostSince > UNREACHABLE_MS) throw error;
  }

  async wait(): Promise<void> {
    const ms = this.#ms;
    this.#ms = Math.min(ms * 2, LAST_PAUSE_MS);
    await new Promise((resolve) => setTimeout(resolve, ms));
  }
}
