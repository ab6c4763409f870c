/** Requests that failed on the way are made again: a browser ends those in flight whenever a network of its host comes or goes, as with containers. */

const WAITS_MS = [100, 400, 1_200];

/** Do it, up to four times; what it says at last is an error as well. */
export async function again<T>(act: () => Promise<T>, isWorthIt: (error: unknown) => boolean = (error) => error instanceof TypeError): Promise<T> {
  for (const wait of WAITS_MS) {
    try {
      return await act();
    } catch (error) {
      if (!isWorthIt(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
  return act();
}
