import { Client } from "../client/client.js";
import type { TaskRun, TaskRunDetails } from "../client/models.js";
import { TaskRunError as OwnTaskRunError } from "../errors.js";
import { RenderError, translated } from "./errors.js";

export type { TaskRun, TaskRunDetails } from "../client/models.js";

export interface ClientOptions {
  token?: string;
  baseUrl?: string;
  useLocalDev?: boolean;
  localDevUrl?: string;
  ownerId?: string;
  region?: string;
}

export interface ListTaskRunsParams {
  cursor?: string;
  limit?: number;
  taskSlug?: string[];
  rootTaskRunId?: string[];
  workflowId?: string[];
  ownerId?: string[];
}

export interface TaskRunWithCursor {
  taskRun: TaskRun;
  cursor: string;
}

export enum TaskRunStatus {
  PENDING = "pending",
  RUNNING = "running",
  COMPLETED = "completed",
  SUCCEEDED = "succeeded",
  FAILED = "failed",
  CANCELED = "canceled",
}

export interface StartTaskOptions {
  signal?: AbortSignal;
  idempotencyKey?: string;
}

const TRUE: readonly (string | undefined)[] = ["1", "t", "T", "true", "TRUE", "True"];
const HOSTED = "https://api.render.com";

/** A run that was asked for. */
export class TaskRunResult {
  #details: Promise<TaskRunDetails> | undefined;
  readonly #wait: () => Promise<TaskRunDetails>;

  constructor(
    readonly taskRunId: string,
    wait: () => Promise<TaskRunDetails>,
  ) {
    this.#wait = wait;
  }

  /** The run once it is over. Throws TaskRunError when it failed. */
  get(): Promise<TaskRunDetails> {
    return (this.#details ??= this.#wait());
  }
}

/** Runs of tasks, by the names that package has for it. */
export class WorkflowsClient {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async startTask(task: string, input: any[] | Record<string, any> = [], given?: AbortSignal | StartTaskOptions): Promise<TaskRunResult> {
    const options = given instanceof AbortSignal ? { signal: given } : (given ?? {});
    const { signal } = options;
    const run = await named(this.#client.start(task, input, options), signal);
    return new TaskRunResult(run.id, () => named(this.#ended(run.id, signal), signal));
  }

  async runTask(task: string, input: any[] | Record<string, any> = [], given?: AbortSignal | StartTaskOptions): Promise<TaskRunDetails> {
    return (await this.startTask(task, input, given)).get();
  }

  getTaskRun(id: string, signal?: AbortSignal): Promise<TaskRunDetails> {
    return named(this.#client.get(id), signal);
  }

  cancelTaskRun(id: string, signal?: AbortSignal): Promise<void> {
    return named(this.#client.cancel(id), signal);
  }

  async listTaskRuns(params: ListTaskRunsParams = {}, signal?: AbortSignal): Promise<TaskRunWithCursor[]> {
    const { taskSlug, rootTaskRunId, workflowId, limit = 20, cursor } = params;
    const filters = { ...(taskSlug && { task: taskSlug }), ...(rootTaskRunId && { rootTaskRunId }), ...(workflowId && { workflow: workflowId }) };
    const found: TaskRunWithCursor[] = [];
    const listing = this.#client.list({ ...filters, limit, ...(cursor && { cursor }) });
    await named((async () => { for await (const taskRun of listing) found.push({ taskRun, cursor: taskRun.id }); })(), signal);
    return found;
  }

  async *taskRunEvents(ids: string[], signal?: AbortSignal): AsyncGenerator<TaskRunDetails> {
    try {
      yield* this.#client.events(ids, signal ? { signal } : {});
    } catch (error) {
      throw translated(error, signal);
    }
  }

  /** Only a run that failed with an error is one; a canceled one is returned. */
  async #ended(id: string, signal?: AbortSignal): Promise<TaskRunDetails> {
    for await (const run of this.#client.events([id], signal ? { signal } : {})) {
      if (run.error) throw new OwnTaskRunError(run.error, id);
      return run;
    }
    throw new RenderError(`run ${id} was not heard of again`);
  }
}

/** The client of everything; here, of workflows. */
export class Render {
  readonly workflows: WorkflowsClient;

  constructor(options: ClientOptions = {}) {
    this.workflows = createWorkflowsClient(options);
  }
}

/** Throws RenderError without a key to a service that asks for one. */
export function createWorkflowsClient(options: ClientOptions = {}): WorkflowsClient {
  const url = localUrl(options);
  const token = options.token || process.env["RENDER_API_KEY"];
  if (!token && !url) {
    throw new RenderError("API token is required. Provide it via options.token or RENDER_API_KEY environment variable.");
  }
  return new WorkflowsClient(new Client({ url: url ?? options.baseUrl ?? HOSTED, ...(token && { apiKey: token }) }));
}

/** Where this user's own service is, if that is the one to ask. */
function localUrl({ useLocalDev, localDevUrl }: ClientOptions): string | undefined {
  const said = localDevUrl || process.env["RENDER_LOCAL_DEV_URL"];
  const isLocal = useLocalDev ?? (Boolean(said) || TRUE.includes(process.env["RENDER_USE_LOCAL_DEV"]));
  return isLocal ? said || "http://localhost:8120" : undefined;
}

function named<T>(answer: Promise<T>, signal?: AbortSignal): Promise<T> {
  return answer.catch((error: unknown) => {
    throw translated(error, signal);
  });
}
