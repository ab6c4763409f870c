// Loaded first by every Node of a container: leaves beside the worker's socket why the process ends without a word to it.
// Every start pays for what is loaded here, so all but the listener waits until there is something to say.
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

// Only looks on: what becomes of the process is decided as if nobody did.
function tell(thrown) {
  if (!require("node:worker_threads").isMainThread) return;
  try {
    require("node:fs").writeFileSync(`${socket}.uncaught`, JSON.stringify(describe(thrown)));
  } catch {
    // There is no place for it: its exit code is all that will be told.
  }
}

if (socket) process.on("uncaughtExceptionMonitor", tell);
