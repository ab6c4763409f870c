/** Keys of a page, which are none while somebody types. */

import { onDestroy } from "svelte";

export function shortcuts(keys: Record<string, (event: KeyboardEvent) => void>): void {
  const pressed = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    if (event.metaKey || event.ctrlKey || event.altKey || event.defaultPrevented) return;
    if (target.closest("textarea, select, dialog, [contenteditable]") || (target.matches("input") && !target.matches("[type=checkbox], [type=radio]"))) return;
    const action = keys[event.key];
    if (!action) return;
    event.preventDefault();
    action(event);
  };
  addEventListener("keydown", pressed);
  onDestroy(() => removeEventListener("keydown", pressed));
}
