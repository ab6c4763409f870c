import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Client } from "../../src/client.js";

type Route = (request: IncomingMessage, answer: ServerResponse, body: any, count: number) => void;

let routes: Record<string, Route> = {};
let asked: { path: string; authorization: string | undefined; body: any }[] = [];
const server = createServer((request, answer) => {
  let text = "";
  request.on("data", (part) => (text += part));
  request.on("end", () => {
    const body = text ? JSON.parse(text) : undefined;
    const path = `${request.method} ${request.url}`;
    asked.push({ path, authorization: request.headers.authorization, body });
    const key = path.split("?")[0] as string;
    const count = asked.filter((one) => one.path.startsWith(key)).length;
    (routes[key] ?? (() => answer.writeHead(404).end('{"message": "not here"}')))(request, answer, body, count);
  });
});
let client: Client;

beforeEach(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  client = new Client({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, apiKey: "key", workflow: "shop" });
  asked = [];
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const run = (status: string, more = {}) => ({ id: "trn-1", taskId: "tsk-1", status, results: [], attempts: [], ...more });
const json = (content: unknown, status = 200): Route => (_, answer) => answer.writeHead(status).end(JSON.stringify(content));
const stream = (...events: string[]): Route => (_, answer) => answer.writeHead(200, { "Content-Type": "text/event-stream" }).end(events.join(""));
const ended = (more: object) => `: ping\n\nevent: task.completed\ndata: ${JSON.stringify(run("completed", more))}\n\n`;

test("a run is started with its key and limits", async () => {
  routes = { "POST /v1/task-runs": json(run("pending"), 202) };
  expect((await client.start("shop/ship", [{ item: "hat" }], { idempotencyKey: "k", deadlineSeconds: 60 })).id).toBe("trn-1");
  expect(asked).toEqual([
    { path: "POST /v1/task-runs", authorization: "Bearer key", body: { task: "shop/ship", input: [{ item: "hat" }], idempotencyKey: "k", deadlineSeconds: 60 } },
  ]);
});

test("a task without a workflow is the client's workflow's", async () => {
  routes = { "POST /v1/task-runs": json(run("pending"), 202) };
  await client.start("ship");
  expect(asked[0]?.body).toEqual({ task: "shop/ship", input: [] });
  await expect(new Client({ url: "http://127.0.0.1:1" }).start("ship")).rejects.toThrow("names no workflow");
});

test("a run is waited for, over as many connections as it takes", async () => {
  routes = {
    "POST /v1/task-runs": json(run("pending"), 202),
    "GET /v1/task-runs/trn-1": json(run("running")),
    "GET /v1/task-runs/events": (request, answer, body, count) => (count < 2 ? stream() : stream(ended({ results: [[1, 2]], resultIsList: true })))(request, answer, body, count),
  };
  expect((await client.run("ship")).result).toEqual([1, 2]);
});

test("what a broken stream kept back is asked for", async () => {
  routes = { "GET /v1/task-runs/events": stream(), "GET /v1/task-runs/trn-1": json(run("succeeded", { results: [9] })) };
  expect((await client.wait("trn-1")).result).toBe(9);
});

test("a run that fails is an error with what the task said", async () => {
  const failed = `event: task.completed\ndata: ${JSON.stringify(run("failed", { error: "no hats" }))}\n\n`;
  routes = { "GET /v1/task-runs/events": stream(failed) };
  await expect(client.wait("trn-1")).rejects.toMatchObject({ name: "TaskRunError", taskRunId: "trn-1", taskError: "no hats", status: "failed" });
});

test("a wait ends when its time is over, and the run goes on", async () => {
  routes = { "GET /v1/task-runs/events": (_, answer) => answer.writeHead(200).flushHeaders() };
  await expect(client.wait("trn-1", { timeoutSeconds: 0.2 })).rejects.toThrow("is not over after 0.2 s; what runs goes on");
  expect(asked.map((one) => one.path)).toEqual(["GET /v1/task-runs/events?taskRunIds=trn-1"]);
});

test("what the server refuses is an error with its words", async () => {
  routes = { "POST /v1/task-runs": json({ message: "unknown task" }, 404) };
  await expect(client.run("ship")).rejects.toMatchObject({ name: "ApiError", status: 404, message: "unknown task" });
});

test("lists go on page by page", async () => {
  const page = Array.from({ length: 100 }, (_, at) => ({ taskRun: run("completed"), cursor: `c${at}` }));
  routes = { "GET /v1/task-runs": (request, answer, body, count) => json(count === 1 ? page : page.slice(0, 2))(request, answer, body, count) };
  let found = 0;
  for await (const _ of client.list({ status: ["failed", "canceled"], workflow: "shop" })) found++;
  expect(found).toBe(102);
  expect(asked[1]?.path).toBe("GET /v1/task-runs?status=failed&status=canceled&workflowId=shop&limit=100&cursor=c99");
});

test("a list goes on where the server says, also after a short page", async () => {
  const one = [{ taskRun: run("failed"), cursor: "trn-1" }];
  routes = {
    "GET /v1/task-runs": (request, answer, body, count) => {
      if (count === 1) answer.setHeader("Next-Cursor", "trn-9");
      json(count === 1 ? [] : one)(request, answer, body, count);
    },
  };
  let found = 0;
  const createdAfter = new Date("2026-03-04T00:00:00Z");
  for await (const _ of client.list({ text: "no hats", tag: "nightly", rootsOnly: true, createdAfter, task: "shop/ship" })) found++;
  expect(found).toBe(1);
  expect(asked.map((request) => new URL(`http://x${request.path.split(" ")[1]}`).searchParams.get("cursor"))).toEqual([null, "trn-9"]);
  const query = new URL(`http://x${asked[0]?.path.split(" ")[1]}`).searchParams;
  expect([query.get("text"), query.get("tag"), query.get("rootsOnly"), query.get("createdAfter"), query.get("taskSlug")]).toEqual([
    "no hats", "nightly", "true", "2026-03-04T00:00:00.000Z", "shop/ship",
  ]);
});

test("a run is done again", async () => {
  routes = { "POST /v1/task-runs/trn-1/rerun": json({ ...run("pending"), id: "trn-2", rerunOf: "trn-1" }, 202) };
  expect(await client.rerun("trn-1", { input: [1], version: "current" })).toMatchObject({ id: "trn-2", rerunOf: "trn-1" });
  expect(asked[0]?.body).toEqual({ input: [1], version: "current" });
});

test("logs are those there are, and with follow all there will be", async () => {
  const line = (message: string, cursor: string) => ({ message, cursor, attempt: 0, stream: "stdout", timestamp: "" });
  const follow = stream(`event: log\ndata: ${JSON.stringify(line("two", "2"))}\n\n`, "event: end\ndata: {}\n\n");
  routes = {
    "GET /v1/task-runs/trn-1/logs": (request, answer, body, count) =>
      (request.url?.includes("follow") ? follow : json([line("one", "1")]))(request, answer, body, count),
  };
  const messages: string[] = [];
  for await (const { message } of client.logs("trn-1", { follow: true })) messages.push(message);
  expect(messages).toEqual(["one", "two"]);
  expect(asked.at(-1)?.path).toContain("cursor=1");
});

test("a run is canceled", async () => {
  routes = { "DELETE /v1/task-runs/trn-1": (_, answer) => answer.writeHead(204).end() };
  await client.cancel("trn-1");
  expect(asked).toHaveLength(1);
});
