/** Times as people read them: English, in the viewer's zone. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const clockSeconds = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const clockMs = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const year = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const full = new Intl.DateTimeFormat("en-GB", {
  weekday: "short", day: "numeric", month: "short", year: "numeric",
  hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short",
});

/** A time of the API as ms since the epoch; null where there is none. */
export function ms(at: string | null | undefined): number | null {
  return at ? Date.parse(at) : null;
}

/** "320 ms", "12.5 s", "3 m 20 s", "2 h 5 m", "3 d 4 h". */
export function duration(length: number): string {
  const rest = Math.max(0, length);
  if (rest < SECOND) return `${Math.round(rest)} ms`;
  if (rest < MINUTE - 50) return `${(rest / SECOND).toFixed(rest < 10 * SECOND ? 2 : 1)} s`;
  const seconds = Math.round(rest / SECOND);
  if (rest < HOUR) return pair(Math.floor(seconds / 60), "m", seconds % 60, "s");
  if (rest < DAY) return pair(Math.floor(seconds / 3600), "h", Math.floor((seconds % 3600) / 60), "m");
  return pair(Math.floor(seconds / 86400), "d", Math.floor((seconds % 86400) / 3600), "h");
}

function pair(large: number, unit: string, small: number, smaller: string): string {
  return small ? `${large} ${unit} ${small} ${smaller}` : `${large} ${unit}`;
}

/** On an axis: "0", "500 ms", "5 s", "1 m 30 s". */
export function tick(length: number): string {
  if (length === 0) return "0";
  if (length < SECOND) return `${Math.round(length)} ms`;
  if (length < MINUTE) return `${+(length / SECOND).toFixed(1)} s`;
  return duration(length);
}

/** "just now", "4 min ago", "3 h ago", then the date. */
export function ago(at: number, now: number): string {
  const past = now - at;
  if (past < 10 * SECOND) return "just now";
  if (past < MINUTE) return `${Math.min(50, Math.round(past / 10_000) * 10)} s ago`;
  if (past < HOUR) return `${Math.floor(past / MINUTE)} min ago`;
  if (past < 12 * HOUR) return `${Math.floor(past / HOUR)} h ago`;
  return short(at, now);
}

/** "14:05" today, "24 Nov 14:05", "24 Nov 2025". */
export function short(at: number, now: number): string {
  const date = new Date(at);
  const today = new Date(now);
  if (date.toDateString() === today.toDateString()) return clock.format(date);
  return date.getFullYear() === today.getFullYear() ? `${day.format(date)} ${clock.format(date)}` : year.format(date);
}

/** All of it, with the zone: for titles. */
export function exact(at: number): string {
  return full.format(new Date(at));
}

/** "14:05:09", or with its milliseconds. */
export function ofDay(at: number, withMs = false): string {
  return (withMs ? clockMs : clockSeconds).format(new Date(at));
}
