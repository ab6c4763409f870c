/** The log of a run or a build that is looked at: what was printed so far, then what is printed. */

import { address, api, said } from "../lib/api/client";
import type { BuildLogLine, LogLine, TreeLogLine } from "../lib/api/types";
import { Log, type Line, type LineFilter, type Match, type Stream as LineStream } from "../lib/log";
import { Stream } from "../lib/stream";

const PAGE = 1_000;
const BUNDLE_MS = 150;
const SEARCH_MS = 120;
/** So much text is held at most: a log of a tree has no end. */
const MOST_CHARS = 100_000_000;

/** What is begun of a line that has not ended; nothing any more where it is empty. */
type Begun = Pick<LogLine, "attempt" | "stream" | "message">;
type ApiLine = BuildLogLine | LogLine | TreeLogLine;

export class LogState {
  log = new Log();
  error = $state("");
  isLoading = $state(true);
  isEnded = $state(false);
  /** There is more than is held. */
  isCut = $state(false);
  /** The lines that are begun and not ended, of each stream one at most. */
  begun = $state.raw<Begun[]>([]);
  filter = $state.raw<LineFilter>({ attempt: null, stream: null });
  columns = $state(0);
  search = $state("");
  matches = $state.raw<Match[]>([]);
  current = $state(-1);
  private version = $state(0);
  private chars = 0;
  private cursor = "";
  private stream: Stream | null = null;
  private bundle: Line[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private searching: ReturnType<typeof setTimeout> | undefined;
  private isClosed = false;

  rowCount = $derived.by(() => (void this.version, this.log.rowCount));
  lineCount = $derived.by(() => (void this.version, this.log.lines.length));
  shownCount = $derived.by(() => (void this.version, this.log.chosenCount));
  /** Drawn again when it changes. */
  drawn = $derived(this.version);

  /** `path` is the log's; `follows` when more may be printed. */
  constructor(private readonly path: string, private readonly follows: boolean) {
    void this.load();
  }

  private async load(): Promise<void> {
    try {
      for (;;) {
        const page = await api.get<ApiLine[]>(this.path, { limit: PAGE, cursor: this.cursor });
        if (this.isClosed) return;
        this.take(page);
        if (page.length < PAGE || this.isCut) break;
      }
      if (this.follows && !this.isCut) this.follow();
      else this.isEnded = true;
    } catch (error) {
      this.error = said(error);
    }
    this.isLoading = false;
  }

  private take(page: ApiLine[]): void {
    this.cursor = page.at(-1)?.cursor ?? this.cursor;
    this.add(page.map(ofApi));
  }

  private add(lines: Line[]): void {
    const from = this.log.chosenCount;
    this.log.append(lines);
    for (const line of lines) this.chars += line.message.length;
    if (this.chars > MOST_CHARS) {
      this.isCut = this.isEnded = true;
      this.stream?.stop();
    }
    this.version += 1;
    if (this.search) this.matches = [...this.matches, ...this.log.search(this.search, from)];
  }

  private follow(): void {
    this.stream = new Stream(
      (lastId) => address(this.path, { follow: true, live: true, cursor: lastId }),
      ["log", "live", "end"],
      { event: (name, data) => this.heard(name, data), connected: () => (this.begun = []) },
      this.cursor,
    );
    this.stream.start();
    document.addEventListener("visibilitychange", this.seen);
  }

  private readonly seen = () => {
    if (document.hidden) this.stream?.stop();
    else if (!this.isEnded) this.stream?.start();
  };

  private heard(name: string, data: string): void {
    if (name === "end") {
      this.stream?.stop();
      this.isEnded = true;
      this.begun = [];
      return;
    }
    if (name === "live") {
      const line = JSON.parse(data) as Begun;
      this.begun = [...this.begun.filter((one) => one.stream !== line.stream), ...(line.message ? [line] : [])];
      return;
    }
    this.begun = [];
    this.bundle.push(ofApi(JSON.parse(data) as ApiLine));
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      const lines = this.bundle;
      this.bundle = [];
      this.add(lines);
    }, BUNDLE_MS);
  }

  /** Show the lines of an attempt or a stream alone, cut to so many columns. */
  arrange(filter: LineFilter, columns: number): void {
    if (filter.attempt === this.filter.attempt && filter.stream === this.filter.stream && columns === this.columns) return;
    this.filter = filter;
    this.columns = columns;
    this.log.arrange(filter, columns);
    this.version += 1;
    if (this.search) this.find(this.search);
  }

  /** Search as somebody types. */
  seek(text: string): void {
    this.search = text;
    clearTimeout(this.searching);
    this.searching = setTimeout(() => this.find(text), SEARCH_MS);
  }

  private find(text: string): void {
    this.matches = this.log.search(text);
    this.current = this.matches.length ? 0 : -1;
  }

  /** Go to the next place, or with -1 the one before. */
  next(by: number): void {
    const length = this.matches.length;
    if (length) this.current = (this.current + by + length) % length;
  }

  /** The row of the place that was jumped to; -1 for none. */
  revealed = $derived.by(() => {
    void this.version;
    const match = this.matches[this.current];
    return match ? this.log.rowOf(match.index, match.from) : -1;
  });

  file(): Blob {
    return new Blob([...this.log.text()], { type: "text/plain;charset=utf-8" });
  }

  close(): void {
    this.isClosed = true;
    this.stream?.stop();
    clearTimeout(this.timer);
    clearTimeout(this.searching);
    document.removeEventListener("visibilitychange", this.seen);
  }
}

function ofApi(line: ApiLine): Line {
  const attempt = "attempt" in line ? line.attempt : 0;
  const whose = "taskRunId" in line ? { run: line.taskRunId, task: line.task.slice(line.task.lastIndexOf("/") + 1) } : {};
  return { at: Date.parse(line.timestamp), attempt, stream: line.stream as LineStream, message: line.message, ...whose };
}
