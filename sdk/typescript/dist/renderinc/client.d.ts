import { Client } from "../client/client.js";
import type { TaskRun, TaskRunDetails } from "../client/models.js";
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
export declare enum TaskRunStatus {
    PENDING = "pending",
    RUNNING = "running",
    COMPLETED = "completed",
    SUCCEEDED = "succeeded",
    FAILED = "failed",
    CANCELED = "canceled"
}
export interface StartTaskOptions {
    signal?: AbortSignal;
    idempotencyKey?: string;
}
/** A run that was asked for. */
export declare class TaskRunResult {
    #private;
    readonly taskRunId: string;
    constructor(taskRunId: string, wait: () => Promise<TaskRunDetails>);
    /** The run once it is over. Throws TaskRunError when it failed. */
    get(): Promise<TaskRunDetails>;
}
/** Runs of tasks, by the names that package has for it. */
export declare class WorkflowsClient {
    #private;
    constructor(client: Client);
    startTask(task: string, input?: any[] | Record<string, any>, given?: AbortSignal | StartTaskOptions): Promise<TaskRunResult>;
    runTask(task: string, input?: any[] | Record<string, any>, given?: AbortSignal | StartTaskOptions): Promise<TaskRunDetails>;
    getTaskRun(id: string, signal?: AbortSignal): Promise<TaskRunDetails>;
    cancelTaskRun(id: string, signal?: AbortSignal): Promise<void>;
    listTaskRuns(params?: ListTaskRunsParams, signal?: AbortSignal): Promise<TaskRunWithCursor[]>;
    taskRunEvents(ids: string[], signal?: AbortSignal): AsyncGenerator<TaskRunDetails>;
}
/** The client of everything; here, of workflows. */
export declare class Render {
    readonly workflows: WorkflowsClient;
    constructor(options?: ClientOptions);
}
/** Throws RenderError without a key to a service that asks for one. */
export declare function createWorkflowsClient(options?: ClientOptions): WorkflowsClient;
