/** What was answered; `keeps` says whether the connection is there for more. */
export interface Answer {
    readonly status: number;
    readonly text: string;
    readonly keeps: boolean;
}
/** As much of HTTP as the worker protocol needs. Node's own client costs a start 45 ms of CPU more. */
export declare class HttpClient {
    #private;
    /** `path` is the unix socket's. */
    constructor(path: string, net: typeof import("node:net"));
    /** One request; rejects when the connection breaks. */
    send(method: string, path: string, body?: string): Promise<Answer>;
    /** Close what is open, so that it keeps no process alive. */
    close(): void;
}
/** Makes an answer of bytes, in whatever pieces they come; it has a length, or comes in chunks. */
export declare class AnswerReader {
    #private;
    /** The answer, once it is complete. */
    feed(piece: Buffer): Answer | undefined;
}
