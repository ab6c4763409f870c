/** One parameter as its function's source shows it; `default` is JSON text, absent where it is no plain value. */
export interface SourceParameter {
    readonly name: string;
    readonly isRest: boolean;
    readonly hasDefault: boolean;
    readonly default?: string;
}
/** The parameters a function was written with, undefined where its source is not to be had (bound and native functions). */
export declare function parametersOf(func: Function): SourceParameter[] | undefined;
