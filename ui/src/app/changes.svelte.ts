/** The changes of runs, as they happen: one stream for the page that is seen, none for a page that is not. */

import { address, type Query } from "../lib/api/client";
import type { Change } from "../lib/api/types";
import { Stream } from "../lib/stream";
import { session } from "./session.svelte";

/** Changes come in bundles, so that five hundred in a second are drawn a few times. */
const BUNDLE_MS = 200;
/** Where there is no stream, somebody looks again this often. */
const LOOK_MS = 4_000;
/** A page may be hidden for so long before its stream is given up; browsers have but six for each server. */
const HIDDEN_MS = 5_000;

export interface Watcher {
  changed(changes: Change[]): void;
  /** What is known may be old: load it again. */
  reload(): void;
}

/** Watch until the function that is returned is called; `since` is the place in the feed to go on from. */
export function watch(query: Query, since: string, watcher: Watcher): () => void {
  let bundle: Change[] = [];
  let isConnected = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const hand = () => {
    timer = undefined;
    const changes = bundle;
    bundle = [];
    watcher.changed(changes);
  };
  const stream = new Stream(
    (lastEventId) => address("/v1/changes", { ...query, lastEventId }),
    ["change", "reset"],
    {
      event: (name, data) => {
        if (name === "reset") return watcher.reload();
        bundle.push(JSON.parse(data) as Change);
        timer ??= setTimeout(hand, BUNDLE_MS);
      },
      connected: (now) => {
        isConnected = now;
        session.connection = now ? "live" : "lost";
      },
    },
    since,
  );
  const look = setInterval(() => {
    if (!isConnected && !document.hidden) watcher.reload();
  }, LOOK_MS);
  let hiding: ReturnType<typeof setTimeout> | undefined;
  const seen = () => {
    clearTimeout(hiding);
    if (document.hidden) hiding = setTimeout(() => stream.stop(), HIDDEN_MS);
    else stream.start();
  };
  document.addEventListener("visibilitychange", seen);
  seen();
  if (!document.hidden) stream.start();
  return () => {
    document.removeEventListener("visibilitychange", seen);
    clearInterval(look);
    clearTimeout(timer);
    clearTimeout(hiding);
    stream.stop();
  };
}
