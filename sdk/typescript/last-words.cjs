// Loaded first by every Node of a container: leaves beside the worker's socket why the process ends without a word to it.
const { writeFileSync } = require("node:fs");
const { basename, dirname } = require("node:path");

const socket = process.env.RENDER_SDK_SOCKET_PATH;

function describe(thrown) {
  const isError = thrown instanceof Error;
  return {
    type: isError ? thrown.name : typeof thrown,
    details: (isError && thrown.message) || String(thrown),
    stack_trace: (isError && thrown.stack) || "",
    retryable: thrown?.retryable !== false,
  };
}

if (socket && require("node:worker_threads").isMainThread) {
  Object.assign(process.report, { directory: dirname(socket), filename: `${basename(socket)}.report`, compact: true, reportOnFatalError: true });
  // Only looks on: what becomes of the process is decided as if nobody did.
  process.on("uncaughtExceptionMonitor", (thrown) => {
    try {
      writeFileSync(`${socket}.uncaught`, JSON.stringify(describe(thrown)));
    } catch {
      // There is no place for it: its exit code is all that will be told.
    }
  });
}
