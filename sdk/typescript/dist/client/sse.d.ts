/** One server-sent event. */
export interface ServerEvent {
    readonly name: string;
    readonly data: string;
}
/** The events of a stream, to its end; comments and unknown fields are skipped. */
export declare function eventsOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent>;
