export { Client, type ClientOptions, type ListOptions, type RerunOptions, type StartOptions, type WaitOptions, WorkflowClient } from "./client/client.js";
export type { LogLine, TaskAttempt, TaskRun, TaskRunDetails, TaskRunStatus } from "./client/models.js";
export { ApiError, OrchestratorError, TaskRunError, WaitTimeoutError } from "./errors.js";
export type { Json, Jsonify } from "./tasks/json.js";
