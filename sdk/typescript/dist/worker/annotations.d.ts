import type { Json } from "../tasks/json.js";
import { type Socket } from "./socket.js";
/** What a task says about its run. */
export interface Said {
    readonly tags?: readonly string[];
    readonly metadata?: Readonly<Record<string, Json>>;
    readonly fraction?: number;
    readonly message?: string;
}
/** Says it to the container's first program: one request at a time, and what is said meanwhile goes together with the next. */
export declare class Annotations {
    #private;
    /** When all that was said so far has been sent. */
    sent: Promise<void>;
    constructor(socket: Socket);
    readonly say: (said: Said) => void;
}
