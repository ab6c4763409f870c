import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { findAddress } from "../../src/client/address.js";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "home-"));
  vi.stubEnv("ORCHESTRATOR_DATA_DIR", folder);
  for (const name of ["ORCHESTRATOR_URL", "ORCHESTRATOR_API_KEY", "RENDER_API_KEY", "RENDER_LOCAL_DEV_URL"]) vi.stubEnv(name, undefined);
});
afterEach(() => vi.unstubAllEnvs());

test("this user's own instance is found by what it wrote down", async () => {
  writeFileSync(join(folder, "endpoint"), "http://127.0.0.1:9000\n");
  writeFileSync(join(folder, "api-key"), "secret\n");
  expect(await findAddress(undefined, undefined)).toEqual({ url: "http://127.0.0.1:9000", apiKey: "secret" });
});

test("its key goes to nobody else", async () => {
  writeFileSync(join(folder, "endpoint"), "http://127.0.0.1:9000");
  writeFileSync(join(folder, "api-key"), "secret");
  expect(await findAddress("https://example.com/v1/", undefined)).toEqual({ url: "https://example.com", apiKey: "" });
});

test("the environment is asked before, and what is given before that", async () => {
  vi.stubEnv("ORCHESTRATOR_URL", "http://host:1");
  vi.stubEnv("ORCHESTRATOR_API_KEY", "env");
  expect(await findAddress(undefined, undefined)).toEqual({ url: "http://host:1", apiKey: "env" });
  expect(await findAddress("http://host:2", "given")).toEqual({ url: "http://host:2", apiKey: "given" });
});

test("what is no address is refused", async () => {
  await expect(findAddress("host:1", "")).rejects.toThrow("it should look like http://127.0.0.1:8120");
});
