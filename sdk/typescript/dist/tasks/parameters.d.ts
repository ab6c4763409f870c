/**
 * One parameter as its function's source shows it; `default` is JSON text, absent where it is no plain value.
 *
 * Its kind is Python's word for how it is given: by position alone where it has no name, as `{ a, b }` has none.
 */
export interface SourceParameter {
    readonly name: string;
    readonly kind: "positional_or_keyword" | "positional_only" | "var_positional";
    readonly hasDefault: boolean;
    readonly default?: string;
}
/** The parameters a function was written with, undefined where its source is not to be had (bound and native functions). */
export declare function parametersOf(func: Function): SourceParameter[] | undefined;
