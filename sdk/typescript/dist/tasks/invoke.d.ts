import type { TaskContext } from "./context.js";
import type { AnyTask } from "./task.js";
/** Call the task's function in this process. Throws what it throws, and ArgumentsError. */
export declare function invoke(called: AnyTask, context: TaskContext | undefined, args: readonly unknown[]): Promise<unknown>;
/** The arguments as the task's schemas make them. Throws ArgumentsError. */
export declare function checked(called: AnyTask, args: readonly unknown[]): Promise<readonly unknown[]>;
