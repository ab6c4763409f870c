/** A tree of runs, and which of its rows are seen. Pure: no DOM, no clock. */

import type { Gap } from "./axis";
import { complement, merged } from "./axis";

export type Letter = "p" | "r" | "c" | "f" | "x";

/** One attempt: claimed, started and ended, in ms after the run was asked for. */
export type Span = [claimed: number, started: number | null, ended: number | null];

export interface Progress {
  fraction?: number;
  message: string;
}

/** A run as the tree and the stream of changes tell of it; times in ms since the epoch. */
export interface TreeRun {
  id: string;
  parent: string | null;
  /** `workflow/task`. */
  task: string;
  status: Letter;
  createdAt: number;
  startedAt: number | null;
  completedAt: number | null;
  attempts: number;
  isWarm: boolean;
  /** The exception's type and the first line of its message. */
  failure: [string, string] | null;
  spans: Span[] | null;
  waitsFor?: string | undefined;
  progress?: Progress | undefined;
}

export interface Node {
  run: TreeRun;
  children: Node[];
  parent: Node | null;
}

/** Children of one parent and one task, so many that they are shown as one row. */
export interface Group {
  key: string;
  parent: Node;
  task: string;
  members: Node[];
  counts: Record<Letter, number>;
}

export interface Row {
  key: string;
  depth: number;
  /** Exactly one of the two is there. */
  node: Node | null;
  group: Group | null;
  hasChildren: boolean;
  isOpen: boolean;
}

export interface View {
  /** Rows that are not as they are by default: groups that were opened, runs that were closed. */
  toggled: ReadonlySet<string>;
  errorsOnly: boolean;
  /** The run that is looked at: it is seen, whatever is folded. */
  selected: string | null;
}

/** From so many children of one task on, they are folded. */
export const FOLD_FROM = 9;
/** So many failed ones of a folded group are shown nevertheless. */
const FAILED_SHOWN = 3;

export class Tree {
  private readonly nodes = new Map<string, Node>();
  /** Runs whose parent was not told yet. */
  private readonly orphans = new Map<string, Node[]>();
  top: Node | null = null;

  get size(): number {
    return this.nodes.size;
  }

  get(id: string): Node | undefined {
    return this.nodes.get(id);
  }

  /** Runs in any order. */
  all(): Iterable<Node> {
    return this.nodes.values();
  }

  /** Take what is told of a run, which may be new; a run that has ended does not change any more. */
  apply(run: TreeRun): void {
    const known = this.nodes.get(run.id);
    if (known) {
      if (!hasEnded(known.run) || hasEnded(run)) known.run = newest(known.run, run);
      return;
    }
    const node: Node = { run, children: this.orphans.get(run.id) ?? [], parent: null };
    this.nodes.set(run.id, node);
    for (const child of node.children) child.parent = node;
    this.orphans.delete(run.id);
    this.place(node);
  }

  private place(node: Node): void {
    const parent = node.run.parent === null ? undefined : this.nodes.get(node.run.parent);
    if (parent) {
      insert(parent.children, node);
      node.parent = parent;
    } else if (node.run.parent === null) {
      this.top = node;
    } else {
      const waiting = this.orphans.get(node.run.parent) ?? [];
      insert(waiting, node);
      this.orphans.set(node.run.parent, waiting);
    }
  }

  /** The run that the top's failure comes from, as the API says: of a run that has failed it is known, and not guessed from times. */
  blamed = "";

  counts(): Record<Letter, number> {
    return counted(this.nodes.values());
  }

  /** The run from whose failure the others follow: the one that is blamed, else along the failed children that ended first. */
  firstFailure(): Node | null {
    let at = this.top;
    if (!at) return null;
    const blamed = this.nodes.get(this.blamed);
    if (at.run.status === "f" && blamed) return blamed;
    for (;;) {
      const failed: Node[] = at.children.filter((child) => child.run.status === "f");
      const first = failed.sort((one, other) => (one.run.completedAt ?? 0) - (other.run.completedAt ?? 0))[0];
      if (!first) return at.run.status === "f" ? at : null;
      at = first;
    }
  }

  /** The rows in order. */
  rows(view: View): Row[] {
    if (!this.top) return [];
    const path = pathOf(view.selected === null ? undefined : this.nodes.get(view.selected));
    const kept = view.errorsOnly ? this.withFailures(path) : null;
    const found: Row[] = [];
    walk(this.top, 0, { view, kept, path, found });
    return found;
  }

  /** The failed runs and all above them, and the path to the run that is looked at. */
  private withFailures(path: ReadonlySet<Node>): Set<Node> {
    const kept = new Set<Node>(path);
    for (const node of this.nodes.values()) {
      if (node.run.status !== "f") continue;
      for (let at: Node | null = node; at && !(kept.has(at) && at !== node); at = at.parent) kept.add(at);
    }
    if (this.top) kept.add(this.top);
    return kept;
  }

  /** When something was being done, up to `now`: attempts of runs, but not while they waited for their children. */
  *busy(now: number): Generator<Gap> {
    for (const node of this.nodes.values()) {
      const children = merged(node.children.map(({ run }) => ({ from: run.createdAt, to: run.completedAt ?? now })));
      for (const span of worked(node.run, now)) {
        if (children.length) yield* complement(children, span.from, span.to);
        else yield span;
      }
    }
  }
}

interface Walk {
  view: View;
  kept: Set<Node> | null;
  path: ReadonlySet<Node>;
  found: Row[];
}

function walk(node: Node, depth: number, at: Walk): void {
  const children = at.kept ? node.children.filter((child) => at.kept!.has(child)) : node.children;
  const isOpen = children.length > 0 && !at.view.toggled.has(node.run.id);
  at.found.push({ key: node.run.id, depth, node, group: null, hasChildren: children.length > 0, isOpen });
  const shown = isOpen ? children : children.filter((child) => at.path.has(child));
  if (!shown.length) return;
  const groups = isOpen && !at.kept ? groupsOf(node, shown) : null;
  const done = new Set<string>();
  for (const child of shown) {
    const group = groups?.get(child.run.task);
    if (!group) walk(child, depth + 1, at);
    else if (!done.has(group.key)) {
      done.add(group.key);
      walkGroup(group, depth + 1, at);
    }
  }
}

function walkGroup(group: Group, depth: number, at: Walk): void {
  const isOpen = at.view.toggled.has(group.key);
  at.found.push({ key: group.key, depth, node: null, group, hasChildren: true, isOpen });
  let failed = 0;
  for (const member of group.members) {
    const isFailed = member.run.status === "f" && (failed += 1) <= FAILED_SHOWN;
    if (isOpen || isFailed || at.path.has(member)) walk(member, depth + 1, at);
  }
}

/** The runs by their task, in order. */
export function byTask(nodes: Node[]): Map<string, Node[]> {
  const found = new Map<string, Node[]>();
  for (const node of nodes) {
    const members = found.get(node.run.task);
    if (members) members.push(node);
    else found.set(node.run.task, [node]);
  }
  return found;
}

function groupsOf(parent: Node, children: Node[]): Map<string, Group> {
  const found = new Map<string, Group>();
  for (const [task, members] of byTask(children)) {
    if (members.length < FOLD_FROM) continue;
    found.set(task, { key: `${parent.run.id}/${task}`, parent, task, members, counts: counted(members) });
  }
  return found;
}

function counted(nodes: Iterable<Node>): Record<Letter, number> {
  const found = { p: 0, r: 0, c: 0, f: 0, x: 0 };
  for (const node of nodes) found[node.run.status] += 1;
  return found;
}

function pathOf(node: Node | undefined): ReadonlySet<Node> {
  const found = new Set<Node>();
  for (let at: Node | null | undefined = node; at; at = at.parent) found.add(at);
  return found;
}

/** Siblings are in the order of their ids, which is that of their creation; most arrive in it. */
function insert(siblings: Node[], node: Node): void {
  let place = siblings.length;
  while (place > 0 && siblings[place - 1]!.run.id > node.run.id) place -= 1;
  siblings.splice(place, 0, node);
}

function newest(known: TreeRun, told: TreeRun): TreeRun {
  return { ...told, parent: known.parent, spans: told.spans ?? known.spans };
}

export function hasEnded(run: TreeRun): boolean {
  return run.status === "c" || run.status === "f" || run.status === "x";
}

/** When the attempts of a run were at work. */
function worked(run: TreeRun, now: number): Gap[] {
  if (run.spans) {
    return run.spans.map(([claimed, , ended]) => ({ from: run.createdAt + claimed, to: ended === null ? now : run.createdAt + ended }));
  }
  if (run.startedAt === null) return [];
  return [{ from: run.startedAt, to: run.completedAt ?? now }];
}

export interface Segment {
  kind: "queue" | "start" | "run" | "retry";
  from: number;
  to: number;
}

/** What a run's bar is made of, up to `now`: waiting, starting, running; attempts that failed and were followed by another are "retry". */
export function segments(run: TreeRun, now: number): Segment[] {
  const until = run.completedAt ?? now;
  if (!run.spans?.length) {
    const started = run.startedAt ?? until;
    const found: Segment[] = [{ kind: "queue", from: run.createdAt, to: started }];
    if (run.startedAt !== null) found.push({ kind: "run", from: started, to: until });
    return found.filter((segment) => segment.to > segment.from || segment.kind === "run");
  }
  const found: Segment[] = [];
  let from = run.createdAt;
  for (const [index, [claimed, started, ended]] of run.spans.entries()) {
    const [at, begun, over] = [run.createdAt + claimed, started === null ? null : run.createdAt + started, ended === null ? until : run.createdAt + ended];
    const isLast = index === run.spans.length - 1;
    found.push({ kind: "queue", from, to: at }, { kind: "start", from: at, to: begun ?? over });
    if (begun !== null) found.push({ kind: isLast ? "run" : "retry", from: begun, to: over });
    from = over;
  }
  if (until > from && run.spans.at(-1)![2] !== null) found.push({ kind: "queue", from, to: until });
  return found.filter((segment) => segment.to > segment.from || segment.kind === "run");
}
