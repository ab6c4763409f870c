import { AsyncLocalStorage } from "node:async_hooks";
import type { Scope } from "./context.js";
import type { AnyTask } from "./task.js";

interface Shared {
  readonly scope: AsyncLocalStorage<Scope>;
  readonly tasks: Map<string, AnyTask>;
  /** Set from the moment the tasks are announced. */
  serving?: Promise<void>;
  isScheduled?: boolean;
}

const KEY = Symbol.for("@orchestrator/sdk");
const place = globalThis as { [KEY]?: Shared };

/** One for the process, though the package may be loaded twice: as an ES module and by `require`. */
export const shared: Shared = (place[KEY] ??= { scope: new AsyncLocalStorage(), tasks: new Map() });
