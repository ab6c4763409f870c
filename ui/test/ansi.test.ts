import { expect, test } from "vitest";
import { pieces, plain } from "../src/lib/ansi";

test.each([
  ["\u001b[1;32mok\u001b[0m rest", [["ok", "fg2 bold"], [" rest", ""]]],
  ["\u001b[91mred\u001b[39mplain", [["red", "fg9"], ["plain", ""]]],
  ["\u001b[38;5;196mred\u001b[48;2;0;0;255mon blue", [["red", "fg9"], ["on blue", "fg9 bg12"]]],
  ["\u001b[4munder\u001b[24m", [["under", "underline"]]],
  ["\u001b[mnothing", [["nothing", ""]]],
])("%j is drawn in pieces", (line, expected) => {
  expect(pieces(line).map((piece) => [piece.text, piece.style])).toEqual(expected);
});

test.each([
  ["\u001b[2K\u001b[1Gprogress", "progress"],
  ["\u001b]8;;https://example.com\u0007link\u001b]8;;\u0007", "link"],
  ["\u001b]0;a title\u001b\\text", "text"],
  ["\u001bPq...\u001b\\after", "after"],
  ["cut off \u001b[38;5", "cut off "],
])("%j loses what only terminals do", (line, expected) => {
  expect(plain(line)).toBe(expected);
  expect(pieces(line).map((piece) => piece.text).join("")).toBe(expected);
});
