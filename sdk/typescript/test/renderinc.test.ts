import { createServer } from "node:http";
import { expect, test, vi } from "vitest";
import { wantsContext } from "../src/renderinc/task.js";
import * as official from "../src/renderinc.js";

test("it has the names that programs import", () => {
  expect(official).toMatchObject({
    Render: expect.any(Function), createWorkflowsClient: expect.any(Function), task: expect.any(Function),
    startTaskServer: expect.any(Function), TaskRegistry: expect.any(Function), TaskRunError: expect.any(Function),
    ClientError: expect.any(Function), ServerError: expect.any(Function), TaskRunStatus: { COMPLETED: "completed" },
  });
});

test.each([
  ["(ctx, a) => a", true],
  ["async (context, a) => context.run(other, a)", true],
  ["(a, b) => a + b", false],
  ["(context) => context.length", false],
  ["(a) => other.a.run(1)", false],
  ["() => 1", false],
])("%s takes a context: %s", (source, wanted) => {
  expect(wantsContext(new Function(`return ${source}`)())).toBe(wanted);
});

test.each(["true", "false"])("the image knows better whether a function takes a context: %s", (said) => {
  vi.stubEnv("RENDER_SDK_TAKES_CONTEXT", said);
  expect([wantsContext((ctx: unknown) => ctx), wantsContext((context: string) => context.length)]).toEqual(Array(2).fill(said === "true"));
  vi.unstubAllEnvs();
});

test("without a key there is no client of a service that asks for one", () => {
  expect(() => new official.Render({ useLocalDev: false })).toThrow("API token is required");
  expect(new official.Render({ localDevUrl: "http://127.0.0.1:1" }).workflows).toBeDefined();
});

test.each([
  ["a signal", new AbortController().signal, undefined],
  ["a key", { idempotencyKey: "k" }, "k"],
])("a run may be started with %s", async (_, given, idempotencyKey) => {
  const bodies: any[] = [];
  const server = createServer((request, answer) => {
    request.on("data", (part) => bodies.push(JSON.parse(part)));
    request.on("end", () => answer.writeHead(202, { "Content-Type": "application/json" }).end('{"id":"trn-1"}'));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const { workflows } = new official.Render({ localDevUrl: `http://127.0.0.1:${port}`, token: "t" });
  expect((await workflows.startTask("w/t", [1], given)).taskRunId).toBe("trn-1");
  expect(bodies).toEqual([{ task: "w/t", input: [1], ...(idempotencyKey && { idempotencyKey }) }]);
  server.close();
});
