/** The server's time, as seen from here; it goes on every second while the page is seen. */

class Clock {
  /** ms since the epoch. */
  now = $state(Date.now());
  private ahead = 0;

  constructor() {
    setInterval(() => document.hidden || this.tick(), 1000);
    document.addEventListener("visibilitychange", () => this.tick());
  }

  tick(): void {
    this.now = Date.now() + this.ahead;
  }

  /** Learn from an answer what time the server has; its header says it to the second. */
  hear(date: string | null): void {
    const ahead = date ? Date.parse(date) - Date.now() : 0;
    this.ahead = Math.abs(ahead) > 3000 ? ahead : 0;
  }
}

export const clock = new Clock();
