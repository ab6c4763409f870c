/** What all errors of this package have in common. */
export class OrchestratorError extends Error {
  override name = "OrchestratorError";
}

/** Thrown by a task: trying again would not help, so the run fails without its remaining retries. */
export class NonRetryableError extends OrchestratorError {
  override name = "NonRetryableError";
  readonly retryable = false;
}

/** A task cannot be called with these arguments; a further attempt would have the same. */
export class ArgumentsError extends OrchestratorError {
  override name = "ArgumentsError";
  readonly retryable = false;
}

/** A task was defined twice, or too late: the code has to change. */
export class DefinitionError extends OrchestratorError {
  override name = "DefinitionError";
}

/** A run that was waited for did not complete. */
export class TaskRunError extends OrchestratorError {
  override name = "TaskRunError";

  /**
   * `taskRunId` is the run that failed, where it is known, `task` the name of its task; `taskError` what the task itself said, and
   * `errorType` the name of its error.
   */
  constructor(
    message: string,
    readonly taskRunId?: string,
    readonly taskError: string = message,
    readonly status: string = "failed",
    readonly task?: string,
    readonly errorType?: string,
  ) {
    super(message);
  }
}

/** A request failed; `status` is the HTTP status, undefined when there was no answer. */
export class ApiError extends OrchestratorError {
  override name = "ApiError";

  constructor(
    message: string,
    readonly status?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The time given to a wait is over; the run goes on. */
export class WaitTimeoutError extends OrchestratorError {
  override name = "WaitTimeoutError";
}
