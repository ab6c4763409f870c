import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

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
export function describe(thrown: unknown): Failure {
  if (!(thrown instanceof Error)) return { details: text(thrown), type: typeof thrown, stack_trace: "", retryable: true };
  const type = thrown.name || thrown.constructor.name;
  const child = childOf(thrown);
  return {
    // No error says nothing at all: an empty text would look like a success.
    details: thrown.message || type,
    type,
    stack_trace: stackOf(thrown),
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
const FRAME = /^(\s+at .*?\(?)((?:file:\/\/)?\/[^()]*?):(\d+):(\d+)(\)?)$/;

/** The stack in the user's own files: mapped to the sources they were compiled from, without frames of Node's or ours. */
export function stackOf(error: Error): string {
  const whole = error.stack ?? String(error);
  const own = whole.split("\n").filter((line) => !/^\s+at /.test(line) || !(/[ (]node:|[ (]<anonymous>\)?$/.test(line) || line.includes(OURS)));
  const cause = error.cause instanceof Error ? `\nCaused by: ${stackOf(error.cause)}` : "";
  return own.map(mapped).join("\n") + cause;
}

function mapped(line: string): string {
  const [, head, place, row, column, tail] = FRAME.exec(line) ?? [];
  if (place === undefined) return line;
  const file = place.startsWith("file:") ? fileURLToPath(place) : place;
  const found = mapOf(file)?.findEntry(Number(row) - 1, Number(column) - 1);
  if (!found || !("originalSource" in found)) return `${head}${file}:${row}:${column}${tail}`;
  return `${head}${originalFile(file, found.originalSource)}:${found.originalLine + 1}:${found.originalColumn + 1}${tail}`;
}

function originalFile(file: string, source: string): string {
  return source.startsWith("file:") ? fileURLToPath(source) : resolve(dirname(file), source);
}

/** The map that a compiled file names at its end. */
function mapOf(file: string): SourceMap | undefined {
  try {
    const named = /\/\/[#@] sourceMappingURL=(\S+)\s*$/.exec(readFileSync(file, "utf8"))?.[1];
    if (!named) return undefined;
    const inline = /^data:application\/json[^,]*;base64,(.*)$/.exec(named)?.[1];
    const json = inline ? Buffer.from(inline, "base64").toString() : readFileSync(resolve(dirname(file), named), "utf8");
    return new SourceMap(JSON.parse(json));
  } catch {
    return undefined;
  }
}
