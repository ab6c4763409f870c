/** Lines of a log, as rows of equal height. Pure: no DOM. */

import { pieces, plain, type Piece } from "./ansi";
import { shortId, shown } from "./text";

export type Stream = "stdout" | "stderr" | "system";

export interface Line {
  /** ms since the epoch, with its fraction. */
  at: number;
  attempt: number;
  stream: Stream;
  message: string;
  /** The run that printed it, and its task's name, where lines of several are together. */
  run?: string;
  task?: string;
}

export interface LineFilter {
  attempt: number | null;
  stream: Stream | null;
}

/** A part of a line that fits into one row. */
export interface LogRow {
  line: Line;
  number: number;
  /** Whether it goes on from the row above. */
  isContinued: boolean;
  /** Whether it is the first of an attempt other than the first. */
  beginsAttempt: boolean;
  pieces: Piece[];
}

export interface Match {
  /** The place of the line among those that pass the filter. */
  index: number;
  from: number;
  to: number;
}

const WIDE = /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
// eslint-disable-next-line no-control-regex
const NOT_PLAIN = /[^\u0020-\u007e]/;
const TAB = "    ";
/** Of one character: `\\u202e`. */
const MOST_COLUMNS = 6;
export const MATCHES_LIMIT = 10_000;

/** The text of a line as it is drawn, searched and cut: without escapes, hidden characters written out. */
export function textOf(line: Line): string {
  return NOT_PLAIN.test(line.message) ? drawn(plain(line.message)) : line.message;
}

function drawn(text: string): string {
  return shown(text.replaceAll("\t", TAB));
}

export class Log {
  readonly lines: Line[] = [];
  private filter: LineFilter = { attempt: null, stream: null };
  private columns = 0;
  /** The lines that pass the filter, by their place in `lines`. */
  private chosen: number[] = [];
  /** How many rows there are up to and with each chosen line. */
  private rowEnds: number[] = [];

  get rowCount(): number {
    return this.rowEnds.at(-1) ?? 0;
  }

  get chosenCount(): number {
    return this.chosen.length;
  }

  append(lines: Line[]): void {
    for (const line of lines) {
      this.lines.push(line);
      this.place(this.lines.length - 1);
    }
  }

  /** Cut lines to rows of so many columns, 0 to leave them whole, and show those that pass the filter alone. */
  arrange(filter: LineFilter, columns: number): void {
    this.filter = filter;
    this.columns = columns;
    this.chosen = [];
    this.rowEnds = [];
    for (let index = 0; index < this.lines.length; index += 1) this.place(index);
  }

  private place(index: number): void {
    const line = this.lines[index]!;
    const { attempt, stream } = this.filter;
    if ((attempt !== null && line.attempt !== attempt) || (stream !== null && line.stream !== stream)) return;
    this.chosen.push(index);
    this.rowEnds.push(this.rowCount + this.height(line));
  }

  private height(line: Line): number {
    if (!this.columns || line.message.length * MOST_COLUMNS <= this.columns) return 1;
    return Math.max(1, cuts(textOf(line), this.columns).length);
  }

  /** The chosen line at this place. */
  line(index: number): Line {
    return this.lines[this.chosen[index]!]!;
  }

  /** The first row of the chosen line at this place. */
  rowOf(index: number, offset = 0): number {
    const first = index === 0 ? 0 : this.rowEnds[index - 1]!;
    if (!this.columns || !offset) return first;
    return first + Math.max(0, cuts(textOf(this.line(index)), this.columns).findLastIndex((cut) => cut <= offset));
  }

  /** The place of the chosen line that a row is a part of. */
  indexAt(row: number): number {
    let [low, high] = [0, this.rowEnds.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.rowEnds[middle]! > row) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** One row; `limit` characters at most, where lines are left whole. */
  row(row: number, limit = 2_000): LogRow {
    const index = this.indexAt(row);
    const line = this.line(index);
    const part = row - this.rowOf(index);
    const [from, to] = this.cut(line, part, limit);
    const beginsAttempt = part === 0 && index > 0 && line.run === undefined && this.line(index - 1).attempt !== line.attempt;
    return { line, number: this.chosen[index]! + 1, isContinued: part > 0, beginsAttempt, pieces: slice(line, from, to) };
  }

  /** From which to which character of its text a part of a line is. */
  private cut(line: Line, part: number, limit: number): [number, number] {
    if (!this.columns) return [0, limit];
    const all = this.height(line) === 1 ? [0] : cuts(textOf(line), this.columns);
    return [all[part] ?? 0, all[part + 1] ?? Number.POSITIVE_INFINITY];
  }

  /** From which character of its line a row is. */
  offsetOf(row: number): number {
    const index = this.indexAt(row);
    return this.cut(this.line(index), row - this.rowOf(index), 0)[0];
  }

  /** Where the text is, whatever its case, over all chosen lines; at most MATCHES_LIMIT places. */
  search(text: string, from = 0): Match[] {
    const wanted = text.toLowerCase();
    const found: Match[] = [];
    if (!wanted) return found;
    for (let index = from; index < this.chosen.length; index += 1) {
      const line = textOf(this.line(index)).toLowerCase();
      for (let at = line.indexOf(wanted); at >= 0; at = line.indexOf(wanted, at + wanted.length)) {
        if (found.push({ index, from: at, to: at + wanted.length }) === MATCHES_LIMIT) return found;
      }
    }
    return found;
  }

  /** All chosen lines as text, for a file. */
  *text(): Generator<string> {
    for (const index of this.chosen) {
      const line = this.lines[index]!;
      const whose = line.run === undefined ? "" : `${line.task}#${shortId(line.run)} `;
      yield `${new Date(line.at).toISOString()} ${whose}${line.attempt + 1} ${line.stream} ${plain(line.message)}\n`;
    }
  }
}

/** At which characters the rows of a text begin. */
export function cuts(text: string, columns: number): number[] {
  const found = [0];
  if (!NOT_PLAIN.test(text)) {
    for (let at = columns; at < text.length; at += columns) found.push(at);
    return found;
  }
  let [at, width] = [0, 0];
  for (const character of text) {
    const wide = WIDE.test(character) ? 2 : 1;
    if (width + wide > columns) {
      found.push(at);
      width = 0;
    }
    width += wide;
    at += character.length;
  }
  return found;
}

/** Of a line that is begun, as much as there is room for: its end, which is what is new. */
export function begunText(message: string, room: number): string {
  return drawn(plain(message)).slice(-room);
}

/** The pieces of a line from one character of its text to another. */
function slice(line: Line, from: number, to: number): Piece[] {
  const found: Piece[] = [];
  let at = 0;
  for (const piece of pieces(line.message)) {
    const text = drawn(piece.text);
    const [begin, end] = [Math.max(from - at, 0), Math.min(to - at, text.length)];
    if (end > begin) found.push({ text: text.slice(begin, end), style: piece.style });
    at += text.length;
    if (at >= to) break;
  }
  return found;
}

/** The pieces with what was searched for set apart, as `hit`, and `hit now` where it is the one that was jumped to. */
export function marked(found: Piece[], offset: number, hits: { from: number; to: number; isNow: boolean }[]): Piece[] {
  if (!hits.length) return found;
  const split: Piece[] = [];
  let at = offset;
  for (const piece of found) {
    const end = at + piece.text.length;
    let from = at;
    for (const hit of hits) {
      const [begin, over] = [Math.max(hit.from, from), Math.min(hit.to, end)];
      if (begin >= over) continue;
      if (begin > from) split.push({ text: piece.text.slice(from - at, begin - at), style: piece.style });
      split.push({ text: piece.text.slice(begin - at, over - at), style: `${piece.style} hit${hit.isNow ? " now" : ""}` });
      from = over;
    }
    if (from < end) split.push({ text: piece.text.slice(from - at), style: piece.style });
    at = end;
  }
  return split;
}
