// Builds orchestrator/ui/dist, which is committed. With --types: the API's types alone. With --check: is dist/ what
// the sources build? With --sizes: likewise, and print what each page loads, in bytes gzipped: scripts, styles.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";

const DIST = "../orchestrator/ui/dist";
/** What a page loads at most when it is the first, gzipped, in bytes. */
const LIMITS = { ".js": 60_000, "Run.js": 45_000, ".css": 10_000 };

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

/** What each page loads, as `[name, bytes of script, bytes of style]`. */
function sizesOf(output) {
  const chunks = new Map(output.filter((one) => one.type === "chunk").map((one) => [one.fileName, one]));
  const assets = new Map(output.map((one) => [one.fileName, gzipSync(one.code ?? one.source).length]));
  const entry = [...chunks.values()].find((one) => one.isEntry);
  const closure = (chunk, found) => {
    if (found.has(chunk.fileName)) return found;
    found.add(chunk.fileName);
    for (const name of chunk.viteMetadata?.importedCss ?? []) found.add(name);
    for (const name of chunk.imports) closure(chunks.get(name), found);
    return found;
  };
  return entry.dynamicImports.map((name) => {
    const files = [...closure(chunks.get(name), closure(entry, new Set()))];
    const sum = (kind) => files.filter((path) => path.endsWith(kind)).reduce((total, path) => total + assets.get(path), 0);
    return [chunks.get(name).name, sum(".js"), sum(".css")];
  });
}

function checkSizes(output) {
  for (const [name, script, style] of sizesOf(output)) {
    if (process.argv.includes("--sizes")) console.log(`${name} ${script} ${style}`);
    const limit = LIMITS[`${name}.js`] ?? LIMITS[".js"];
    if (script > limit) fail(`the page ${name} loads ${script} bytes of script, gzipped; it may load ${limit}`);
    if (style > LIMITS[".css"]) fail(`the page ${name} loads ${style} bytes of style, gzipped; it may load ${LIMITS[".css"]}`);
  }
}

types();
if (process.argv.includes("--check") || process.argv.includes("--sizes")) {
  const folder = mkdtempSync(join(tmpdir(), "orchestrator-ui-"));
  const { output } = await build({ logLevel: "error", build: { outDir: folder } });
  const [built, kept] = [filesOf(folder), filesOf(DIST)];
  rmSync(folder, { recursive: true });
  const changed = [...new Set([...Object.keys(built), ...Object.keys(kept)])].filter((path) => !kept[path] || !built[path]?.equals(kept[path]));
  if (changed.length) fail(`orchestrator/ui/dist is not what ui/ builds (${changed.join(", ")}): npm run build in ui/`);
  checkSizes(output);
} else if (!process.argv.includes("--types")) {
  const { output } = await build({ logLevel: "warn" });
  checkSizes(output);
}
