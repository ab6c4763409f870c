import { describe, expect, test } from "vitest";
import { begunText, cuts, Log, marked, MATCHES_LIMIT, textOf, type Line } from "../src/lib/log";

const EVERYTHING = { attempt: null, stream: null };

function line(message: string, changes: Partial<Line> = {}): Line {
  return { at: 0, attempt: 0, stream: "stdout", message, ...changes };
}

function logOf(columns: number, ...lines: (string | Line)[]): Log {
  const log = new Log();
  log.arrange(EVERYTHING, columns);
  log.append(lines.map((one) => (typeof one === "string" ? line(one) : one)));
  return log;
}

const rows = (log: Log) => Array.from({ length: log.rowCount }, (_, row) => log.row(row).pieces.map((piece) => piece.text).join(""));

describe("rows", () => {
  test("are lines, cut to so many columns", () => {
    expect(rows(logOf(5, "abcdefgh", "", "xyz"))).toEqual(["abcde", "fgh", "", "xyz"]);
  });

  test("of whole lines are one for each, and end somewhere", () => {
    const log = logOf(0, "x".repeat(1_000_000));
    expect(log.rowCount).toBe(1);
    expect(rows(log)[0]!.length).toBe(2_000);
  });

  test("of a line of a million characters are cut one by one", () => {
    const log = logOf(100, "x".repeat(1_000_000));
    expect(log.rowCount).toBe(10_000);
    expect(log.row(9_999).pieces[0]!.text).toHaveLength(100);
  });

  test("count wide characters twice, and never cut one apart", () => {
    expect(cuts("日本語", 4)).toEqual([0, 2]);
    expect(rows(logOf(4, "a🎉b🎉c"))).toEqual(["a🎉b", "🎉c"]);
  });

  test("show what cannot be seen, and colors as classes", () => {
    const log = logOf(80, "a\u202eb \u001b[31mred\u001b[0m\u0007");
    expect(rows(log)).toEqual(["a\\u202eb red\\u0007"]);
    expect(log.row(0).pieces[1]).toEqual({ text: "red", style: "fg1" });
  });

  test("of lines that pass a filter are alone, with their own numbers", () => {
    const log = logOf(80, "a", line("b", { stream: "stderr" }), line("c", { attempt: 1 }));
    log.arrange({ attempt: null, stream: "stderr" }, 80);
    expect(rows(log)).toEqual(["b"]);
    expect(log.row(0).number).toBe(2);
    log.append([line("d", { stream: "stderr" }), line("e")]);
    expect(rows(log)).toEqual(["b", "d"]);
  });
});

describe("search", () => {
  test("finds text in all lines, whatever its case, and says in which row it is", () => {
    const log = logOf(10, "nothing", "0123456789Needle", "needle needle");
    const found = log.search("NEEDLE");
    expect(found).toEqual([{ index: 1, from: 10, to: 16 }, { index: 2, from: 0, to: 6 }, { index: 2, from: 7, to: 13 }]);
    expect(found.map((one) => log.rowOf(one.index, one.from))).toEqual([2, 3, 3]);
  });

  test("finds text across colors", () => {
    expect(logOf(80, "a \u001b[1mbo\u001b[0mld").search("bold")).toEqual([{ index: 0, from: 2, to: 6 }]);
  });

  test("goes on where lines were added", () => {
    const log = logOf(80, "x");
    log.append([line("x")]);
    expect(log.search("x", 1)).toEqual([{ index: 1, from: 0, to: 1 }]);
  });

  test("ends after so many places", () => {
    expect(logOf(0, "a".repeat(50_000)).search("a")).toHaveLength(MATCHES_LIMIT);
  });
});

test("what was found is set apart within its row", () => {
  const pieces = marked([{ text: "a needle", style: "fg1" }], 10, [{ from: 12, to: 18, isNow: true }]);
  expect(pieces).toEqual([{ text: "a ", style: "fg1" }, { text: "needle", style: "fg1 hit now" }]);
});

test("a line that was written over is its last state", () => {
  expect(textOf(line("10 %\r50 %\r100 %"))).toBe("100 %");
  expect(textOf(line("done\r"))).toBe("done");
});

test("the file has every chosen line with its time, without escapes", () => {
  expect([...logOf(5, "\u001b[31mlong enough\u001b[0m").text()].join("")).toBe("1970-01-01T00:00:00.000Z 1 stdout long enough\n");
});

test("of a tree, lines say whose they are, and begin no attempts", () => {
  const log = logOf(0, line("a", { run: "trn-000001", task: "top" }), line("b", { run: "trn-000002", task: "child", attempt: 1 }));
  expect(log.row(1).beginsAttempt).toBe(false);
  expect([...log.text()][1]).toBe("1970-01-01T00:00:00.000Z child#000002 2 stdout b\n");
});

test("of a line that is begun the end is shown, as a screen would", () => {
  expect(begunText("\r10 %\r\u001b[31m20 %\u001b[0m of \u202eall", 300)).toBe("20 % of \\u202eall");
  expect(begunText("abcdefgh", 6)).toBe("cdefgh");
});
