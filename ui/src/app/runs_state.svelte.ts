/** What the page of runs knows: a list, newest first, that is kept up to date without jumping. */

import { api, said, type Query } from "../lib/api/client";
import type { Change, Counts, Status, TaskRun } from "../lib/api/types";
import { WORD } from "../lib/api/types";
import { watch } from "./changes.svelte";

const PAGE = 100;
const COUNT_MS = 5_000;
/** The list is read again when runs of it change whose rows say more than a change tells. */
const REREAD_MS = 700;

export type ListedRun = TaskRun;

export class RunsState {
  runs = $state.raw<ListedRun[]>([]);
  counts = $state.raw<Counts | null>(null);
  /** Ids of runs that were asked for since the list was read. */
  fresh = $state.raw<ReadonlySet<string>>(new Set());
  error = $state("");
  isLoading = $state(true);
  picked = $state.raw<ReadonlySet<string>>(new Set());
  private next: string | null = null;
  private query: Query = {};
  private matches: (change: Change) => boolean = () => true;
  private unwatch = () => {};
  private generation = 0;
  private timers: ReturnType<typeof setInterval>[] = [];
  private reread: ReturnType<typeof setTimeout> | undefined;
  private stale = new Set<string>();

  /** Show the runs that the query finds; `matches` says of a change whether it may be of one. */
  async show(query: Query, matches: (change: Change) => boolean): Promise<void> {
    this.query = query;
    this.matches = matches;
    this.picked = new Set();
    this.unwatch();
    this.timers.forEach(clearInterval);
    this.unwatch = watch({ roots: query.rootsOnly ? "1" : null }, "", {
      changed: (changes) => this.changed(changes),
      reload: () => void this.load(),
    });
    this.timers = [setInterval(() => document.hidden || void Promise.all([this.count(), this.readWaits()]), COUNT_MS)];
    await Promise.all([this.load(), this.count()]);
  }

  /** Read the first page anew. */
  async load(): Promise<void> {
    const generation = ++this.generation;
    this.isLoading = true;
    await this.read(generation, undefined);
  }

  async more(): Promise<void> {
    if (this.isLoading || this.next === null) return;
    this.isLoading = true;
    await this.read(this.generation, this.next);
  }

  private async read(generation: number, cursor: string | undefined): Promise<void> {
    try {
      const page = await api.page<{ taskRun: ListedRun; cursor: string }>("/v1/task-runs", { ...this.query, limit: PAGE, cursor });
      if (generation !== this.generation) return;
      const found = page.items.map((one) => one.taskRun);
      this.runs = cursor ? [...this.runs, ...found] : found;
      this.next = page.next;
      if (!cursor) this.fresh = new Set();
      this.error = "";
    } catch (error) {
      if (generation === this.generation) this.error = said(error);
    }
    if (generation === this.generation) this.isLoading = false;
  }

  private async count(): Promise<void> {
    const query = { ...this.query };
    delete query.status;
    const found = await api.maybe<Counts>("/v1/task-runs/counts", query).catch(() => undefined);
    if (found) this.counts = found;
  }

  /** How many are ahead of those that wait is in no change of theirs. */
  private async readWaits(): Promise<void> {
    if (!this.runs.some((run) => run.status === "pending")) return;
    const found = await api.page<{ taskRun: ListedRun; cursor: string }>("/v1/task-runs", { ...this.query, status: "pending", limit: PAGE }).catch(() => null);
    const waiting = new Map(found?.items.map(({ taskRun }) => [taskRun.id, taskRun]));
    this.runs = this.runs.map((run) => (run.status === "pending" ? (waiting.get(run.id) ?? run) : run));
  }

  private changed(changes: Change[]): void {
    const byId = new Map(changes.map((change) => [change.id, change]));
    const fresh = new Set(this.fresh);
    this.runs = this.runs.map((run) => {
      const change = byId.get(run.id);
      if (!change) return run;
      byId.delete(run.id);
      if (change.status === "f" || change.failure) this.stale.add(run.id);
      return changedRun(run, change);
    });
    const newest = this.runs[0]?.id ?? "";
    for (const change of byId.values()) if (change.id > newest && this.matches(change)) fresh.add(change.id);
    if (fresh.size !== this.fresh.size) this.fresh = fresh;
    if (this.stale.size) this.reread ??= setTimeout(() => void this.readStale(), REREAD_MS);
  }

  /** What failed says why in the list, not in its change. */
  private async readStale(): Promise<void> {
    this.reread = undefined;
    const ids = [...this.stale].slice(0, 20);
    this.stale.clear();
    for (const id of ids) {
      const found = await api.get<ListedRun>(`/v1/task-runs/${id}`).catch(() => null);
      if (found) this.runs = this.runs.map((run) => (run.id === id ? { ...run, ...found } : run));
    }
  }

  pick(id: string, isPicked: boolean): void {
    const picked = new Set(this.picked);
    if (isPicked) picked.add(id);
    else picked.delete(id);
    this.picked = picked;
  }

  pickAll(arePicked: boolean): void {
    this.picked = new Set(arePicked ? this.runs.map((run) => run.id) : []);
  }

  close(): void {
    this.unwatch();
    this.timers.forEach(clearInterval);
    clearTimeout(this.reread);
    this.generation += 1;
  }
}

function changedRun(run: ListedRun, change: Change): ListedRun {
  const at = (time: number | undefined) => (time === undefined ? {} : new Date(time).toISOString());
  const startedAt = at(change.startedAt);
  const completedAt = at(change.completedAt);
  const { waitsFor: _, progress: __, ...rest } = run;
  return {
    ...rest,
    status: WORD[change.status] as Status,
    ...(typeof startedAt === "string" ? { startedAt } : {}),
    ...(typeof completedAt === "string" ? { completedAt } : {}),
    ...(change.waitsFor ? { waitsFor: change.waitsFor } : {}),
    ...(change.progress ? { progress: { ...change.progress, at: run.createdAt } } : {}),
    ...(change.failure && change.status === "f" ? { failure: { class: "error" as const, type: change.failure[0], message: change.failure[1] } } : {}),
  };
}
