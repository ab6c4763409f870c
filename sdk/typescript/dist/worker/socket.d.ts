/** An answer of the orchestrator's end that no repetition would change. */
export declare class Refused extends Error {
    readonly status: number;
    constructor(message: string, status: number);
}
/** The worker protocol: HTTP on the unix socket that the container's first program serves. */
export declare class Socket {
    #private;
    constructor(path: string, net: typeof import("node:net"));
    /** Ask until there is an answer. Throws Refused, or the last error of the connection. */
    ask(method: string, path: string, content?: unknown): Promise<any>;
    /** Close what is open, so that it keeps no process alive. */
    close(): void;
}
/** A value as the protocol carries it. */
export declare function encode(value: unknown): string;
/** The value that was carried; undefined for no text at all. */
export declare function decode(text: string | undefined): any;
/** Start a run of a task and wait for what it returns. Throws TaskRunError. */
export declare function runChild(socket: Socket, name: string, args: readonly unknown[]): Promise<unknown>;
