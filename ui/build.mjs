// Builds orchestrator/ui/dist, which is committed. With --types: the API's types alone. With --check: is dist/ what the sources build?
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";

const DIST = "../orchestrator/ui/dist";
/** What the first page loads at most, gzipped, in bytes. */
const LIMITS = { js: 60_000, css: 10_000 };

function types() {
  const program = "node_modules/openapi-typescript/bin/cli.js";
  execFileSync(process.execPath, [program, "openapi.json", "-o", "src/lib/api/schema.d.ts"], { stdio: "ignore" });
}

function filesOf(folder) {
  const paths = readdirSync(folder, { recursive: true }).filter((path) => statSync(join(folder, path)).isFile());
  return Object.fromEntries(paths.sort().map((path) => [path, readFileSync(join(folder, path))]));
}

function fail(problem) {
  console.error(problem);
  process.exit(1);
}

/** All scripts and all styles, though a page loads some of them alone. */
function checkSizes(files) {
  for (const [kind, limit] of Object.entries(LIMITS)) {
    const size = Object.entries(files).filter(([path]) => path.endsWith(`.${kind}`)).reduce((sum, [, data]) => sum + gzipSync(data).length, 0);
    if (size > limit) fail(`the page's ${kind} is ${size} bytes gzipped; it may be ${limit}`);
  }
}

types();
if (process.argv.includes("--check")) {
  const folder = mkdtempSync(join(tmpdir(), "orchestrator-ui-"));
  await build({ logLevel: "error", build: { outDir: folder } });
  const [built, kept] = [filesOf(folder), filesOf(DIST)];
  rmSync(folder, { recursive: true });
  const changed = [...new Set([...Object.keys(built), ...Object.keys(kept)])].filter((path) => !kept[path] || !built[path]?.equals(kept[path]));
  if (changed.length) fail(`orchestrator/ui/dist is not what ui/ builds (${changed.join(", ")}): npm run build in ui/`);
} else if (!process.argv.includes("--types")) {
  await build({ logLevel: "warn" });
}
if (!process.argv.includes("--types")) checkSizes(filesOf(DIST));
