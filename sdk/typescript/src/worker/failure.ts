import { Sources } from "./sources.js";

/** An error as `POST /callback` has it. */
export interface Failure {
  readonly details: string;
  readonly type: string;
  readonly stack_trace: string;
  readonly retryable: boolean;
  /** The chained run whose failure the task did not handle. */
  readonly child_task_run_id?: string;
}

/** What is told of anything that was thrown. */
export async function describe(thrown: unknown): Promise<Failure> {
  if (!(thrown instanceof Error)) return { details: text(thrown), type: typeof thrown, stack_trace: "", retryable: true };
  const type = thrown.name || thrown.constructor.name;
  const child = childOf(thrown);
  return {
    // No error says nothing at all: an empty text would look like a success.
    details: thrown.message || type,
    type,
    stack_trace: stackOf(thrown, await Sources.load()),
    retryable: (thrown as { retryable?: unknown }).retryable !== false,
    ...(child && { child_task_run_id: child }),
  };
}

/** The chained run that the error, or what led to it, tells of. */
function childOf(thrown: unknown, seen = new Set<unknown>()): string | undefined {
  if (!(thrown instanceof Error) || seen.has(thrown)) return undefined;
  seen.add(thrown);
  const { taskRunId } = thrown as { taskRunId?: unknown };
  if (typeof taskRunId === "string" && taskRunId) return taskRunId;
  const others: unknown[] = thrown instanceof AggregateError ? thrown.errors : [];
  return [thrown.cause, ...others].map((one) => childOf(one, seen)).find(Boolean);
}

function text(thrown: unknown): string {
  if (thrown === undefined) return "undefined was thrown";
  if (typeof thrown === "string") return thrown || "an empty text was thrown";
  try {
    return JSON.stringify(thrown) ?? String(thrown);
  } catch {
    return String(thrown);
  }
}

/** This package's own file, as frames name it. */
const OURS = /([^\s()]+):\d+:\d+\)?$/.exec(new Error().stack?.split("\n")[1] ?? "")?.[1] ?? "node:";

/** The stack in the user's own files: mapped to the sources they were compiled from, without frames of Node's or ours. */
function stackOf(error: Error, sources: Sources): string {
  const whole = error.stack ?? String(error);
  const own = whole.split("\n").filter((line) => !/^\s+at /.test(line) || !(/[ (]node:|[ (]<anonymous>\)?$/.test(line) || line.includes(OURS)));
  const cause = error.cause instanceof Error ? `\nCaused by: ${stackOf(error.cause, sources)}` : "";
  return own.map((line) => sources.mapped(line)).join("\n") + cause;
}
