export type Counts = Record<string, number>;

/** How often each word of at least `minLetters` letters is in a text. */
export function counted(text: string, minLetters: number): Counts {
  const words = text.toLowerCase().match(/[a-z]+/g) ?? [];
  return merged(words.filter((word) => word.length >= minLetters).map((word) => ({ [word]: 1 })));
}

/** The sums of several counts. */
export function merged(all: readonly Counts[]): Counts {
  const total: Counts = {};
  for (const counts of all) {
    for (const [word, count] of Object.entries(counts)) total[word] = (total[word] ?? 0) + count;
  }
  return total;
}
