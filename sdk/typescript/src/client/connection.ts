import { ApiError } from "../errors.js";
import { type Address, findAddress } from "./address.js";

export interface ConnectionOptions {
  /** Where the orchestrator is; by default ORCHESTRATOR_URL, or this user's own instance. */
  readonly url?: string;
  /** By default ORCHESTRATOR_API_KEY, or the key of this user's own instance. */
  readonly apiKey?: string;
  readonly fetch?: typeof globalThis.fetch;
}

export type Query = Record<string, string | number | boolean | readonly string[] | undefined>;

/** Requests to one orchestrator. */
export class Connection {
  readonly #options: ConnectionOptions;
  #address: Promise<Address> | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** The answer's JSON, undefined when it has none. Throws ApiError. */
  async send(method: string, path: string, request: { query?: Query; body?: unknown; signal?: AbortSignal } = {}): Promise<any> {
    const answer = await this.#fetch(method, path, request);
    const text = await answer.text();
    return text ? JSON.parse(text) : undefined;
  }

  /** A list's items, and after which cursor it goes on where the server says so. Throws ApiError. */
  async page<T>(path: string, query: Query): Promise<{ items: T[]; next: string | undefined }> {
    const answer = await this.#fetch("GET", path, { query });
    return { items: (await answer.json()) as T[], next: answer.headers.get("Next-Cursor") ?? undefined };
  }

  /** The answer as a stream of server-sent events. Throws ApiError. */
  async stream(path: string, query: Query, signal?: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const answer = await this.#fetch("GET", path, { query, accept: "text/event-stream", ...(signal && { signal }) });
    if (!answer.body) throw new ApiError(`GET ${path}: the answer is no stream`, answer.status);
    return answer.body;
  }

  async #fetch(
    method: string,
    path: string,
    { query = {}, body, signal, accept = "application/json" }: { query?: Query; body?: unknown; signal?: AbortSignal; accept?: string },
  ): Promise<Response> {
    this.#address ??= findAddress(this.#options.url, this.#options.apiKey);
    const { url, apiKey } = await this.#address;
    const headers: Record<string, string> = { Accept: accept };
    if (apiKey) headers["Authorization"] = `Bearer ${apiKey}`;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const send = this.#options.fetch ?? globalThis.fetch;
    let answer: Response;
    try {
      const content = body === undefined ? {} : { body: JSON.stringify(body) };
      answer = await send(`${url}/v1${path}${queryText(query)}`, { method, headers, ...content, ...(signal && { signal }) });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new ApiError(`no answer from ${url}: is the orchestrator up? orchestrator up --detach starts it`, undefined, { cause: error });
    }
    if (answer.ok) return answer;
    throw new ApiError(await problem(answer, `${method} /v1${path}`), answer.status);
  }
}

function queryText(query: Query): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : value === undefined ? [] : [value]) params.append(name, String(one));
  }
  const text = params.toString();
  return text && `?${text}`;
}

async function problem(answer: Response, request: string): Promise<string> {
  const hint = answer.status === 401 ? " (give apiKey, or set ORCHESTRATOR_API_KEY to the content of api-key in the data directory)" : "";
  try {
    return String(((await answer.json()) as { message?: unknown }).message ?? "") + hint;
  } catch {
    return `${request} was answered ${answer.status}${hint}`;
  }
}
