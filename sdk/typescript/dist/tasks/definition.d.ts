import type { AnyTask } from "./task.js";
/** A task as `POST /register-tasks` has it. */
export interface Definition {
    readonly name: string;
    readonly options: Record<string, unknown>;
    readonly parameters?: readonly Record<string, unknown>[];
    readonly signature?: string;
}
/** What is registered of a task: what its options say, and its parameters as far as source and schemas show them. */
export declare function definitionOf(task: AnyTask): Definition;
/** The names of a task's parameters in order, for calls by name. */
export declare function parameterNames(task: AnyTask): string[];
