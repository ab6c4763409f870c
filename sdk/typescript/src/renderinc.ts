/** What programs import from `@renderinc/sdk` and `@renderinc/sdk/workflows`, where that package is not to be had. */
export * from "./renderinc/client.js";
export * from "./renderinc/errors.js";
export { type RegisterTaskOptions, type Retry, task, type TaskDefinition, type TaskFunction, TaskRegistry } from "./renderinc/task.js";
export { getCurrentContext, type TaskContext } from "./tasks/context.js";
export type { Task } from "./tasks/task.js"; // what task() makes is named in declarations by where it is imported from
export { startTaskServer, startTaskServer as run } from "./worker/start.js";
