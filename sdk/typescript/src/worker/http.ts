import type { Socket } from "node:net";

/** What was answered; `keeps` says whether the connection is there for more. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly keeps: boolean;
}

/** As much of HTTP as the worker protocol needs. Node's own client costs a start 45 ms of CPU more. */
export class HttpClient {
  readonly #path: string;
  readonly #net: typeof import("node:net");
  readonly #open = new Set<Socket>();
  readonly #free: Socket[] = [];

  /** `path` is the unix socket's. */
  constructor(path: string, net: typeof import("node:net")) {
    this.#path = path;
    this.#net = net;
  }

  /** One request; rejects when the connection breaks. */
  send(method: string, path: string, body = ""): Promise<Answer> {
    const socket = this.#free.pop() ?? this.#connect();
    socket.ref();
    const type = body && "Content-Type: application/json\r\n";
    const head = `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: orchestrator-sdk-typescript\r\n${type}`;
    socket.write(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    return this.#answer(socket);
  }

  /** Close what is open, so that it keeps no process alive. */
  close(): void {
    for (const socket of this.#open) socket.destroy();
  }

  #connect(): Socket {
    const socket = this.#net.connect(this.#path);
    this.#open.add(socket);
    socket.on("error", () => {}); // whoever waits for an answer hears of the close
    socket.on("close", () => {
      this.#open.delete(socket);
      const place = this.#free.indexOf(socket);
      if (place >= 0) this.#free.splice(place, 1);
    });
    return socket;
  }

  #answer(socket: Socket): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const reader = new AnswerReader();
      let problem = new Error("the connection was closed before there was an answer");
      const fail = (error: Error) => (problem = error);
      const close = () => reject(problem);
      const hear = (data: Buffer) => {
        const answer = reader.feed(data);
        if (!answer) return;
        socket.off("data", hear).off("error", fail).off("close", close);
        if (answer.keeps) this.#free.push(socket.unref());
        else socket.destroy();
        resolve(answer);
      };
      socket.on("data", hear).on("error", fail).on("close", close);
    });
  }
}

/** Makes an answer of bytes, in whatever pieces they come; it has a length, or comes in chunks. */
export class AnswerReader {
  #data = Buffer.alloc(0);
  #pieces: Buffer[] = [];
  #size = 0;
  #head: Head | undefined;

  /** The answer, once it is complete. */
  feed(piece: Buffer): Answer | undefined {
    this.#pieces.push(piece);
    this.#size += piece.length;
    if (this.#head && this.#size < this.#head.end) return undefined;
    this.#data = Buffer.concat([this.#data, ...this.#pieces]);
    this.#pieces = [];
    const head = (this.#head ??= headOf(this.#data));
    if (!head || this.#size < head.end) return undefined;
    const body = head.isChunked ? unchunked(this.#data, head.start) : this.#data.subarray(head.start, head.end);
    return body && { status: head.status, text: body.toString(), keeps: head.keeps };
  }
}

/** Where the body begins, and where it ends at the earliest. */
interface Head {
  readonly status: number;
  readonly start: number;
  readonly end: number;
  readonly isChunked: boolean;
  readonly keeps: boolean;
}

function headOf(data: Buffer): Head | undefined {
  const start = data.indexOf("\r\n\r\n") + 4;
  if (start < 4) return undefined;
  const text = data.toString("latin1", 0, start).toLowerCase();
  const field = (name: string) => new RegExp(`\n${name}:\\s*(\\S*)`).exec(text)?.[1];
  return {
    status: Number(text.split(" ", 2)[1]),
    start,
    end: start + Number(field("content-length") ?? 0),
    isChunked: field("transfer-encoding") === "chunked",
    keeps: field("connection") !== "close",
  };
}

/** The body of the chunks from `at` on, undefined while the last one is not there. */
function unchunked(data: Buffer, at: number): Buffer | undefined {
  if (data.indexOf("\r\n\r\n", data.length - 4) < 0) return undefined;
  const parts: Buffer[] = [];
  for (;;) {
    const line = data.indexOf("\r\n", at);
    const size = Number.parseInt(data.toString("latin1", at, line), 16);
    if (line < 0 || !(data.length >= line + size + 4)) return undefined;
    if (size === 0) return Buffer.concat(parts);
    parts.push(data.subarray(line + 2, line + 2 + size));
    at = line + size + 4;
  }
}
