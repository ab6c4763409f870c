/** HTTP to the API: JSON in, JSON out, and errors that say what the API said. */

import { again } from "../again";

export class ApiError extends Error {
  constructor(readonly status: number, readonly code: string, message: string) {
    super(message);
  }

  /** Whether this release of the orchestrator has no such endpoint. */
  get isUnknownRoute(): boolean {
    return this.status === 405 || (this.status === 404 && this.code !== "not_found");
  }
}

export type Query = Record<string, string | number | boolean | string[] | null | undefined>;

/** A path with its query; what is null, "" or false is left out. */
export function address(path: string, query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== null && one !== undefined && one !== "" && one !== false) parameters.append(name, String(one));
    }
  }
  return parameters.size ? `${path}?${parameters}` : path;
}

/** Told of every answer: whether we are signed in, and the server's clock. */
export const onAnswer: { heard: (response: Response) => void } = { heard: () => {} };

/** A page of a list; `next` is the cursor of what follows, null at the end. */
export interface Page<T> {
  items: T[];
  next: string | null;
}

async function answer(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
  const init: RequestInit = { method, signal: signal ?? null, credentials: "same-origin" };
  if (body !== undefined) Object.assign(init, { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
  const response = await (method === "GET" ? again(() => fetch(path, init)) : fetch(path, init));
  onAnswer.heard(response);
  if (!response.ok) throw await problem(response);
  return response;
}

async function request<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const response = await answer(method, path, body, signal);
  return (response.status === 204 || response.headers.get("Content-Length") === "0" ? undefined : await response.json()) as T;
}

async function problem(response: Response): Promise<ApiError> {
  const found = (await response.json().catch(() => ({}))) as { code?: string; message?: string };
  return new ApiError(response.status, found.code ?? "", found.message ?? `the orchestrator answered ${response.status}`);
}

export const api = {
  get: <T>(path: string, query?: Query, signal?: AbortSignal) => request<T>("GET", address(path, query), undefined, signal),
  /** A list goes on where its header says; one that does not say, after a full page. */
  async page<T extends { cursor: string }>(path: string, query: Query & { limit: number }): Promise<Page<T>> {
    const response = await answer("GET", address(path, query));
    const items = (await response.json()) as T[];
    return { items, next: response.headers.get("Next-Cursor") ?? (items.length === query.limit ? items.at(-1)!.cursor : null) };
  },
  post: <T>(path: string, body: unknown = {}) => request<T>("POST", path, body),
  delete: (path: string) => request<void>("DELETE", path),
  /** What the endpoint says; undefined where this release has no such endpoint. */
  async maybe<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T | undefined> {
    try {
      return await api.get<T>(path, query, signal);
    } catch (error) {
      if (error instanceof ApiError && error.isUnknownRoute) return undefined;
      throw error;
    }
  },
};

/** What an error says, for people. */
export function said(error: unknown): string {
  if (error instanceof ApiError) return error.message;
  if (error instanceof TypeError) return "the orchestrator does not answer";
  return error instanceof Error ? error.message : String(error);
}
