/** How a run is asked for elsewhere, to be copied. */

export function asCurl(origin: string, task: string, input: unknown): string {
  const body = JSON.stringify({ task, input }).replaceAll("'", "'\\''");
  return `curl -X POST ${origin}/v1/task-runs -H "Authorization: Bearer $ORCHESTRATOR_API_KEY" -H "Content-Type: application/json" -d '${body}'`;
}

export function asPython(task: string, input: unknown): string {
  return `from orchestrator_sdk import Client\n\nClient().run(${JSON.stringify(task)}, ${literal(input)})`;
}

function literal(value: unknown): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value === "object") return `{${Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}: ${literal(one)}`).join(", ")}}`;
  return JSON.stringify(value);
}
