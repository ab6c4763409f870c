import { describe, expect, test } from "vitest";
import { FOLD_FROM, segments, Tree, type Letter, type TreeRun, type View } from "../src/lib/tree";

const VIEW: View = { toggled: new Set(), errorsOnly: false, selected: null };
let made = 0;

function run(id: string, parent: string | null = null, changes: Partial<TreeRun> = {}): TreeRun {
  made += 1;
  return {
    id, parent, task: "shop/charge", status: "c", createdAt: made, startedAt: made + 1, completedAt: made + 5, attempts: 1, isWarm: false,
    failure: null, spans: null, ...changes,
  };
}

function treeOf(...runs: TreeRun[]): Tree {
  const tree = new Tree();
  for (const one of runs) tree.apply(one);
  return tree;
}

const children = (count: number, status: Letter = "c", changes: Partial<TreeRun> = {}) =>
  Array.from({ length: count }, (_, index) => run(`child-${String(index).padStart(5, "0")}-${status}`, "top", { status, ...changes }));
const names = (tree: Tree, view: Partial<View> = {}) => tree.rows({ ...VIEW, ...view }).map((row) => `${" ".repeat(row.depth)}${row.key}`);

describe("rows", () => {
  test("follow the parents in the order of their ids, whatever order they came in", () => {
    const tree = treeOf(run("b", "top"), run("top"), run("a1", "a"), run("a", "top"));
    expect(names(tree)).toEqual(["top", " a", "  a1", " b"]);
  });

  test("of a run that was closed are not there, but for the one that is looked at", () => {
    const tree = treeOf(run("top"), run("a", "top"), run("a1", "a"), run("a2", "a"));
    expect(names(tree, { toggled: new Set(["a"]) })).toEqual(["top", " a"]);
    expect(names(tree, { toggled: new Set(["a"]), selected: "a2" })).toEqual(["top", " a", "  a2"]);
  });

  test("of few children of a task are themselves", () => {
    expect(names(treeOf(run("top"), ...children(FOLD_FROM - 1)))).toHaveLength(FOLD_FROM);
  });

  test("of many children of a task are folded into one that counts them", () => {
    const tree = treeOf(run("top"), ...children(58), ...children(1, "x"));
    const [, group] = tree.rows(VIEW);
    expect(names(tree)).toEqual(["top", " top/shop/charge"]);
    expect(group!.group!.counts).toEqual({ p: 0, r: 0, c: 58, f: 0, x: 1 });
  });

  test("of a folded fan-out show what failed", () => {
    const tree = treeOf(run("top"), ...children(58), run("bad", "top", { status: "f" }));
    expect(names(tree)).toEqual(["top", " top/shop/charge", "  bad"]);
  });

  test("of an opened fan-out are all there", () => {
    const tree = treeOf(run("top"), ...children(20));
    expect(names(tree, { toggled: new Set(["top/shop/charge"]) })).toHaveLength(22);
  });

  test("of another task stand beside a folded fan-out, where they were asked for", () => {
    const tree = treeOf(run("top"), run("a", "top", { task: "shop/fetch" }), ...children(20), run("z", "top", { task: "shop/render" }));
    expect(names(tree)).toEqual(["top", " a", " top/shop/charge", " z"]);
  });

  test("with errors only are those that failed and what leads to them", () => {
    const tree = treeOf(run("top"), run("a", "top"), run("b", "top"), run("b1", "b", { status: "f" }), run("b2", "b"));
    expect(names(tree, { errorsOnly: true })).toEqual(["top", " b", "  b1"]);
    expect(names(tree, { errorsOnly: true, selected: "a" })).toEqual(["top", " a", " b", "  b1"]);
    expect(names(tree, { errorsOnly: true, selected: "b1" })).toEqual(["top", " b", "  b1"]);
  });

  test("of ten thousand runs are made in a moment, and few when folded", () => {
    const tree = treeOf(run("top"), ...children(10_000));
    expect(tree.rows(VIEW)).toHaveLength(2);
    expect(tree.rows({ ...VIEW, toggled: new Set(["top/shop/charge"]) })).toHaveLength(10_002);
  });
});

describe("changes", () => {
  test("are taken, but an end is final", () => {
    const tree = treeOf(run("top", null, { status: "p" }));
    tree.apply(run("top", null, { status: "c" }));
    tree.apply(run("top", null, { status: "r" }));
    expect(tree.top!.run.status).toBe("c");
  });

  test("that say nothing of attempts leave what is known of them", () => {
    const tree = treeOf(run("top", null, { status: "r", spans: [[1, 2, null]] }));
    tree.apply(run("top", null, { status: "r", spans: null }));
    expect(tree.top!.run.spans).toEqual([[1, 2, null]]);
  });
});

test("the first failure is the failed run below which none failed, along those that failed first", () => {
  const tree = treeOf(
    run("top", null, { status: "f", completedAt: 90 }),
    run("late", "top", { status: "f", completedAt: 80 }),
    run("early", "top", { status: "f", completedAt: 50 }),
    run("cause", "early", { status: "f", completedAt: 40 }),
  );
  expect(tree.firstFailure()!.run.id).toBe("cause");
  expect(treeOf(run("top")).firstFailure()).toBeNull();
});

test("of a run that failed the first failure is the one it was blamed on, whatever failed before", () => {
  const handled = run("handled", "top", { status: "f", completedAt: 10 });
  const cause = run("cause", "top", { status: "f", completedAt: 80 });
  const tree = treeOf(run("top", null, { status: "f", completedAt: 90 }), handled, cause);
  tree.blamed = "cause";
  expect(tree.firstFailure()!.run.id).toBe("cause");
  tree.blamed = "top";
  expect(tree.firstFailure()!.run.id).toBe("top");
  const goingOn = treeOf(run("top", null, { status: "r" }), handled);
  goingOn.blamed = "top";
  expect(goingOn.firstFailure()!.run.id).toBe("handled");
});

describe("busy times", () => {
  test("of a parent are those in which none of its children was there", () => {
    const top = run("top", null, { createdAt: 0, startedAt: 10, completedAt: 100 });
    const child = run("a", "top", { createdAt: 20, startedAt: 60, completedAt: 90 });
    expect([...treeOf(top, child).busy(100)]).toEqual([{ from: 10, to: 20 }, { from: 90, to: 100 }, { from: 60, to: 90 }]);
  });

  test("are attempts, not what lies between them", () => {
    const top = run("top", null, { createdAt: 0, spans: [[5, 10, 20], [80, 85, 90]] });
    expect([...treeOf(top).busy(100)]).toEqual([{ from: 5, to: 20 }, { from: 80, to: 90 }]);
  });
});

describe("segments", () => {
  const kinds = (one: TreeRun, now = 1_000) => segments(one, now).map(({ kind, from, to }) => `${kind} ${from}-${to}`);

  test("without attempts are waiting and running", () => {
    expect(kinds(run("a", null, { createdAt: 0, startedAt: 10, completedAt: 30 }))).toEqual(["queue 0-10", "run 10-30"]);
    expect(kinds(run("a", null, { status: "p", createdAt: 0, startedAt: null, completedAt: null }), 50)).toEqual(["queue 0-50"]);
  });

  test("of attempts are waiting, starting and running, and what was tried again", () => {
    const one = run("a", null, { createdAt: 100, completedAt: 200, spans: [[10, 20, 30], [60, 70, 100]] });
    expect(kinds(one)).toEqual(["queue 100-110", "start 110-120", "retry 120-130", "queue 130-160", "start 160-170", "run 170-200"]);
  });

  test("of what goes on reach to now", () => {
    const running = run("a", null, { status: "r", createdAt: 0, completedAt: null, spans: [[10, 20, null]] });
    expect(kinds(running, 90)).toEqual(["queue 0-10", "start 10-20", "run 20-90"]);
    const between = run("a", null, { status: "p", createdAt: 0, completedAt: null, spans: [[10, 20, 30]] });
    expect(kinds(between, 90)).toEqual(["queue 0-10", "start 10-20", "run 20-30", "queue 30-90"]);
  });
});
