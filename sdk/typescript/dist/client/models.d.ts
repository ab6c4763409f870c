import type { Json } from "../tasks/json.js";
/** Where a run is in its life. */
export type TaskRunStatus = "pending" | "running" | "completed" | "succeeded" | "failed" | "canceled" | "paused";
/** One try at a run, in a container of its own; `attempt` counts from 0. Times are ISO 8601 text. */
export interface TaskAttempt {
    readonly attempt: number;
    readonly status: TaskRunStatus;
    readonly startedAt: string;
    readonly completedAt?: string;
    readonly exitCode?: number;
    readonly error?: string;
}
/** One asking for a task, as the API has it. */
export interface TaskRun {
    readonly id: string;
    readonly taskId: string;
    /** `workflow/task` */
    readonly task?: string;
    readonly status: TaskRunStatus;
    readonly plan?: string;
    readonly rootTaskRunId: string;
    /** The run that this one does again. */
    readonly rerunOf?: string;
    readonly parentTaskRunId: string;
    readonly tags?: readonly string[];
    readonly metadata?: {
        readonly [name: string]: Json;
    };
    /** How far its attempt says it is. */
    readonly progress?: {
        readonly fraction?: number;
        readonly message: string;
        readonly at: string;
    };
    readonly retries: number;
    readonly attempts: readonly TaskAttempt[];
    readonly createdAt?: string;
    readonly startedAt?: string;
    readonly completedAt?: string;
}
/** A run with its input and outcome. */
export interface TaskRunDetails<R = Json> extends TaskRun {
    readonly input: readonly Json[] | {
        readonly [name: string]: Json;
    };
    /** A list with what the task returned; of tasks in Python that return a list, that list. Empty unless completed. */
    readonly results: readonly Json[];
    readonly resultIsList?: boolean;
    readonly error?: string;
    /** What the task returned. */
    readonly result: R;
}
/** One line that an attempt printed. */
export interface LogLine {
    readonly timestamp: string;
    readonly attempt: number;
    readonly stream: "stdout" | "stderr" | "system";
    readonly message: string;
    readonly cursor: string;
}
/** Whether the run will never change again. */
export declare function isOver(run: Pick<TaskRun, "status">): boolean;
/** Whether the run ended with a result. */
export declare function isSuccess(run: Pick<TaskRun, "status">): boolean;
/** The API's JSON with its result told from the list it travels in. */
export declare function detailsOf(json: any): TaskRunDetails;
