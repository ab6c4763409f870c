/** What terminals make of a line: pieces of text with classes. Colors and weights are kept, all else a terminal would do is dropped. */

export interface Piece {
  text: string;
  /** CSS classes, "" for none. */
  style: string;
}

interface Pen {
  color: string;
  background: string;
  marks: Set<string>;
}

// CSI … final, OSC … terminator, other two-character escapes
// eslint-disable-next-line no-control-regex
const ESCAPES = /\u001b(?:\[([0-9;:]*)([@-~])|\[[^@-~]*[@-~]?|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[PX^_][^\u001b]*(?:\u001b\\)?|[ -/]*[0-~]?)/g;

const ON: Record<number, string> = { 1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "inverse", 9: "strike" };
const OFF: Record<number, string[]> = { 22: ["bold", "dim"], 23: ["italic"], 24: ["underline"], 27: ["inverse"], 29: ["strike"] };

/** The last state of a line that a program wrote over, as progress bars do with `\r`. */
export function lastState(line: string): string {
  if (!line.includes("\r")) return line;
  return line.split("\r").findLast((part) => part !== "") ?? "";
}

/** The line as plain text. */
export function plain(line: string): string {
  const last = lastState(line);
  return last.includes("\u001b") ? last.replace(ESCAPES, "") : last;
}

/** The line in pieces, whose texts together are `plain(line)`. */
export function pieces(line: string): Piece[] {
  const last = lastState(line);
  if (!last.includes("\u001b")) return last ? [{ text: last, style: "" }] : [];
  const found: Piece[] = [];
  const pen: Pen = { color: "", background: "", marks: new Set() };
  let at = 0;
  for (const escape of last.matchAll(ESCAPES)) {
    add(found, last.slice(at, escape.index), pen);
    if (escape[2] === "m") draw(pen, escape[1] ?? "");
    at = escape.index + escape[0].length;
  }
  add(found, last.slice(at), pen);
  return found;
}

function add(found: Piece[], text: string, pen: Pen): void {
  if (text) found.push({ text, style: [pen.color, pen.background, ...pen.marks].filter(Boolean).join(" ") });
}

function draw(pen: Pen, parameters: string): void {
  const codes = parameters.split(/[;:]/).map(Number);
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index] ?? 0;
    if (code === 38 || code === 48) {
      index += extended(pen, code, codes.slice(index + 1));
    } else {
      simple(pen, code);
    }
  }
}

function simple(pen: Pen, code: number): void {
  if (code === 0) Object.assign(pen, { color: "", background: "", marks: new Set() });
  else if (ON[code]) pen.marks.add(ON[code]);
  else if (OFF[code]) for (const mark of OFF[code]) pen.marks.delete(mark);
  else if (code >= 30 && code <= 37) pen.color = `fg${code - 30}`;
  else if (code >= 90 && code <= 97) pen.color = `fg${code - 82}`;
  else if (code === 39) pen.color = "";
  else if (code >= 40 && code <= 47) pen.background = `bg${code - 40}`;
  else if (code >= 100 && code <= 107) pen.background = `bg${code - 92}`;
  else if (code === 49) pen.background = "";
}

/** 256 colors and true color, as the nearest of the sixteen; how many further codes it took. */
function extended(pen: Pen, code: number, rest: number[]): number {
  const nearest = rest[0] === 5 ? ofPalette(rest[1] ?? 0) : rest[0] === 2 ? ofRgb(rest[1] ?? 0, rest[2] ?? 0, rest[3] ?? 0) : null;
  if (nearest === null) return 0;
  if (code === 38) pen.color = `fg${nearest}`;
  else pen.background = `bg${nearest}`;
  return rest[0] === 5 ? 2 : 4;
}

function ofPalette(number: number): number {
  if (number < 16) return number;
  if (number >= 232) return number > 243 ? 7 : 8;
  const index = number - 16;
  return ofRgb(Math.floor(index / 36) * 51, (Math.floor(index / 6) % 6) * 51, (index % 6) * 51);
}

function ofRgb(red: number, green: number, blue: number): number {
  const strongest = Math.max(red, green, blue);
  if (strongest < 64) return 0;
  const base = (red > strongest / 2 ? 1 : 0) + (green > strongest / 2 ? 2 : 0) + (blue > strongest / 2 ? 4 : 0);
  return strongest > 192 && base !== 7 ? base + 8 : base;
}
