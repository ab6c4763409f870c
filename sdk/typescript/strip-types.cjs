// While an image is built: takes the types out of a folder's TypeScript, so that no start of a container has to (110 ms of CPU).
//
//   node strip-types.cjs /app /opt/stripped
//
// No code of the repo runs. Broken code is left to Node at its start, which says what is wrong. Imports of types that do not say
// so, which Node would ask the other file for, are taken out, too.
const { mkdirSync, readdirSync, readFileSync, writeFileSync } = require("node:fs");
const { stripTypeScriptTypes } = require("node:module");
const { dirname, join } = require("node:path");

const [from, to] = process.argv.slice(2);
const BETWEEN = /(?:\s|;|^#!.*|\/\/.*|\/\*[^]*?\*\/|(["'])use strict\1)*/y;
const IMPORT = /import\s*(?:([\w$*{][^"'`;]*?)\s*from\s*)?(["'])([^"'\n]*)\2(?:\s*with\s*\{[^}]*\})?/y;
const COMMENTS = /^\s*(?:\/\/.*|\/\*[^]*?\*\/)/gm;
const NAME = String.raw`[\p{ID_Continue}$]`;
const BINDING = new RegExp(`(\\*|${NAME}+)(?:\\s+as\\s+(${NAME}+))?\\s*,?`, "gu");

const blank = (text) => text.replace(/[^\r\n]/g, " ");

/** A source without types, and without imports of what it does not use, as compilers leave them out; all else stays in its place. */
function withoutUnused(source) {
  const imports = importsOf(source);
  const code = imports.reduce((rest, { text }) => rest.replace(text, ""), source).replace(COMMENTS, "");
  const isUsed = (name) => new RegExp(`(?<!${NAME})${name.replaceAll("$", "\\$")}(?!${NAME})`, "u").test(code);
  return imports.reduceRight((whole, { at, text, clause, from }) => {
    const used = clause.replace(BINDING, (said, name, local = name) => (name === "*" || isUsed(local) ? said : blank(said)));
    return whole.slice(0, at) + importing(text, clause, used, from) + whole.slice(at + text.length);
  }, source);
}

/** Those with names at a file's top: further down it might be text that looks like one. */
function importsOf(source) {
  const found = [];
  for (IMPORT.lastIndex = 0; ; ) {
    BETWEEN.lastIndex = IMPORT.lastIndex;
    BETWEEN.test(source);
    const at = (IMPORT.lastIndex = BETWEEN.lastIndex);
    const [text, clause, , from] = IMPORT.exec(source) ?? [];
    if (text === undefined) return found;
    if (clause) found.push({ at, text, clause, from });
  }
}

/** A file of the repo's is loaded also where nothing of it is used: it may define tasks. */
function importing(text, clause, used, from) {
  if (/[^\s{},]/.test(used)) return text.replace(clause, () => used);
  return /^[./]/.test(from) ? text.replace(/^(import)([^]*?)(?=["'])/, (_, word, named) => word + blank(named)) : blank(text);
}

/** Without types every line and column stays where it is; enums and namespaces take more than that, and a map. */
function compiled(source, path) {
  try {
    return stripTypeScriptTypes(source);
  } catch {
    return stripTypeScriptTypes(source, { mode: "transform", sourceMap: true, sourceUrl: path });
  }
}

function strip(path) {
  try {
    const stripped = withoutUnused(compiled(readFileSync(path, "utf8"), path));
    mkdirSync(dirname(join(to, path)), { recursive: true });
    writeFileSync(join(to, path), stripped);
  } catch {}
}

function walk(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== "node_modules") walk(path);
    else if (entry.isFile() && /(?<!\.d)\.[mc]?ts$/.test(entry.name)) strip(path);
  }
}

module.exports = { withoutUnused };
if (require.main === module) walk(from);
