/** The other end of the worker protocol, for one program at a time. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Ended {
  readonly code: number | null;
  readonly stderr: string;
  /** The bodies of all requests by their paths. */
  readonly asked: Readonly<Record<string, any[]>>;
  /** What the task returned. */
  readonly result: unknown;
  readonly error: { details: string; type: string; stack_trace: string; retryable: boolean } | undefined;
}

/** What is answered to a request for a path; undefined for an empty body. */
export type Answers = Readonly<Record<string, (body: any, count: number) => { status?: number; content?: unknown }>>;

export const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64");
export const decode = (text: string) => JSON.parse(Buffer.from(text, "base64").toString());

/** Run a program, given as its source, as a worker with one assignment. */
export async function work(source: string, input: unknown = [], answers: Answers = {}, env: Record<string, string> = {}): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), "worker-"));
  const socket = join(folder, "socket");
  const asked: Record<string, any[]> = {};
  const assignment = { task_name: "main", input: encode(input), task_run_id: "trn-1", root_task_run_id: "trn-0", attempt: 2 };
  const usual: Answers = { "/input": () => ({ content: assignment }), ...answers };
  const server = createServer((request, answer) => {
    let text = "";
    request.on("data", (part) => (text += part));
    request.on("end", () => {
      const body = text ? JSON.parse(text) : undefined;
      const before = (asked[request.url ?? ""] ??= []);
      before.push(body);
      const { status = 200, content } = usual[request.url ?? ""]?.(body, before.length) ?? {};
      answer.writeHead(status).end(content === undefined ? "" : JSON.stringify(content));
    });
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  const worker = { RENDER_SDK_SOCKET_PATH: socket, RENDER_SDK_MODE: "run", ...env };
  const program = spawn(process.execPath, ["--input-type=module", "--eval", source], {
    cwd: join(import.meta.dirname, "../.."),
    env: { PATH: process.env["PATH"], ...worker },
    stdio: ["ignore", "inherit", "pipe"],
  });
  let stderr = "";
  program.stderr.on("data", (part) => (stderr += part));
  const code = await new Promise<number | null>((resolve) => program.on("close", resolve));
  server.close();
  rmSync(folder, { recursive: true });
  const [callback] = asked["/callback"] ?? [];
  const result = callback?.complete && decode(callback.complete.output)[0];
  return { code, stderr, asked, result, error: callback?.error };
}

/** A program of one task, whose function is given as its source. */
export const main = (func: string, options = "") =>
  `import { task, getCurrentContext, NonRetryableError, startTaskServer } from "@orchestrator/sdk";
   const square = task({ name: "square" }, (a) => a * a);
   task({ name: "main", ${options} }, ${func});`;
