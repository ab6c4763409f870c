/** What is asked of a registry that may not have it, before packages are installed in an image. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

const SCRIPT = join(import.meta.dirname, "..", "leave-out.cjs");

/** The manifest and the lock after the script, and what it printed; `answer` is what npm says of the package. */
function left(dependencies: Record<string, string>, answer: string, ...version: string[]) {
  const folder = mkdtempSync(join(tmpdir(), "repo-"));
  const write = (name: string, content: unknown) => writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
  write("npm", `#!/bin/sh\n${answer}\n`);
  chmodSync(join(folder, "npm"), 0o755);
  write("package.json", { dependencies });
  write("package-lock.json", { packages: { "": { dependencies }, "node_modules/@renderinc/sdk": {}, "node_modules/left": {} } });
  const env = { PATH: `${folder}:${process.env["PATH"]}` };
  const { stdout: printed, status } = spawnSync(process.execPath, [SCRIPT, ...version], { cwd: folder, env, encoding: "utf8" });
  const read = (name: string) => JSON.parse(readFileSync(join(folder, name), "utf8"));
  return { printed, status, manifest: read("package.json").dependencies, lock: Object.keys(read("package-lock.json").packages) };
}

const CHANGED = 3;
const UNKNOWN = "echo 'npm error code E404' >&2; exit 1";
const OFFICIAL = { "@renderinc/sdk": "^0.5.0", left: "1" };

test("what the registry does not have is left out, of the lock as well, and who answers is said", () => {
  expect(left(OFFICIAL, UNKNOWN)).toEqual({
    printed: "@renderinc/sdk is answered by the orchestrator's own package: the registry has none of that name\n",
    status: CHANGED,
    manifest: { left: "1" },
    lock: ["", "node_modules/left"],
  });
});

test("what it has is installed as asked", () => {
  const { printed, status, manifest } = left(OFFICIAL, "echo @renderinc/sdk");
  expect(status).toBe(0);
  expect(printed).toBe("@renderinc/sdk ^0.5.0 is installed from the registry\n");
  expect(manifest).toEqual(OFFICIAL);
});

test("a version that fits the tasks takes the place of what is asked, and the lock's", () => {
  expect(left(OFFICIAL, "echo @renderinc/sdk", "0.7.0")).toEqual({
    printed: "",
    status: CHANGED,
    manifest: { "@renderinc/sdk": "0.7.0", left: "1" },
    lock: ["", "node_modules/left"],
  });
  expect(left(OFFICIAL, UNKNOWN, "0.7.0").manifest).toEqual({ left: "1" });
});

test("other trouble is left to the installation to tell", () => {
  expect(left(OFFICIAL, "echo 'npm error code ETIMEDOUT' >&2; exit 1").manifest).toEqual(OFFICIAL);
});

test("our own name is never asked of a registry", () => {
  expect(left({ "@orchestrator/sdk": "1", left: "1" }, UNKNOWN).manifest).toEqual({ left: "1" });
});

test("a part of a workspace is asked about, too", () => {
  const folder = mkdtempSync(join(tmpdir(), "repo-"));
  const write = (name: string, content: unknown) => writeFileSync(join(folder, name), JSON.stringify(content));
  const dependencies = { "@orchestrator/sdk": "*", left: "1" };
  mkdirSync(join(folder, "packages/a"), { recursive: true });
  write("package.json", { workspaces: ["packages/*"] });
  write("packages/a/package.json", { dependencies });
  write("package-lock.json", { packages: { "": {}, "packages/a": { dependencies }, "node_modules/@orchestrator/sdk": {} } });
  expect(spawnSync(process.execPath, [SCRIPT, "", "packages/a"], { cwd: folder }).status).toBe(CHANGED);
  const read = (name: string) => JSON.parse(readFileSync(join(folder, name), "utf8"));
  expect(read("packages/a/package.json").dependencies).toEqual({ left: "1" });
  expect(read("package-lock.json").packages).toEqual({ "": {}, "packages/a": { dependencies: { left: "1" } } });
});
