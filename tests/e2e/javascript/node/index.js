// Tasks in a program without any SDK: all it knows is the worker protocol.
const http = require("http");
const isNumber = require("is-number");

const socketPath = process.env.RENDER_SDK_SOCKET_PATH;
const options = { plan: "starter", retry: { max_retries: 0, wait_duration_ms: 0 } };
const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64");
const decode = (text) => JSON.parse(Buffer.from(text, "base64").toString());

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const request = http.request({ socketPath, path, method }, (answer) => {
      let text = "";
      answer.on("data", (part) => (text += part));
      answer.on("end", () => resolve(text ? JSON.parse(text) : null));
    });
    request.on("error", reject);
    request.end(body ? JSON.stringify(body) : undefined);
  });
}

async function child(name, ...input) {
  const { task_run_id } = await call("POST", "/run-subtask", { task_name: name, input: encode(input) });
  for (;;) {
    const answer = await call("POST", "/get-subtask-result", { task_run_id });
    if (answer.still_running) continue;
    if (answer.error) throw new Error(answer.error.details);
    return decode(answer.complete.output)[0];
  }
}

const tasks = {
  square: async (a) => (isNumber(a) ? a * a : null),
  sum_squares: async (a, b) => (await Promise.all([child("square", a), child("square", b)])).reduce((x, y) => x + y),
  fails: async () => {
    throw new Error("boom");
  },
  forgets: () => new Promise(() => setTimeout(() => Promise.reject(new RangeError("nobody waits for this")))),
  uploads: async (seconds) => {
    for (let n = 0; n < seconds * 10; n += 1) {
      process.stdout.write(`\r${n} of many`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    process.stdout.write("\rall of them\n");
  },
  hoards: () => {
    for (const kept = []; ; ) kept.push(new Array(1000).fill(Math.random()));
  },
};

async function main() {
  if (process.env.RENDER_SDK_MODE === "register") {
    return call("POST", "/register-tasks", { tasks: Object.keys(tasks).map((name) => ({ name, options })) });
  }
  const { task_name, input } = await call("GET", "/input");
  try {
    const value = await tasks[task_name](...decode(input));
    await call("POST", "/callback", { complete: { output: encode([value]) } });
  } catch (error) {
    await call("POST", "/callback", { error: { details: error.message } });
  }
  setInterval(() => {}, 1000); // an open handle, as real programs have them: nothing ends this process by itself
}

main();
