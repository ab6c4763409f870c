import { expect, test } from "vitest";
import { ofChange } from "../src/lib/api/rows";
import type { TaskRunDetails } from "../src/lib/api/types";
import { eventsOf } from "../src/lib/events";
import { Tree, type Node } from "../src/lib/tree";

const at = (ms: number) => new Date(ms).toISOString();

function details(changes: object): TaskRunDetails {
  return { id: "trn-1", status: "completed", createdAt: at(0), completedAt: at(900), parentTaskRunId: "", attempts: [], ...changes } as unknown as TaskRunDetails;
}

function attempt(number: number, from: number, changes: object = {}): object {
  const timings = { claimedAt: at(from), containerStartedAt: at(from + 10), readyAt: at(from + 20), firstLineAt: at(from + 30), finishedAt: at(from + 100) };
  return { attempt: number, status: "completed", startedAt: at(from), completedAt: at(from + 100), forensics: { startedAhead: false, timings }, ...changes };
}

function children(count: number): Node[] {
  const tree = new Tree();
  const shared = { root: "trn-1", workflow: "shop", attempts: 1, isWarm: false };
  tree.apply(ofChange({ ...shared, id: "trn-1", task: "shop/top", status: "r", createdAt: 0 }));
  for (let index = 0; index < count; index += 1) {
    const failure: { failure?: [string, string] } = index === 1 ? { failure: ["Declined", "no money"] } : {};
    tree.apply(ofChange({ ...shared, ...failure, id: `trn-2${index}`, parent: "trn-1", task: "shop/charge", status: index === 1 ? "f" : "c", createdAt: 200 + index, completedAt: 300 + index }));
  }
  return tree.top!.children;
}

const words = (events: ReturnType<typeof eventsOf>) => events.map((one) => `${one.at} ${one.what}${one.why ? ` (${one.why})` : ""}`);

test("a run is asked for, gets a place, is loaded, begins and ends", () => {
  expect(words(eventsOf(details({ attempts: [attempt(0, 100)] }), []))).toEqual([
    "0 asked for", "100 got its place", "110 container started", "120 code loaded", "130 task began", "200 completed",
  ]);
});

test("attempts are told apart, each with why it failed", () => {
  const failed = attempt(0, 100, { status: "failed", failure: { type: "ValueError", message: "no" } });
  const found = words(eventsOf(details({ attempts: [failed, attempt(1, 300)] }), []));
  expect(found).toContain("200 attempt 1 failed (ValueError: no)");
  expect(found.at(-1)).toBe("400 attempt 2 completed");
});

test("children are told of one by one, or together where they are many, but for those that failed", () => {
  expect(words(eventsOf(details({}), children(2))).slice(1)).toEqual([
    "200 asked for charge", "201 asked for charge", "300 charge ended", "301 charge ended (Declined: no money)",
  ]);
  expect(words(eventsOf(details({}), children(60))).slice(1)).toEqual([
    "200 asked for charge, 60 runs", "301 charge failed (Declined: no money)", "359 the last of 60 runs of charge ended",
  ]);
});

test("who asked is said, and why it was canceled", () => {
  const [first, last] = eventsOf(details({ parentTaskRunId: "trn-0", status: "canceled", failure: { message: "by hand" } }), []);
  expect(first).toEqual({ at: 0, what: "asked for by", run: "trn-0" });
  expect(last).toEqual({ at: 900, what: "canceled", status: "x", why: "by hand" });
});
