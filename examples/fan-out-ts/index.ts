import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { task } from "@orchestrator/sdk";
import { counted, merged, type Counts } from "./counts";

const CORPUS = join(import.meta.dirname, "corpus");

/** How often each word of one file is used. */
export const countWords = task({ name: "countWords", plan: "starter" }, (name: string, minLetters: number = 4): Counts => {
  const counts = counted(readFileSync(join(CORPUS, name), "utf8"), minLetters);
  console.log(`${name}: ${Object.keys(counts).length} words`);
  return counts;
});

/** The words the whole corpus uses most: one run for each of its files, all at once. */
export const commonWords = task({ name: "commonWords" }, async (top: number = 5, minLetters: number = 4): Promise<Counts> => {
  const names = readdirSync(CORPUS).sort();
  const counts = await Promise.all(names.map((name) => countWords(name, minLetters)));
  const ranked = Object.entries(merged(counts)).sort(([, a], [, b]) => b - a);
  return Object.fromEntries(ranked.slice(0, top));
});
