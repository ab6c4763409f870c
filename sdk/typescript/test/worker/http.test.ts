import { describe, expect, test } from "vitest";
import { AnswerReader } from "../../src/worker/http.js";

const read = (text: string, size = text.length) => {
  const reader = new AnswerReader();
  const data = Buffer.from(text);
  for (let at = 0; at < data.length; at += size) {
    const answer = reader.feed(data.subarray(at, at + size));
    if (answer) return { ...answer, left: data.length - Math.min(at + size, data.length) };
  }
  return undefined;
};

const SIZED = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nh\u00e9\u20ac".slice(0, -1) + "lo";
const LATE = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n1\r\n \r\n1\r\n \r\n7\r\n{\"a\":1}\r\n0\r\ntraceparent: x\r\n\r\n";

describe.each([1, 2, 7, 10_000])("an answer in pieces of %d bytes", (size) => {
  test("has the length it says", () => {
    expect(read(SIZED, size)).toMatchObject({ status: 200, text: "h\u00e9lo", keeps: true });
  });

  test("may come in chunks, with headers behind them", () => {
    expect(read(LATE, size)).toEqual({ status: 200, text: '  {"a":1}', keeps: true, left: 0 });
  });

  test("may have nothing to say", () => {
    expect(read("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", size)).toMatchObject({ status: 200, text: "", keeps: true });
  });

  test("says when it is the last of its connection", () => {
    const text = "HTTP/1.1 503 Not Yet\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}";
    expect(read(text, size)).toMatchObject({ status: 503, text: "{}", keeps: false });
  });

  test("that is cut off is none", () => {
    expect(read(SIZED.slice(0, -1), size)).toBeUndefined();
    expect(read(LATE.slice(0, -3), size)).toBeUndefined();
  });
});
