/** Whether the orchestrator knows us, and answers. */

import { api, onAnswer } from "../lib/api/client";
import { clock } from "../lib/clock.svelte";

class Session {
  needsSignIn = $state(false);
  /** "live", or what keeps the page from being it. */
  connection = $state<"connecting" | "live" | "lost">("connecting");
  canSignOut = $state(false);

  heard(response: Response): void {
    if (response.status === 401) this.needsSignIn = true;
    clock.hear(response.headers.get("Date"));
  }

  async look(): Promise<void> {
    const found = await api.maybe<{ needsSignIn: boolean }>("/v1/sessions/current").catch(() => undefined);
    this.canSignOut = found?.needsSignIn ?? false;
  }

  /** With the API's key, where somebody types it in: the answer is a link that signs this browser in. */
  async signIn(key: string): Promise<string> {
    const response = await fetch("/v1/sessions", { method: "POST", headers: { Authorization: `Bearer ${key}` } });
    const found = (await response.json().catch(() => ({}))) as { url?: string; message?: string };
    if (!response.ok || !found.url) throw new Error(found.message ?? `the orchestrator answered ${response.status}`);
    return found.url;
  }

  async signOut(): Promise<void> {
    await api.delete("/v1/sessions/current");
    location.assign("/ui/");
    this.needsSignIn = true;
  }
}

export const session = new Session();
onAnswer.heard = (response) => session.heard(response);
