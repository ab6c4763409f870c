/** What the page of a run knows: the tree of its root, and the run that is looked at. */

import { api, said } from "../lib/api/client";
import { ofChange, ofRun, ofTree } from "../lib/api/rows";
import type { Change, TaskRun, TaskRunDetails, TreeAnswer } from "../lib/api/types";
import { idleGaps, TimeAxis } from "../lib/axis";
import { clock } from "../lib/clock.svelte";
import { hasEnded, Tree, type Row } from "../lib/tree";
import { watch } from "./changes.svelte";

const PAGE = 100;
const DETAILS_MS = 400;

export class RunState {
  selected = $state("");
  root = $state("");
  details = $state.raw<TaskRunDetails | null>(null);
  error = $state("");
  treeError = $state("");
  isTreeLoaded = $state(false);
  errorsOnly = $state(false);
  /** Long waits are drawn short. */
  areWaitsShort = $state(true);
  toggled = $state.raw<ReadonlySet<string>>(new Set());
  tree = $state.raw(new Tree());
  private version = $state(0);
  private loaded = $state(0);
  private unwatch = () => {};
  private refresh: ReturnType<typeof setTimeout> | undefined;

  rows: Row[] = $derived.by(() => {
    void this.version;
    const view = { toggled: this.toggled, errorsOnly: this.errorsOnly, selected: this.selected };
    return this.tree.rows(view);
  });
  counts = $derived.by(() => (void this.version, this.tree.counts()));
  top = $derived.by(() => (void this.version, this.tree.top?.run ?? null));
  firstFailure = $derived.by(() => (void this.version, this.tree.firstFailure()?.run ?? null));
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
    if (this.tree.get(id)) return this.loadDetails();
    const [details] = await Promise.all([this.loadDetails()]);
    void details;
    const found = this.details as TaskRunDetails | null;
    if (this.selected === id && found) await this.open(found.rootTaskRunId);
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

  private async open(root: string): Promise<void> {
    this.close();
    this.root = root;
    this.isTreeLoaded = false;
    await this.loadTree();
  }

  private async loadTree(): Promise<void> {
    const root = this.root;
    this.unwatch();
    try {
      const tree = new Tree();
      const asOf = await fill(tree, root, () => this.show(tree, root));
      if (this.root !== root) return;
      this.unwatch = watch({ root }, asOf, {
        changed: (changes) => this.changed(changes),
        reload: () => void (this.isLive && this.loadAgain()),
      });
      this.treeError = "";
    } catch (error) {
      if (this.root === root) this.treeError = said(error);
    }
  }

  /** Where the stream has a gap: everything anew, without a flicker. */
  private async loadAgain(): Promise<void> {
    const root = this.root;
    const tree = new Tree();
    try {
      await fill(tree, root, () => {});
      this.show(tree, root);
      if (this.details && !hasEnded(ofRun(this.details))) await this.loadDetails();
    } catch {
      // the next look will tell
    }
  }

  private show(tree: Tree, root: string): void {
    if (this.root !== root) return;
    this.tree = tree;
    this.isTreeLoaded = true;
    this.version += 1;
    this.loaded += 1;
  }

  private changed(changes: Change[]): void {
    for (const change of changes) this.tree.apply(ofChange(change));
    this.version += 1;
    if (changes.some((change) => change.id === this.selected)) {
      this.refresh ??= setTimeout(() => {
        this.refresh = undefined;
        void this.loadDetails();
      }, DETAILS_MS);
    }
  }

  toggle(key: string): void {
    const toggled = new Set(this.toggled);
    if (!toggled.delete(key)) toggled.add(key);
    this.toggled = toggled;
  }

  close(): void {
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

/** Load all of a tree, `shown` after every page; the place in the feed it is as of. */
async function fill(tree: Tree, root: string, shown: () => void): Promise<string> {
  let cursor: string | undefined;
  let asOf = "";
  do {
    const page = await api.maybe<TreeAnswer>(`/v1/task-runs/${root}/tree`, { cursor });
    if (!page) return fillByList(tree, root, shown);
    asOf ||= page.asOf;
    for (const run of ofTree(page)) tree.apply(run);
    shown();
    cursor = page.cursor;
  } while (cursor);
  return asOf;
}

/** Where there is no compact tree: run by run. */
async function fillByList(tree: Tree, root: string, shown: () => void): Promise<string> {
  let cursor: string | undefined;
  for (;;) {
    const page = await api.get<{ taskRun: TaskRun; cursor: string }[]>("/v1/task-runs", { rootTaskRunId: root, limit: PAGE, cursor });
    for (const { taskRun } of page) tree.apply(ofRun(taskRun));
    cursor = page.at(-1)?.cursor;
    if (page.length < PAGE || tree.size > 5_000) break;
  }
  shown();
  return "";
}
