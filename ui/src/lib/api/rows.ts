/** Runs as the tree keeps them, out of each form in which the API tells of them. */

import { ms } from "../time";
import type { Letter, Span, TreeRun } from "../tree";
import { LETTER, type Change, type TaskRun, type TreeAnswer } from "./types";

/** The runs of a page of the compact tree; a parent is a row of the same page, or an id. */
export function ofTree(answer: TreeAnswer): TreeRun[] {
  const column = Object.fromEntries(answer.columns.map((name, index) => [name, index]));
  const value = <T>(row: unknown[], name: string): T | null => (column[name] === undefined ? null : ((row[column[name]] ?? null) as T | null));
  const id = (row: unknown[] | undefined) => (row ? value<string>(row, "id") : null);
  return answer.runs.map((row, index) => {
    const parent = value<number | string>(row, "parent");
    const note = answer.notes?.[index];
    return {
      id: id(row)!,
      parent: typeof parent === "string" ? parent : id(answer.runs[parent ?? -1]),
      task: answer.tasks[value<number>(row, "task")!] ?? "",
      status: value<Letter>(row, "status")!,
      createdAt: value<number>(row, "createdAt")!,
      startedAt: value<number>(row, "startedAt"),
      completedAt: value<number>(row, "completedAt"),
      attempts: value<number>(row, "attempts") ?? 0,
      isWarm: Boolean(value(row, "isWarm")),
      failure: value<[string, string]>(row, "failure"),
      spans: value<Span[]>(row, "spans"),
      waitsFor: note?.waitsFor ?? (value(row, "status") === "p" ? answer.waitsFor : undefined),
      progress: note?.progress,
    };
  });
}

/** The run that an event tells of. */
export function ofChange(change: Change): TreeRun {
  return {
    id: change.id,
    parent: change.parent || null,
    task: change.task,
    status: change.status,
    createdAt: change.createdAt,
    startedAt: change.startedAt ?? null,
    completedAt: change.completedAt ?? null,
    attempts: change.attempts,
    isWarm: change.isWarm,
    failure: change.failure ?? null,
    spans: change.spans ?? null,
    waitsFor: change.waitsFor,
    progress: change.progress,
  };
}

/** A run of a list. */
export function ofRun(run: TaskRun): TreeRun {
  const createdAt = ms(run.createdAt)!;
  const after = (at: string | undefined) => (at ? ms(at)! - createdAt : null);
  return {
    id: run.id,
    parent: run.parentTaskRunId || null,
    task: run.taskSlug ?? run.task,
    status: LETTER[run.status],
    createdAt,
    startedAt: ms(run.startedAt),
    completedAt: ms(run.completedAt),
    attempts: run.attempts.length,
    isWarm: false,
    failure: null,
    spans: run.attempts.map((one) => [after(one.startedAt)!, after(one.startedAt), after(one.completedAt)]),
    waitsFor: run.waitsFor,
  };
}
