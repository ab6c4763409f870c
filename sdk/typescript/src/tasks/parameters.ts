/** One parameter as its function's source shows it; `default` is JSON text, absent where it is no plain value. */
export interface SourceParameter {
  readonly name: string;
  readonly isRest: boolean;
  readonly hasDefault: boolean;
  readonly default?: string;
}

const OPENING = "([{";
const CLOSING = ")]}";

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
    const skipped = commentAt(source, at);
    if (skipped) {
      at += skipped - 1;
      continue;
    }
    const text = stringAt(source, at) || (source[at] as string);
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

function commentAt(source: string, at: number): number {
  const found = /^(?:\/\*[^]*?\*\/|\/\/[^\n]*)/.exec(source.slice(at, at + 2) === "/*" || source.startsWith("//", at) ? source.slice(at) : "");
  return found ? found[0].length : 0;
}

function stringAt(source: string, at: number): string {
  const quote = source[at] as string;
  if (!"\"'`".includes(quote)) return "";
  let end = at + 1;
  while (end < source.length && source[end] !== quote) end += source[end] === "\\" ? 2 : 1;
  return source.slice(at, end + 1);
}

function parameter(text: string, place: number): SourceParameter {
  const [, rest = "", written = "", value] = /^\s*(\.\.\.)?\s*([^=]*?)\s*(?:=\s*([^]*?))?\s*$/.exec(text) ?? [];
  const name = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(written) ? written : `arg${place + 1}`;
  const literal = value === undefined ? undefined : jsonOf(value);
  return { name, isRest: rest !== "", hasDefault: value !== undefined, ...(literal !== undefined && { default: literal }) };
}

function jsonOf(literal: string): string | undefined {
  const quoted = /^'([^'"\\]*)'$/.exec(literal);
  try {
    return JSON.stringify(JSON.parse(quoted ? `"${quoted[1]}"` : literal));
  } catch {
    return undefined;
  }
}
