export declare class RenderError extends Error {
    name: string;
}
export declare class TaskRunError extends RenderError {
    readonly taskRunId?: string | undefined;
    readonly taskError?: string | undefined;
    name: string;
    constructor(message: string, taskRunId?: string | undefined, taskError?: string | undefined);
}
/** 4xx */
export declare class ClientError extends RenderError {
    readonly statusCode: number;
    name: string;
    constructor(message: string, statusCode: number);
}
/** 5xx, or no answer at all. */
export declare class ServerError extends RenderError {
    readonly statusCode: number;
    name: string;
    constructor(message: string, statusCode: number);
}
export declare class TimeoutError extends RenderError {
    name: string;
}
export declare class AbortError extends Error {
    name: string;
    constructor();
}
/** Our error under its name in this package. */
export declare function translated(error: unknown, signal?: AbortSignal): unknown;
