/** What the page of a run knows: the tree of its root, and the run that is looked at. */

import { api, said } from "../lib/api/client";
import { ofChange, ofRun, ofTree } from "../lib/api/rows";
import type { Change, TaskRunDetails, TreeAnswer } from "../lib/api/types";
import { idleGaps, TimeAxis } from "../lib/axis";
import { clock } from "../lib/clock.svelte";
import { hasEnded, Tree, type Row } from "../lib/tree";
import { watch } from "./changes.svelte";

const DETAILS_MS = 400;
/** How many are ahead of a run that waits changes without a change of it. */
const WAITS_MS = 3_000;

export class RunState {
  selected = $state("");
  details = $state.raw<TaskRunDetails | null>(null);
  error = $state("");
  treeError = $state("");
  isTreeLoaded = $state(false);
  errorsOnly = $state(false);
  /** Long waits are drawn short. */
  areWaitsShort = $state(true);
  toggled = $state.raw<ReadonlySet<string>>(new Set());
  tree = $state.raw(new Tree());
  /** The run whose tree it is: any in it. */
  private opened = "";
  private version = $state(0);
  private loaded = $state(0);
  private unwatch = () => {};
  private refresh: ReturnType<typeof setTimeout> | undefined;
  private readonly waits = setInterval(() => document.hidden || (this.details?.status === "pending" && void this.loadDetails()), WAITS_MS);

  rows: Row[] = $derived.by(() => {
    void this.version;
    const view = { toggled: this.toggled, errorsOnly: this.errorsOnly, selected: this.selected };
    return this.tree.rows(view);
  });
  counts = $derived.by(() => (void this.version, this.tree.counts()));
  top = $derived.by(() => (void this.version, this.tree.top?.run ?? null));
  firstFailure = $derived.by(() => (void this.version, this.tree.firstFailure()?.run ?? null));
  /** Of the run that is looked at. */
  children = $derived.by(() => (void this.version, [...(this.tree.get(this.selected)?.children ?? [])]));
  isLive = $derived(this.top !== null && !hasEnded(this.top));
  size = $derived.by(() => (void this.version, this.tree.size));
  /** Up to when bars of what goes on are drawn. */
  now = $derived(this.isLive ? clock.now : (this.top?.completedAt ?? 0));
  /** Made anew every second while something goes on, not with every bundle of changes: it looks at all runs. */
  axis = $derived.by(() => {
    void this.loaded;
    const begin = this.tree.top?.run.createdAt ?? 0;
    const end = Math.max(begin + 1, this.isLive ? this.now : latest(this.tree));
    return new TimeAxis(begin, end, this.areWaitsShort ? idleGaps(this.tree.busy(end), begin, end) : []);
  });

  /** Look at a run; its tree is loaded unless it is there. */
  async select(id: string): Promise<void> {
    if (id === this.selected) return;
    this.selected = id;
    this.error = "";
    if (this.details?.id !== id) this.details = null;
    await Promise.all([this.loadDetails(), this.tree.get(id) ? null : this.open(id)]);
  }

  async loadDetails(): Promise<void> {
    const id = this.selected;
    try {
      const found = await api.get<TaskRunDetails>(`/v1/task-runs/${id}`);
      if (this.selected === id) this.details = found;
    } catch (error) {
      if (this.selected === id) this.error = said(error);
    }
  }

  /** Load the tree that a run is in, and follow it. */
  private async open(run: string): Promise<void> {
    this.leave();
    this.opened = run;
    this.isTreeLoaded = false;
    this.treeError = "";
    try {
      const tree = new Tree();
      const { root, asOf } = await fill(tree, run, () => this.show(tree, run));
      if (this.opened !== run) return;
      this.unwatch = watch({ root }, asOf, {
        changed: (changes) => this.changed(changes),
        reload: () => void (this.isLive && this.loadAgain()),
      });
    } catch (error) {
      if (this.opened === run) this.treeError = said(error);
    }
  }

  /** Where the stream has a gap: everything anew, without a flicker. */
  private async loadAgain(): Promise<void> {
    const run = this.opened;
    const tree = new Tree();
    try {
      await fill(tree, run, () => {});
      this.show(tree, run);
      if (this.details && !hasEnded(ofRun(this.details))) await this.loadDetails();
    } catch {
      // the next look will tell
    }
  }

  private show(tree: Tree, run: string): void {
    if (this.opened !== run) return;
    this.tree = tree;
    this.isTreeLoaded = true;
    this.version += 1;
    this.loaded += 1;
  }

  private changed(changes: Change[]): void {
    for (const change of changes) this.tree.apply(ofChange(change));
    this.version += 1;
    const top = this.tree.top?.run;
    if (top?.status === "f" && changes.some((change) => change.id === top.id)) void this.blame(this.tree, top.id);
    if (changes.some((change) => change.id === this.selected)) {
      this.refresh ??= setTimeout(() => {
        this.refresh = undefined;
        void this.loadDetails();
      }, DETAILS_MS);
    }
  }

  /** Follow what failed runs say of which run they failed. */
  private async blame(tree: Tree, top: string): Promise<void> {
    try {
      let blamed = top;
      for (let id: string | undefined = top; id; ) {
        blamed = id;
        id = (await api.get<TaskRunDetails>(`/v1/task-runs/${id}`)).failure?.childTaskRunId;
      }
      tree.blamed = blamed;
      this.version += 1;
    } catch {
      // the times of the failures are a guess that is seldom wrong
    }
  }

  toggle(key: string): void {
    const toggled = new Set(this.toggled);
    if (!toggled.delete(key)) toggled.add(key);
    this.toggled = toggled;
  }

  close(): void {
    clearInterval(this.waits);
    this.leave();
  }

  private leave(): void {
    this.unwatch();
    this.unwatch = () => {};
    clearTimeout(this.refresh);
    this.refresh = undefined;
  }
}

function latest(tree: Tree): number {
  let end = tree.top?.run.completedAt ?? 0;
  for (const { run } of tree.all()) end = Math.max(end, run.completedAt ?? 0);
  return end;
}

/** Load all of the tree that a run is in, `shown` after every page; its root, and the place in the feed it is as of. */
async function fill(tree: Tree, run: string, shown: () => void): Promise<{ root: string; asOf: string }> {
  let [root, asOf, cursor] = [run, "", undefined as string | undefined];
  do {
    const page: TreeAnswer = await api.get(`/v1/task-runs/${root}/tree`, { fromRoot: true, cursor });
    root = page.root;
    asOf ||= page.asOf;
    for (const one of ofTree(page)) tree.apply(one);
    tree.blamed = page.firstFailure?.taskRunId ?? tree.blamed;
    shown();
    cursor = page.cursor;
  } while (cursor);
  return { root, asOf };
}
