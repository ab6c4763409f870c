/** What all errors of this package have in common. */
export declare class OrchestratorError extends Error {
    name: string;
}
/** Thrown by a task: trying again would not help, so the run fails without its remaining retries. */
export declare class NonRetryableError extends OrchestratorError {
    name: string;
    readonly retryable = false;
}
/** A task cannot be called with these arguments; a further attempt would have the same. */
export declare class ArgumentsError extends OrchestratorError {
    name: string;
    readonly retryable = false;
}
/** A task was defined twice, or too late: the code has to change. */
export declare class DefinitionError extends OrchestratorError {
    name: string;
}
/** A run that was waited for did not complete. */
export declare class TaskRunError extends OrchestratorError {
    readonly taskRunId?: string | undefined;
    readonly taskError: string;
    readonly status: string;
    readonly task?: string | undefined;
    readonly errorType?: string | undefined;
    name: string;
    /**
     * `taskRunId` is the run that failed, where it is known, `task` the name of its task; `taskError` what the task itself said, and
     * `errorType` the name of its error.
     */
    constructor(message: string, taskRunId?: string | undefined, taskError?: string, status?: string, task?: string | undefined, errorType?: string | undefined);
}
/** A request failed; `status` is the HTTP status, undefined when there was no answer. */
export declare class ApiError extends OrchestratorError {
    readonly status?: number | undefined;
    name: string;
    constructor(message: string, status?: number | undefined, options?: ErrorOptions);
}
/** The time given to a wait is over; the run goes on. */
export declare class WaitTimeoutError extends OrchestratorError {
    name: string;
}
