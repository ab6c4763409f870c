import { TaskRunError } from "../errors.js";
import { HttpClient } from "./http.js";

/** An answer of the orchestrator's end that no repetition would change. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

const FIRST_PAUSE_MS = 250;
const LAST_PAUSE_MS = 16_000;
/** With the pauses above some five minutes: an orchestrator that is started anew is back long before. */
const TRIES = 25;
const NOT_YET = 503;

/** The worker protocol: HTTP on the unix socket that the container's first program serves. */
export class Socket {
  readonly #http: HttpClient;

  constructor(path: string, net: typeof import("node:net")) {
    this.#http = new HttpClient(path, net);
  }

  /** Ask until there is an answer. Throws Refused, or the last error of the connection. */
  async ask(method: string, path: string, content?: unknown): Promise<any> {
    const body = content === undefined ? undefined : JSON.stringify(content);
    let pauseMs = FIRST_PAUSE_MS;
    for (let failures = 0; ; ) {
      let problem: Error;
      try {
        const { status, text } = await this.#http.send(method, path, body);
        if (status < 400) return text ? JSON.parse(text) : undefined;
        problem = new Refused(messageOf(text) || `${method} ${path} was answered ${status}`, status);
        if (status < 500 && status !== 429) throw problem;
        if (status === NOT_YET) failures = -1; // it was held as long as a request may be: there is nothing wrong
      } catch (error) {
        if (error instanceof Refused) throw error;
        problem = error as Error;
      }
      if (++failures >= TRIES) throw problem;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      pauseMs = failures ? Math.min(pauseMs * 2, LAST_PAUSE_MS) : FIRST_PAUSE_MS;
    }
  }

  /** Close what is open, so that it keeps no process alive. */
  close(): void {
    this.#http.close();
  }
}

function messageOf(text: string): string {
  try {
    return String(JSON.parse(text).message ?? "");
  } catch {
    return "";
  }
}

/** A value as the protocol carries it. */
export function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64");
}

/** The value that was carried; undefined for no text at all. */
export function decode(text: string | undefined): any {
  return text ? JSON.parse(Buffer.from(text, "base64").toString()) : undefined;
}

const PROCESS = Math.random().toString(36).slice(2);
let calls = 0;

/** Start a run of a task and wait for what it returns. Throws TaskRunError. */
export async function runChild(socket: Socket, name: string, args: readonly unknown[]): Promise<unknown> {
  const key = { idempotency_key: `${PROCESS}-${++calls}`, created_at: new Date().toISOString() };
  try {
    const { task_run_id } = await socket.ask("POST", "/run-subtask", { task_name: name, input: encode(args), ...key });
    for (;;) {
      const answer = await socket.ask("POST", "/get-subtask-result", { task_run_id });
      if (answer.still_running) continue;
      if (answer.error) throw failed(name, answer.error, task_run_id);
      return decode(answer.complete?.output)?.[0];
    }
  } catch (error) {
    throw error instanceof Refused ? failed(name, { details: error.message }, undefined, "refused") : error;
  }
}

function failed(name: string, error: { details?: unknown; type?: string }, id?: string, status = "failed"): TaskRunError {
  const said = String(error.details ?? "");
  const text = `the run of '${name}' ${status === "refused" ? "was refused" : "failed"}: ${said}`;
  return new TaskRunError(text, id, said, status, name, error.type);
}
