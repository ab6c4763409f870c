export interface ConnectionOptions {
    /** Where the orchestrator is; by default ORCHESTRATOR_URL, or this user's own instance. */
    readonly url?: string;
    /** By default ORCHESTRATOR_API_KEY, or the key of this user's own instance. */
    readonly apiKey?: string;
    readonly fetch?: typeof globalThis.fetch;
}
export type Query = Record<string, string | number | boolean | readonly string[] | undefined>;
/** Requests to one orchestrator. */
export declare class Connection {
    #private;
    constructor(options: ConnectionOptions);
    /** The answer's JSON, undefined when it has none. Throws ApiError. */
    send(method: string, path: string, request?: {
        query?: Query;
        body?: unknown;
        signal?: AbortSignal;
    }): Promise<any>;
    /** A list's items, and after which cursor it goes on where the server says so. Throws ApiError. */
    page<T>(path: string, query: Query): Promise<{
        items: T[];
        next: string | undefined;
    }>;
    /** The answer as a stream of server-sent events. Throws ApiError. */
    stream(path: string, query: Query, signal?: AbortSignal): Promise<ReadableStream<Uint8Array>>;
}
