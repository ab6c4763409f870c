/** Text of others made harmless to look at: nothing in it can hide, reorder or move what is around it. */

/** C0, C1, marks of direction, characters without width, separators of lines, and lone surrogates. */
const HIDDEN =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** The text with what cannot be seen written out, as `\u202e`. */
export function shown(text: string): string {
  return text.replace(HIDDEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** On one line, and no longer than `limit` characters. */
export function brief(text: string, limit = 200): string {
  const line = shown(text.slice(0, limit + 1).replace(/\s+/g, " "));
  return text.length > limit ? `${line.slice(0, limit)}…` : line;
}

/** What a failure says in a line: the exception's own name, without its module's, and its message. */
export function why(type: string | undefined, message: string): string {
  const name = (type ?? "").slice((type ?? "").lastIndexOf(".") + 1);
  return [name, message.replace(/^Subtask failed: /, "")].filter(Boolean).join(": ");
}

/** The end of an id, by which people tell runs apart. */
export function shortId(id: string): string {
  return id.slice(-6);
}

/** "1 run", "2 runs", "12,000 runs". */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/** 536870912 → "512 MiB". */
export function bytes(number: number): string {
  let unit = 0;
  while (number >= 1024 && unit < UNITS.length - 1) {
    number /= 1024;
    unit += 1;
  }
  return `${number >= 100 || Number.isInteger(number) ? Math.round(number) : number.toPrecision(2)} ${UNITS[unit]}`;
}
