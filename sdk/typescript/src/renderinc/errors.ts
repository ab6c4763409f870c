import { ApiError, TaskRunError as OwnTaskRunError } from "../errors.js";

export class RenderError extends Error {
  override name = "RenderError";
}

export class TaskRunError extends RenderError {
  override name = "TaskRunError";

  constructor(
    message: string,
    readonly taskRunId?: string,
    readonly taskError?: string,
  ) {
    super(message);
  }
}

/** 4xx */
export class ClientError extends RenderError {
  override name = "ClientError";

  constructor(
    message: string,
    readonly statusCode: number,
  ) {
    super(message);
  }
}

/** 5xx, or no answer at all. */
export class ServerError extends RenderError {
  override name = "ServerError";

  constructor(
    message: string,
    readonly statusCode: number,
  ) {
    super(message);
  }
}

export class TimeoutError extends RenderError {
  override name = "TimeoutError";
}

export class AbortError extends Error {
  override name = "AbortError";

  constructor() {
    super("The operation was aborted.");
  }
}

/** Our error under its name in this package. */
export function translated(error: unknown, signal?: AbortSignal): unknown {
  if (signal?.aborted) return new AbortError();
  if (error instanceof OwnTaskRunError) return new TaskRunError(error.taskError, error.taskRunId, error.taskError);
  if (!(error instanceof ApiError)) return error;
  const status = error.status ?? 500;
  return status < 500 ? new ClientError(error.message, status) : new ServerError(error.message, status);
}
