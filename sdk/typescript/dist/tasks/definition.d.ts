import { type SourceParameter } from "./parameters.js";
import type { AnyTask } from "./task.js";
/** A task as `POST /register-tasks` has it. */
export interface Definition {
    readonly name: string;
    readonly options: Record<string, unknown>;
    readonly parameters: readonly Parameter[];
    readonly signature: string;
    /** A call may have fewer arguments, and more by position. */
    readonly is_open?: boolean;
}
interface Parameter {
    readonly name: string;
    readonly kind: SourceParameter["kind"];
    readonly has_default: boolean;
    readonly default_value?: string;
    readonly schema?: Record<string, unknown>;
    readonly is_checked?: boolean;
}
/** What is registered of a task: what its options say, and its parameters as far as source and schemas show them. */
export declare function definitionOf(task: AnyTask): Definition;
/** The names of a task's parameters in order, for calls by name. */
export declare function parameterNames(task: AnyTask): string[];
export {};
