/** The workflows and tasks there are. */

import { api, type Page } from "../lib/api/client";
import type { Task, Workflow } from "../lib/api/types";

const PAGE = 100;

class Catalog {
  workflows = $state.raw<Workflow[]>([]);
  tasks = $state.raw<Task[]>([]);
  isLoaded = $state(false);

  async load(): Promise<void> {
    try {
      [this.workflows, this.tasks] = await Promise.all([
        all<Workflow>("/v1/workflows", "workflow"),
        all<Task>("/v1/tasks", "task"),
      ]);
      this.workflows = this.workflows.toSorted((one, other) => one.slug.localeCompare(other.slug));
      this.isLoaded = true;
    } catch {
      // whoever shows them says so
    }
  }
}

/** Every page of a list. */
async function all<T>(path: string, name: string): Promise<T[]> {
  const found: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<Record<string, T> & { cursor: string }> = await api.page(path, { limit: PAGE, cursor });
    found.push(...page.items.map((one) => one[name] as T));
    cursor = page.next;
  } while (cursor && found.length < 2_000);
  return found;
}

export const catalog = new Catalog();
