/** Which rows of a fixed height are on the screen. */

export interface Span {
  first: number;
  /** Exclusive. */
  last: number;
}

/** So many rows are drawn beyond either edge. */
const MARGIN = 6;

/** The rows to draw of `count`, each `rowHeight` high, in a view of `height` scrolled by `top`; all in px. */
export function visible(count: number, rowHeight: number, top: number, height: number, margin = MARGIN): Span {
  const first = Math.max(0, Math.min(count, Math.floor(top / rowHeight)) - margin);
  return { first, last: Math.min(count, Math.ceil((top + height) / rowHeight) + margin) };
}

/** Where to scroll so that the row is seen; null when it is. */
export function toReveal(row: number, rowHeight: number, top: number, height: number): number | null {
  const begin = row * rowHeight;
  if (begin < top + rowHeight) return Math.max(0, begin - rowHeight);
  if (begin + 2 * rowHeight > top + height) return begin + 2 * rowHeight - height;
  return null;
}

/** Browsers give up on heights above some 17 million px: beyond this the list is drawn to another scale. */
export const MAX_HEIGHT = 8_000_000;
