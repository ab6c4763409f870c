import type { TaskContext } from "./context.js";
import { parameterNames } from "./definition.js";
import { validated } from "./schema.js";
import type { AnyTask } from "./task.js";

/** Call the task's function in this process. Throws what it throws, and ArgumentsError. */
export async function invoke(called: AnyTask, context: TaskContext | undefined, args: readonly unknown[]): Promise<unknown> {
  const { func, wantsContext } = called;
  const given = await checked(called, args);
  return func(...(wantsContext ? [context] : []), ...given);
}

/** The arguments as the task's schemas make them. Throws ArgumentsError. */
export async function checked(called: AnyTask, args: readonly unknown[]): Promise<readonly unknown[]> {
  return called.schemas.length ? validated(called.name, called.schemas, parameterNames(called), args) : args;
}
