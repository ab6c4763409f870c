import { OrchestratorError } from "../errors.js";
import { shared } from "../tasks/shared.js";
import { work } from "./worker.js";

/** Announce the tasks or run the one this process was started for; a second call joins the first. */
export function startTaskServer(): Promise<void> {
  return (shared.serving ??= serve());
}

async function serve(): Promise<void> {
  const path = process.env["RENDER_SDK_SOCKET_PATH"];
  if (!path) {
    throw new OrchestratorError("this process is no worker of the orchestrator's: deploy the code, or call the task's function");
  }
  // Loaded late: a program that only defines tasks needs none of it.
  await work(path, process.env["RENDER_SDK_MODE"] ?? "run", await import("node:net"));
}

/** Start once the modules that are being loaded now are loaded, if this process is a worker. */
export function scheduleStart(): void {
  const isWorker = Boolean(process.env["RENDER_SDK_SOCKET_PATH"]);
  if (shared.isScheduled || !isWorker || process.env["RENDER_SDK_AUTO_START"]?.toLowerCase() === "false") return;
  shared.isScheduled = true;
  setImmediate(() => {
    startTaskServer().catch((error: unknown) => {
      console.error(error);
      process.exit(1);
    });
  });
}
