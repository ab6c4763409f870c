/** Server-sent events that go on where they ended: after an error, a restart of the server, or while nobody looked. */

export interface Source {
  onopen: ((event: Event) => void) | null;
  onerror: ((event: Event) => void) | null;
  addEventListener(name: string, listener: (event: MessageEvent<string>) => void): void;
  close(): void;
}

export interface Handlers {
  /** One event; `id` is where a later stream goes on from. */
  event(name: string, data: string, id: string): void;
  /** Whether the stream is open. */
  connected?(isConnected: boolean): void;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;
/** A server that restarts ends streams in order; a hanging one is noticed by its silence (it pings every 15 s). */
export class Stream {
  private source: Source | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private wait = FIRST_WAIT_MS;
  private isStopped = true;

  /** `url` is asked for the address that goes on after the event `lastId`, "" for from now. */
  constructor(
    private readonly url: (lastId: string) => string,
    private readonly names: string[],
    private readonly handlers: Handlers,
    private lastId = "",
    private readonly open: (url: string) => Source = (url) => new EventSource(url),
  ) {}

  /** Connect, if it is not connected. */
  start(): void {
    if (!this.isStopped) return;
    this.isStopped = false;
    this.connect();
  }

  /** Disconnect; `start` goes on after the last event. */
  stop(): void {
    this.isStopped = true;
    this.drop();
  }

  private connect(): void {
    const source = this.open(this.url(this.lastId));
    this.source = source;
    source.onopen = () => {
      this.wait = FIRST_WAIT_MS;
      this.handlers.connected?.(true);
    };
    source.onerror = () => this.again();
    for (const name of this.names) {
      source.addEventListener(name, (event) => {
        if (source !== this.source) return;
        if (event.lastEventId) this.lastId = event.lastEventId;
        this.handlers.event(name, event.data, event.lastEventId);
      });
    }
  }

  /** Browsers connect again by themselves, but give up on an answer that is no stream; so it is done here alone. */
  private again(): void {
    this.drop();
    this.handlers.connected?.(false);
    if (this.isStopped) return;
    this.timer = setTimeout(() => this.connect(), this.wait);
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS);
  }

  private drop(): void {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
  }
}
