import { OrchestratorError } from "../errors.js";

/** Where the orchestrator is, without `/v1`, and the key to it, empty where none is known. */
export interface Address {
  readonly url: string;
  readonly apiKey: string;
}

const DEFAULT_URL = "http://127.0.0.1:8120";
const TRUE: readonly (string | undefined)[] = ["1", "t", "T", "true", "TRUE", "True"];

/**
 * What was given, else what the environment says, else what the instance in the data directory wrote down.
 *
 * The key of the data directory goes to that instance alone. Throws OrchestratorError for what is no URL.
 */
export async function findAddress(url: string | undefined, apiKey: string | undefined): Promise<Address> {
  const env: Record<string, string | undefined> = globalThis.process?.env ?? {};
  const endpoint = url && apiKey ? "" : bare(await inDataDir("endpoint", env));
  const chosen = checked(url || fromEnvironment(env) || endpoint || DEFAULT_URL);
  const key = apiKey ?? env["ORCHESTRATOR_API_KEY"] ?? env["RENDER_API_KEY"];
  if (key !== undefined) return { url: chosen, apiKey: key };
  return { url: chosen, apiKey: chosen === endpoint || chosen === DEFAULT_URL ? await inDataDir("api-key", env) : "" };
}

function fromEnvironment(env: Record<string, string | undefined>): string | undefined {
  const url = env["ORCHESTRATOR_URL"] || env["RENDER_LOCAL_DEV_URL"];
  return url || (TRUE.includes(env["RENDER_USE_LOCAL_DEV"]) ? DEFAULT_URL : undefined);
}

function checked(url: string): string {
  if (!/^https?:\/\/[^/]+/.test(url)) {
    throw new OrchestratorError(`'${url}' is no address of an orchestrator: it should look like ${DEFAULT_URL}`);
  }
  return bare(url);
}

function bare(url: string): string {
  return url.trim().replace(/\/+$/, "").replace(/\/v1$/, "");
}

/** A file of the data directory; empty where there is none, as in a browser. */
async function inDataDir(name: string, env: Record<string, string | undefined>): Promise<string> {
  if (!globalThis.process?.versions?.node) return "";
  // By names that bundlers for browsers do not follow.
  const load = (module: string) => import(/* @vite-ignore */ /* webpackIgnore: true */ `node:${module}`);
  try {
    const [fs, os, path] = await Promise.all(["fs", "os", "path"].map(load));
    const folder = (env["ORCHESTRATOR_DATA_DIR"] || "~/.orchestrator").replace(/^~(?=\/|$)/, os.homedir());
    return fs.readFileSync(path.join(folder, name), "utf8").trim();
  } catch {
    return "";
  }
}
