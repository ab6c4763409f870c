/** The shapes of the API: what it declares, generated from its OpenAPI; and the compact tree and its changes, by hand. */

import type { Letter, Span } from "../tree";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type TaskRun = Schemas["TaskRun"];
export type TaskRunDetails = Schemas["TaskRunDetails"];
export type Attempt = Schemas["TaskAttemptDetails"];
export type Timings = Schemas["Timings"];
export type Failure = Schemas["Failure"];
export type Task = Schemas["Task"];
export type Parameter = Schemas["Parameter"];
export type Workflow = Schemas["Workflow"];
export type Version = Schemas["WorkflowVersion"];
export type LogLine = Schemas["LogLine"];
export type TreeLogLine = Schemas["TreeLogLine"];
export type BuildLogLine = Schemas["BuildLogLine"];
export type Problem = Schemas["Problem"];
export type Status = TaskRun["status"];

export type System = Schemas["System"];
export type Brief = Schemas["Status"];
export type Operation = Schemas["Operation"];
export type Counts = Schemas["RunCounts"];
export type Durations = Schemas["Durations"];

/** A row of a tree is the values of its columns. */
export type TreeAnswer = Schemas["TreeWithRows"];

/** An event of `GET /v1/changes`. */
export interface Change {
  id: string;
  root: string;
  parent?: string;
  workflow: string;
  task: string;
  status: Letter;
  createdAt: number;
  startedAt?: number;
  completedAt?: number;
  attempts: number;
  isWarm: boolean;
  failure?: [string, string];
  progress?: Schemas["RowProgress"];
  waitsFor?: string;
  spans?: Span[];
}

export const LETTER: Record<Status, Letter> = { pending: "p", running: "r", completed: "c", failed: "f", canceled: "x" };
export const WORD: Record<Letter, Status> = { p: "pending", r: "running", c: "completed", f: "failed", x: "canceled" };
