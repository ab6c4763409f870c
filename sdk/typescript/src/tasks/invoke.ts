import type { TaskContext } from "./context.js";
import { validated } from "./schema.js";
import type { AnyTask } from "./task.js";

/** Call the task's function in this process. Throws what it throws, and ArgumentsError. */
export async function invoke(called: AnyTask, context: TaskContext | undefined, args: readonly unknown[]): Promise<unknown> {
  const { func, schemas, wantsContext, name } = called;
  const given = schemas.length ? await validated(name, schemas, args) : args;
  return func(...(wantsContext ? [context] : []), ...given);
}
