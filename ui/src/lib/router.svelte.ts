/** Where we are: paths under /ui/, and the state of a page in the query. */

const BASE = "/ui";

class Router {
  private url = $state(new URL(location.href));

  /** Below /ui, without a slash at its end. */
  get path(): string {
    const path = this.url.pathname.replace(/\/+$/, "");
    return path.startsWith(BASE) ? path.slice(BASE.length) || "/" : path;
  }

  get query(): URLSearchParams {
    return this.url.searchParams;
  }

  constructor() {
    addEventListener("popstate", () => (this.url = new URL(location.href)));
    document.addEventListener("click", (event) => this.follow(event));
  }

  /** Show another page. */
  go(href: string): void {
    history.pushState(null, "", href);
    this.url = new URL(location.href);
  }

  /** Change where we are without a new entry in the history. */
  replace(href: string): void {
    history.replaceState(history.state, "", href);
    this.url = new URL(location.href);
  }

  /** Set some of the query; what is null, "" or false goes. */
  set(changes: Record<string, string | boolean | null>): void {
    const url = new URL(this.url);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null || value === "" || value === false) url.searchParams.delete(name);
      else url.searchParams.set(name, value === true ? "1" : value);
    }
    if (url.href !== this.url.href) this.replace(url.href);
  }

  private follow(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element).closest?.("a");
    if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (!link.pathname.startsWith(`${BASE}/`) || link.pathname.startsWith(`${BASE}/login`)) return;
    event.preventDefault();
    this.go(link.href);
  }
}

export const router = new Router();

export const paths = {
  runs: (query = "") => `${BASE}/runs${query ? `?${query}` : ""}`,
  run: (id: string) => `${BASE}/runs/${id}`,
  workflows: () => `${BASE}/workflows`,
  workflow: (slug: string) => `${BASE}/workflows/${slug}`,
  system: () => `${BASE}/system`,
};
