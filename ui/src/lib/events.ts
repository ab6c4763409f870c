/** What happened to a run, in order, in words. Pure. */

import type { Attempt, TaskRunDetails } from "./api/types";
import { count, why } from "./text";
import { ms } from "./time";
import { byTask, type Letter, type Node } from "./tree";

export interface RunEvent {
  at: number;
  what: string;
  /** The run it is about, where that is another. */
  run?: string;
  /** Why, as somebody else has put it. */
  why?: string;
  status?: Letter;
}

/** Of children of one task so many are told of one by one. */
const FEW = 5;

export function eventsOf(run: TaskRunDetails, children: Node[]): RunEvent[] {
  const found: RunEvent[] = [asked(run), ...run.attempts.flatMap((one) => ofAttempt(one, run)), ...ofChildren(children)];
  const last = run.attempts.at(-1);
  const completedAt = ms(run.completedAt);
  if (run.status === "canceled" && completedAt !== null) found.push({ at: completedAt, what: "canceled", status: "x", ...because(run.failure?.message) });
  else if (run.status === "failed" && completedAt !== null && !last) found.push({ at: completedAt, what: "failed before an attempt began", status: "f", ...because(run.failure?.message) });
  if (run.retryAt && run.status === "pending") found.push({ at: ms(run.retryAt)!, what: `attempt ${run.attempts.length + 1} may begin` });
  return found.sort((one, other) => one.at - other.at);
}

function asked(run: TaskRunDetails): RunEvent {
  const at = ms(run.createdAt)!;
  if (run.rerunOf) return { at, what: "asked for again, after", run: run.rerunOf };
  if (run.parentTaskRunId) return { at, what: "asked for by", run: run.parentTaskRunId };
  return { at, what: "asked for" };
}

function ofAttempt(one: Attempt, run: TaskRunDetails): RunEvent[] {
  const timings = one.forensics.timings;
  const name = run.attempts.length > 1 || run.status === "pending" ? `attempt ${one.attempt + 1} ` : "";
  const steps: [string | undefined, string][] = [
    [timings.claimedAt, one.forensics.startedAhead ? `${name}got a container that had been started ahead` : `${name}got its place`],
    [one.forensics.startedAhead ? undefined : timings.containerStartedAt, `${name}container started`],
    [one.forensics.startedAhead ? undefined : timings.readyAt, `${name}code loaded`],
    [timings.firstLineAt ?? timings.assignedAt, `${name}task began`],
    [timings.removedAt, `${name}container removed`],
  ];
  const found: RunEvent[] = steps.flatMap(([at, what]) => (at ? [{ at: ms(at)!, what }] : []));
  if (one.completedAt) found.push({ at: ms(timings.finishedAt ?? one.completedAt)!, what: `${name}${one.status}`, ...ending(one) });
  return found;
}

function ending(one: Attempt): Partial<RunEvent> {
  if (one.status === "failed") return { status: "f", ...because(one.failure ? why(one.failure.type, one.failure.message) : one.error) };
  return { status: one.status === "canceled" ? "x" : "c" };
}

function because(reason: string | undefined): { why?: string } {
  return reason ? { why: reason } : {};
}

function ofChildren(children: Node[]): RunEvent[] {
  return [...byTask(children)].flatMap(([slug, members]) => {
    const task = slug.slice(slug.lastIndexOf("/") + 1);
    return members.length > FEW ? many(task, members) : members.flatMap((child) => one(task, child));
  });
}

function one(task: string, { run }: Node): RunEvent[] {
  const found: RunEvent[] = [{ at: run.createdAt, what: `asked for ${task}`, run: run.id }];
  if (run.completedAt !== null) found.push({ at: run.completedAt, what: `${task} ended`, run: run.id, status: run.status, ...because(run.failure ? why(...run.failure) : undefined) });
  return found;
}

function many(task: string, members: Node[]): RunEvent[] {
  const found: RunEvent[] = [{ at: members[0]!.run.createdAt, what: `asked for ${task}, ${count(members.length, "run")}` }];
  const failed = members.filter(({ run }) => run.status === "f");
  found.push(...failed.slice(0, FEW).map(({ run }) => ({ at: run.completedAt!, what: `${task} failed`, run: run.id, status: run.status, ...because(run.failure ? why(...run.failure) : undefined) })));
  if (members.every(({ run }) => run.completedAt !== null)) {
    found.push({ at: Math.max(...members.map(({ run }) => run.completedAt!)), what: `the last of ${count(members.length, "run")} of ${task} ended` });
  }
  return found;
}
