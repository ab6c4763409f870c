// Lets Node run TypeScript as people write it: imports without an ending, of JSON without saying so, and `import` whatever
// package.json says of the type.
//
//   node --experimental-transform-types --import @orchestrator/sdk/typescript index.ts
import * as module from "node:module";
import { fileURLToPath } from "node:url";

const NOT_THERE = ["ERR_MODULE_NOT_FOUND", "ERR_UNSUPPORTED_DIR_IMPORT", "MODULE_NOT_FOUND"];
/** Where an image has the files of its own without their types. */
const STRIPPED = "/opt/stripped";
const SOURCE_MAP = /^\/\/# sourceMappingURL=/m;
const ES_SYNTAX = /^\s*(?:import\s*["'{*\w]|export\s+[{*\w])/m;

function candidates(specifier) {
  const written = /\.[cm]?jsx?$/.test(specifier) ? [specifier.replace(/(\.[cm]?)js(x?)$/, "$1ts$2")] : [];
  return [...written, `${specifier}.ts`, `${specifier}/index.ts`, `${specifier}.js`, `${specifier}/index.js`];
}

/** What was found, as JSON where it is that. */
function known(found) {
  return found.url.endsWith(".json") ? { ...found, importAttributes: { ...found.importAttributes, type: "json" } } : found;
}

function resolve(specifier, context, next) {
  try {
    return known(next(specifier, context));
  } catch (error) {
    if (!/^\.{0,2}\//.test(specifier) || !NOT_THERE.includes(error?.code)) throw error;
    for (const candidate of candidates(specifier)) {
      try {
        return next(candidate, context);
      } catch {}
    }
    throw error;
  }
}

/** The module without its types, if it was made with the image, which cannot have changed since. */
function stripped(url, format) {
  if (!/^file:.*\.[mc]?ts$/.test(url)) return undefined;
  try {
    const source = readFileSync(STRIPPED + fileURLToPath(url), "utf8");
    if (SOURCE_MAP.test(source)) process.setSourceMapsEnabled(true);
    const isModule = format === "module-typescript" || ES_SYNTAX.test(source);
    return { format: isModule ? "module" : "commonjs", source, shortCircuit: true };
  } catch {
    return undefined;
  }
}

function load(url, context, next) {
  const made = stripped(url, context.format);
  if (made) return made;
  const isScript = context.format === "commonjs-typescript" && ES_SYNTAX.test(readFileSync(fileURLToPath(url), "utf8"));
  return next(url, isScript ? { ...context, format: "module-typescript" } : context);
}

if (!module.registerHooks) {
  throw new Error(`Node ${process.version} does not run TypeScript by itself: use Node 22.18 or newer, or add tsx and start with tsx`);
}
// Not imported: as an ES module it is loaded with all it could ever need, which costs 8 ms.
const { readFileSync } = process.getBuiltinModule("node:fs");
module.registerHooks({ resolve, load });
