/**
 * One parameter as its function's source shows it; `default` is JSON text, absent where it is no plain value.
 *
 * Its kind is Python's word for how it is given: by position alone where it has no name, as `{ a, b }` has none.
 */
export interface SourceParameter {
  readonly name: string;
  readonly kind: "positional_or_keyword" | "positional_only" | "var_positional";
  readonly hasDefault: boolean;
  readonly default?: string;
}

const OPENING = "([{";
const CLOSING = ")]}";
const COMMENT = /\/\*[^]*?\*\/|\/\/[^\n]*/y;
const STRING = /(["'`])(?:\\[^]|(?!\1)[^])*\1?/y;

/** The parameters a function was written with, undefined where its source is not to be had (bound and native functions). */
export function parametersOf(func: Function): SourceParameter[] | undefined {
  const source = Function.prototype.toString.call(func);
  if (/\{\s*\[native code\]\s*\}$/.test(source)) return undefined;
  const bare = /^(?:async\s+)?([\w$]+)\s*=>/.exec(source);
  if (bare) return [parameter(bare[1] as string, 0)];
  return topLevel(source.slice(source.indexOf("(") + 1)).map(parameter);
}

/** The texts between the commas of a list, up to the bracket that ends it. */
function topLevel(source: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = "";
  for (let at = 0; at < source.length; at++) {
    const comment = textAt(COMMENT, source, at);
    if (comment) {
      at += comment.length - 1;
      continue;
    }
    const text = textAt(STRING, source, at) || (source[at] as string);
    if (depth === 0 && CLOSING.includes(text)) break;
    if (OPENING.includes(text)) depth++;
    if (CLOSING.includes(text)) depth--;
    if (depth === 0 && text === ",") {
      parts.push(part);
      part = "";
    } else {
      part += text;
    }
    at += text.length - 1;
  }
  return part.trim() ? [...parts, part] : parts;
}

/** What the pattern, which is sticky, finds exactly there. */
function textAt(pattern: RegExp, source: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0] ?? "";
}

function parameter(text: string, place: number): SourceParameter {
  const [, rest = "", written = "", value] = /^\s*(\.\.\.)?\s*([^=]*?)\s*(?:=\s*([^]*?))?\s*$/.exec(text) ?? [];
  const isNamed = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(written);
  const name = isNamed ? written : `arg${place + 1}`;
  const kind = rest ? "var_positional" : isNamed ? "positional_or_keyword" : "positional_only";
  const literal = value === undefined ? undefined : jsonOf(value);
  return { name, kind, hasDefault: value !== undefined, ...(literal !== undefined && { default: literal }) };
}

function jsonOf(literal: string): string | undefined {
  const quoted = /^'([^'"\\]*)'$/.exec(literal);
  try {
    return JSON.stringify(JSON.parse(quoted ? `"${quoted[1]}"` : literal));
  } catch {
    return undefined;
  }
}
