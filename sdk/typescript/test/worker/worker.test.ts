import { describe, expect, test } from "vitest";
import { type Answers, decode, encode, main, work } from "./shim.js";

const children: Answers = {
  "/run-subtask": ({ input }) => ({ content: { task_run_id: `trn-${decode(input)[0]}` } }),
  "/get-subtask-result": ({ task_run_id }) => ({
    content: { still_running: false, complete: { output: encode([Number(task_run_id.slice(4)) ** 2]) } },
  }),
};

describe.concurrent("a run", () => {
  test("is its function, called with the input, in its context", async () => {
    const ended = await work(main("async (a, b = 3) => [a, b, getCurrentContext().attempt]"), [1]);
    expect(ended).toMatchObject({ code: 0, result: [1, 3, 2] });
  });

  test("may be given its arguments by their names", async () => {
    expect((await work(main("(a, b = 3) => a - b"), { b: 1, a: 5 })).result).toBe(4);
    expect((await work(main("(a) => a"), { z: 1 })).error).toMatchObject({ details: "task 'main' has no parameter z", retryable: false });
  });

  test("that returns nothing has the result null", async () => {
    expect((await work(main("() => {}"))).asked["/callback"]).toEqual([{ complete: { output: encode([null]) } }]);
  });

  test("keeps half characters, which are text in JavaScript, in values and in errors", async () => {
    const ended = await work(main("async (text) => [text, await square(text)]"), ["a\ud800b"], {
      ...children,
      "/run-subtask": ({ input }) => ({ content: { task_run_id: decode(input)[0] === "a\ud800b" ? "trn-3" : "trn-0" } }),
    });
    expect(ended.result).toEqual(["a\ud800b", 9]);
    expect((await work(main("(text) => { throw new Error(text) }"), ["a\ud800b"])).error?.details).toBe("a\ud800b");
  });

  test("ends with its outcome, whatever is still open", async () => {
    expect(await work(main("() => { setInterval(() => {}, 1000) }"))).toMatchObject({ code: 0, result: null });
  });

  test("happens once, however often it is started", async () => {
    const ended = await work(`${main("() => 1")} await Promise.all([startTaskServer(), startTaskServer()]);`);
    expect(ended.asked["/input"]).toHaveLength(1);
    expect(ended.asked["/callback"]).toHaveLength(1);
  });

  test("waits as long as there is no assignment yet", async () => {
    const ended = await work(main("() => 1"), [], {
      "/input": (_, count) => (count < 3 ? { status: 503 } : { content: { task_name: "main", input: encode([]) } }),
    });
    expect(ended.result).toBe(1);
  });

  test("goes its way once before, where it is waited for, and is the only one that counts", async () => {
    const later: Answers = {
      "/input": (_, count) => (count < 2 ? { status: 503 } : { content: { task_name: "main", input: encode([]) } }),
      "/": () => ({ status: 404 }),
    };
    const ended = await work(main("() => 1"), [], later);
    expect(ended).toMatchObject({ code: 0, result: 1, asked: { "/": [{ complete: { output: encode([0]) } }] } });
    expect(ended.asked["/callback"]).toHaveLength(1);
  });
});

describe.concurrent("what is said about a run", () => {
  const talk = main(`async (ctx) => {
    const { progress, tags, metadata } = getCurrentContext();
    for (let at = 0; at <= 100; at++) progress(at / 100, at + " of 100");
    tags.add("a", "b");
    metadata.set("rows", 3);
    metadata.delete("old");
    return 1;
  }`);

  test("goes together, and is sent before the outcome", async () => {
    const ended = await work(talk, [], { "/annotate": () => ({}) });
    expect(ended.asked["/annotate"]).toEqual([{ fraction: 1, message: "100 of 100", tags: ["a", "b"], metadata: { rows: 3, old: null } }]);
    expect(ended.result).toBe(1);
  });

  test("fails no task where nobody listens, or where it is refused", async () => {
    expect((await work(talk, [], { "/annotate": () => ({ status: 404, content: { message: "there is no POST /annotate" } }) })).result).toBe(1);
    const refused = await work(talk, [], { "/annotate": () => ({ status: 400, content: { message: "too many tags" } }) });
    expect(refused).toMatchObject({ code: 0, result: 1 });
    expect(refused.stderr).toContain("what the task says about its run was refused: too many tags");
  });
});

describe.concurrent("a failure", () => {
  test("is told with its type and the user's own stack", async () => {
    const { error, code, stderr } = await work(main("() => { throw new RangeError('too far') }"));
    expect(code).toBe(1);
    expect(error).toMatchObject({ details: "too far", type: "RangeError", retryable: true });
    expect(error?.stack_trace).toMatch(/^RangeError: too far\n    at \/.*\[eval1\]:3:\d+$/);
    expect(stderr).toContain("RangeError: too far");
  });

  test.each([
    ["new Error('')", "Error"],
    ["'plain text'", "plain text"],
    ["undefined", "undefined was thrown"],
    ["{ code: 3 }", '{"code":3}'],
  ])("by throwing %s is never without words", async (thrown, details) => {
    expect((await work(main(`() => { throw ${thrown} }`))).error?.details).toBe(details);
  });

  test("that should not be tried again says so", async () => {
    expect((await work(main("() => { throw new NonRetryableError('bad order') }"))).error?.retryable).toBe(false);
  });

  test.each(["10n", "(() => { const a = []; a.push(a); return a; })()"])("is a result that is no JSON: %s", async (value) => {
    const { error } = await work(main(`() => ${value}`));
    expect(error?.details).toContain("the task's result cannot be delivered");
    expect(error?.retryable).toBe(false);
  });

  test("is a rejection nobody handles", async () => {
    const { error } = await work(main("async () => { Promise.reject(new Error('lost')); await new Promise((go) => setTimeout(go, 60_000)) }"));
    expect(error?.details).toBe("lost");
  });

  test("is a promise that nothing is left to settle", async () => {
    expect((await work(main("() => new Promise(() => {})"))).error?.details).toContain("nothing is left to settle");
  });

  test("is an input for a task that is not there", async () => {
    const { error } = await work(main("() => 1"), [], { "/input": () => ({ content: { task_name: "other", input: encode([]) } }) });
    expect(error).toMatchObject({ details: "there is no task 'other' among square, main", retryable: false });
  });
});

describe.concurrent("a chained run", () => {
  test("is a call; many go on at once", async () => {
    const ended = await work(main("async (...numbers) => Promise.all(numbers.map(square))"), [1, 2, 3], children);
    expect(ended.result).toEqual([1, 4, 9]);
    const keys = ended.asked["/run-subtask"]?.map((body) => body.idempotency_key);
    expect(new Set(keys).size).toBe(3);
  });

  test("may also be asked for through the context", async () => {
    expect((await work(main("(context, a) => context.run(square, a)", "context: true"), [5], children)).result).toBe(25);
  });

  test("has its defaults where the end of its arguments is undefined", async () => {
    const ended = await work(main("() => square(1, undefined)"), [], children);
    expect(decode(ended.asked["/run-subtask"]?.[0].input)).toEqual([1]);
  });

  test("that fails rejects with what it said, and may be awaited late", async () => {
    const answers: Answers = { ...children, "/get-subtask-result": () => ({ content: { still_running: false, error: { details: "no" } } }) };
    const late = "async () => { const child = square(1); await new Promise((go) => setTimeout(go, 300)); return child.catch((e) => [e.name, e.message, e.taskError]) }";
    expect((await work(main(late), [], answers)).result).toEqual(["TaskRunError", "the run of 'square' failed: no", "no"]);
  });

  test("is asked for with the same key until there is an answer", async () => {
    const answers: Answers = { ...children, "/run-subtask": (_, count) => (count < 2 ? { status: 500 } : { content: { task_run_id: "trn-4" } }) };
    const ended = await work(main("() => square(4)"), [], answers);
    expect(ended.result).toBe(16);
    const [first, second] = ended.asked["/run-subtask"] ?? [];
    expect(second).toEqual(first);
  });

  test("that is refused is not asked for again", async () => {
    const answers: Answers = { "/run-subtask": () => ({ status: 404, content: { message: "no such task" } }) };
    const ended = await work(main("() => square(4)"), [], answers);
    expect(ended.asked["/run-subtask"]).toHaveLength(1);
    expect(ended.error?.details).toBe("the run of 'square' was refused: no such task");
  });
});

test("registering tells all tasks of all modules, once they are loaded", async () => {
  const { asked, code } = await work(main("(a = 3) => a"), [], {}, { RENDER_SDK_MODE: "register" });
  expect(code).toBe(0);
  expect(asked["/register-tasks"]?.[0].tasks.map((one: { name: string }) => one.name)).toEqual(["square", "main"]);
});

test("a program whose tasks cannot be registered ends with an error", async () => {
  const answers: Answers = { "/register-tasks": () => ({ status: 400, content: { message: "no" } }) };
  expect((await work(main("() => 1"), [], answers, { RENDER_SDK_MODE: "register" })).code).toBe(1);
});
