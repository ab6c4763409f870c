/** A time axis on which long waits take little room. */

export interface Gap {
  from: number;
  to: number;
}

export interface Tick {
  /** 0 to 1. */
  at: number;
  /** ms since the axis' begin. */
  after: number;
}

/** A gap's part of the axis; all together have at most a third. */
const GAP_SHARE = 0.035;
const LONG_SHARE = 0.12;
const SHORTEST_MS = 2_000;
const MOST_GAPS = 8;

export class TimeAxis {
  readonly gaps: Gap[];
  private readonly stops: { time: number; at: number }[];

  /** From `start` to `end`, in ms; the gaps are in order and apart, and within. */
  constructor(readonly start: number, readonly end: number, gaps: Gap[] = []) {
    this.gaps = gaps.slice(0, MOST_GAPS);
    this.stops = stops(start, Math.max(end, start + 1), this.gaps);
  }

  /** 0 to 1: where the time is drawn. */
  at(time: number): number {
    const next = this.stops.findIndex((stop) => stop.time >= time);
    if (next === 0) return 0;
    if (next < 0) return 1;
    const [before, after] = [this.stops[next - 1]!, this.stops[next]!];
    return before.at + ((after.at - before.at) * (time - before.time)) / (after.time - before.time);
  }

  /** Round times, about `wanted` of them, none within a gap. */
  ticks(wanted: number): Tick[] {
    const hidden = this.gaps.reduce((sum, gap) => sum + gap.to - gap.from, 0);
    const step = roundStep((this.end - this.start - hidden) / Math.max(1, wanted));
    const found: Tick[] = [];
    for (const { from, to } of this.shownSpans()) {
      const first = Math.ceil((from - this.start) / step) * step;
      for (let after = first; after <= to - this.start && found.length < 60; after += step) {
        found.push({ at: this.at(this.start + after), after });
      }
    }
    return found;
  }

  private *shownSpans(): Generator<Gap> {
    let from = this.start;
    for (const gap of this.gaps) {
      yield { from, to: gap.from };
      from = gap.to;
    }
    yield { from, to: this.end };
  }
}

function stops(start: number, end: number, gaps: Gap[]): { time: number; at: number }[] {
  const hidden = gaps.reduce((sum, gap) => sum + gap.to - gap.from, 0);
  const scale = (1 - gaps.length * GAP_SHARE) / Math.max(1, end - start - hidden);
  const found = [{ time: start, at: 0 }];
  let [time, at] = [start, 0];
  for (const gap of gaps) {
    at += (gap.from - time) * scale;
    found.push({ time: gap.from, at });
    at += GAP_SHARE;
    found.push({ time: gap.to, at });
    time = gap.to;
  }
  found.push({ time: end, at: 1 });
  return found.filter((stop, index) => index === 0 || stop.time > found[index - 1]!.time);
}

const NICE = [1, 2, 5, 10, 20, 50, 100, 200, 500];
const NICE_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];

function roundStep(least: number): number {
  const step = NICE.find((ms) => ms >= least) ?? NICE_S.map((seconds) => seconds * 1000).find((ms) => ms >= least);
  return step ?? Math.ceil(least / 86_400_000) * 86_400_000;
}

/** The times between `start` and `end` in which nothing is busy, as far as they are long beside the rest; in order. */
export function idleGaps(busy: Iterable<Gap>, start: number, end: number): Gap[] {
  const idle = complement(merged(busy), start, end).sort((one, other) => other.to - other.from - (one.to - one.from));
  let rest = end - start;
  const found: Gap[] = [];
  for (const gap of idle) {
    const length = gap.to - gap.from;
    if (length < SHORTEST_MS || length < rest * LONG_SHARE || found.length === MOST_GAPS) break;
    rest -= length;
    found.push(gap);
  }
  return found.sort((one, other) => one.from - other.from);
}

/** The same times as spans in order and apart. */
export function merged(spans: Iterable<Gap>): Gap[] {
  const found: Gap[] = [];
  for (const { from, to } of [...spans].sort((one, other) => one.from - other.from)) {
    const last = found.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else if (to > from) found.push({ from, to });
  }
  return found;
}

/** What of `start` to `end` the spans, in order and apart, leave. */
export function complement(spans: Gap[], start: number, end: number): Gap[] {
  const found: Gap[] = [];
  let from = start;
  for (const span of spans) {
    if (span.from > from) found.push({ from, to: Math.min(span.from, end) });
    from = Math.max(from, span.to);
  }
  if (from < end) found.push({ from, to: end });
  return found.filter((gap) => gap.to > gap.from);
}
