/** Light, dark, or as the system has it. */

const KEY = "colors";
const SIGNS = { system: "◐", light: "○", dark: "●" } as const;
type Name = keyof typeof SIGNS;
const NAMES = Object.keys(SIGNS) as Name[];

class Theme {
  name = $state<Name>("system");

  constructor() {
    const kept = localStorage.getItem(KEY) as Name | null;
    if (kept && NAMES.includes(kept)) this.set(kept);
  }

  get sign(): string {
    return SIGNS[this.name];
  }

  next(): void {
    this.set(NAMES[(NAMES.indexOf(this.name) + 1) % NAMES.length]!);
    localStorage.setItem(KEY, this.name);
  }

  private set(name: Name): void {
    this.name = name;
    document.documentElement.style.colorScheme = name === "system" ? "" : name;
  }
}

export const theme = new Theme();
