import type { Json } from "../tasks/json.js";
import { Refused, type Socket } from "./socket.js";

/** What a task says about its run. */
export interface Said {
  readonly tags?: readonly string[];
  readonly metadata?: Readonly<Record<string, Json>>;
  readonly fraction?: number;
  readonly message?: string;
}

/** Says it to the container's first program: one request at a time, and what is said meanwhile goes together with the next. */
export class Annotations {
  /** When all that was said so far has been sent. */
  sent: Promise<void> = Promise.resolve();
  readonly #socket: Socket;
  #pending: Said | undefined;
  #isSending = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  readonly say = (said: Said): void => {
    this.#pending = merged(this.#pending, said);
    if (!this.#isSending) this.sent = this.#send();
  };

  async #send(): Promise<void> {
    this.#isSending = true;
    await Promise.resolve(); // what is said in one go goes in one request
    while (this.#pending) {
      const said = this.#pending;
      this.#pending = undefined;
      try {
        await this.#socket.ask("POST", "/annotate", said);
      } catch (error) {
        // A task does not fail for what it says; images built earlier have nobody to tell.
        if (error instanceof Refused && error.status === 400) console.error(`what the task says about its run was refused: ${error.message}`);
      }
    }
    this.#isSending = false;
  }
}

function merged(before: Said | undefined, said: Said): Said {
  return {
    ...before,
    ...said,
    tags: [...(before?.tags ?? []), ...(said.tags ?? [])],
    metadata: { ...before?.metadata, ...said.metadata },
  };
}
