// Builds dist/: each entry as an ES module and for require(), and the types. With --check: is dist/ what the sources build?
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";

const ENTRIES = ["index", "client", "testing", "renderinc"].map((name) => `src/${name}.ts`);
/** What a worker loads, in bytes. */
const WORKER_LIMIT = 15_000;

async function buildInto(folder) {
  rmSync(folder, { recursive: true, force: true });
  const shared = { entryPoints: ENTRIES, outdir: folder, bundle: true, platform: "node", target: "node18", minify: true, charset: "utf8", legalComments: "none" };
  await build({ ...shared, format: "esm", outExtension: { ".js": ".mjs" } });
  await build({ ...shared, format: "cjs" });
  cpSync("src/typescript.mjs", join(folder, "typescript.mjs"));
  const tsc = ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json", "--outDir", folder];
  execFileSync(process.execPath, tsc, { stdio: "inherit" });
}

function filesOf(folder) {
  const paths = readdirSync(folder, { recursive: true }).filter((path) => statSync(join(folder, path)).isFile());
  return Object.fromEntries(paths.sort().map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

function fail(problem) {
  console.error(problem);
  process.exit(1);
}

if (process.argv.includes("--check")) {
  const folder = mkdtempSync(join(tmpdir(), "orchestrator-sdk-"));
  await buildInto(folder);
  const [built, kept] = [filesOf(folder), filesOf("dist")];
  rmSync(folder, { recursive: true });
  const changed = [...new Set([...Object.keys(built), ...Object.keys(kept)])].filter((path) => built[path] !== kept[path]);
  if (changed.length) fail(`sdk/typescript/dist is not what its sources build (${changed.join(", ")}): npm run build`);
} else {
  await buildInto("dist");
}
for (const worker of ["dist/index.mjs", "dist/index.js"]) {
  const { size } = statSync(worker);
  if (size > WORKER_LIMIT) fail(`${worker} is ${size} bytes; a worker loads at most ${WORKER_LIMIT}`);
}
