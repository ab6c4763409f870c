import { describe, expect, test } from "vitest";
import { complement, idleGaps, merged, TimeAxis } from "../src/lib/axis";

const HOUR = 3_600_000;

describe("idle times", () => {
  test("are those in which nothing is busy", () => {
    expect(idleGaps([{ from: 0, to: 5_000 }, { from: 100_000, to: 105_000 }], 0, 105_000)).toEqual([{ from: 5_000, to: 100_000 }]);
  });

  test("that are short beside the rest stay as they are", () => {
    expect(idleGaps([{ from: 0, to: 50_000 }, { from: 53_000, to: 100_000 }], 0, 100_000)).toEqual([]);
    expect(idleGaps([{ from: 0, to: 5 }, { from: 900, to: 1_000 }], 0, 1_000)).toEqual([]);
  });

  test("are weighed against what is left: a day's wait hides no minute's", () => {
    const busy = [{ from: 0, to: 10_000 }, { from: 70_000, to: 80_000 }, { from: 24 * HOUR, to: 24 * HOUR + 10_000 }];
    expect(idleGaps(busy, 0, 24 * HOUR + 10_000)).toEqual([{ from: 10_000, to: 70_000 }, { from: 80_000, to: 24 * HOUR }]);
  });
});

describe("the axis", () => {
  const axis = new TimeAxis(1_000, 101_000, [{ from: 11_000, to: 91_000 }]);

  test("goes from 0 to 1 without ever going back", () => {
    const places = [0, 1_000, 5_000, 11_000, 50_000, 91_000, 95_000, 101_000, 200_000].map((time) => axis.at(time));
    expect(places[0]).toBe(0);
    expect(places.at(-1)).toBe(1);
    expect(places).toEqual(places.toSorted((one, other) => one - other));
  });

  test("gives a long wait little room, and both sides the same scale", () => {
    expect(axis.at(91_000) - axis.at(11_000)).toBeLessThan(0.05);
    expect(axis.at(6_000) - axis.at(1_000)).toBeCloseTo(axis.at(96_000) - axis.at(91_000));
  });

  test("has ticks at round times after its begin, none within a wait", () => {
    const ticks = axis.ticks(4).map((one) => one.after);
    expect(ticks).toEqual([0, 5_000, 10_000, 90_000, 95_000, 100_000]);
  });

  test("of no length has a place for everything", () => {
    expect(new TimeAxis(5, 5).at(5)).toBe(0);
    expect(new TimeAxis(5, 5).ticks(3)).toHaveLength(1);
  });
});

test("spans that touch are one, and what they leave is the rest", () => {
  const spans = merged([{ from: 5, to: 7 }, { from: 0, to: 3 }, { from: 2, to: 4 }, { from: 9, to: 9 }]);
  expect(spans).toEqual([{ from: 0, to: 4 }, { from: 5, to: 7 }]);
  expect(complement(spans, 1, 10)).toEqual([{ from: 4, to: 5 }, { from: 7, to: 10 }]);
});
