import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Stream, type Source } from "../src/lib/stream";

class FakeSource implements Source {
  static opened: FakeSource[] = [];
  onopen: ((event: Event) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;
  isClosed = false;
  private readonly listeners = new Map<string, (event: MessageEvent<string>) => void>();

  constructor(readonly url: string) {
    FakeSource.opened.push(this);
  }

  addEventListener(name: string, listener: (event: MessageEvent<string>) => void): void {
    this.listeners.set(name, listener);
  }

  close(): void {
    this.isClosed = true;
  }

  send(name: string, id: string, data = ""): void {
    this.listeners.get(name)!({ data, lastEventId: id } as MessageEvent<string>);
  }

  fail(): void {
    this.onerror!({} as Event);
  }
}

const heard: string[] = [];
const states: boolean[] = [];

function stream(since = ""): Stream {
  return new Stream(
    (lastId) => `/changes?after=${lastId}`, ["change"],
    { event: (_, data) => heard.push(data), connected: (isConnected) => states.push(isConnected) },
    since, (url) => new FakeSource(url),
  );
}

const last = () => FakeSource.opened.at(-1)!;

beforeEach(() => {
  vi.useFakeTimers();
  FakeSource.opened = [];
  heard.length = 0;
  states.length = 0;
});
afterEach(() => vi.useRealTimers());

test("begins after the place it is given", () => {
  stream("7-0").start();
  expect(last().url).toBe("/changes?after=7-0");
});

test("goes on after the last event when the connection was lost", () => {
  stream().start();
  last().onopen!({} as Event);
  last().send("change", "5-1", "a");
  last().fail();
  expect(states).toEqual([true, false]);
  vi.advanceTimersByTime(500);
  expect(last().url).toBe("/changes?after=5-1");
  last().send("change", "5-2", "b");
  expect(heard).toEqual(["a", "b"]);
});

test("waits longer each time nobody answers, and no longer once somebody has", () => {
  stream().start();
  for (const wait of [500, 1_000, 2_000]) {
    last().fail();
    const before = FakeSource.opened.length;
    vi.advanceTimersByTime(wait - 1);
    expect(FakeSource.opened).toHaveLength(before);
    vi.advanceTimersByTime(1);
    expect(FakeSource.opened).toHaveLength(before + 1);
  }
  last().onopen!({} as Event);
  last().fail();
  vi.advanceTimersByTime(500);
  expect(FakeSource.opened).toHaveLength(5);
});

test("that is stopped is closed, stays so, and goes on where it was when it is started again", () => {
  const one = stream();
  one.start();
  last().send("change", "9-0");
  one.stop();
  expect(last().isClosed).toBe(true);
  vi.advanceTimersByTime(60_000);
  expect(FakeSource.opened).toHaveLength(1);
  one.start();
  expect(last().url).toBe("/changes?after=9-0");
});

test("that was given up says nothing any more", () => {
  stream().start();
  const first = last();
  first.fail();
  vi.advanceTimersByTime(500);
  first.send("change", "1-0", "late");
  expect(heard).toEqual([]);
});
