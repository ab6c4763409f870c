export * from "./errors.js";
export { getCurrentContext, type TaskContext } from "./tasks/context.js";
export type { Json, Jsonify } from "./tasks/json.js";
export type { StandardSchema } from "./tasks/schema.js";
export { type Network, type Plan, type Retry, type Task, task, type TaskOptions } from "./tasks/task.js";
export { startTaskServer } from "./worker/start.js";
