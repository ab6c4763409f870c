import { ArgumentsError } from "../errors.js";

/** A schema of any library that follows Standard Schema (https://standardschema.dev): zod, valibot, arktype and others. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => Checked<Output> | Promise<Checked<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
    /** The JSON Schema, where the library offers it. */
    readonly jsonSchema?: { readonly input: (options: { readonly target: string; readonly libraryOptions?: Record<string, unknown> }) => JsonSchema };
  };
}

type JsonSchema = Record<string, unknown>;

type Checked<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly Issue[] };

interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** One schema, for a task of one argument, or one for each argument. */
export type Schemas = StandardSchema | readonly StandardSchema[];

type Input<S> = S extends StandardSchema<infer I, unknown> ? I : never;
type Output<S> = S extends StandardSchema<never, infer O> ? O : S extends StandardSchema<any, infer O> ? O : never;

/** The arguments that callers give. */
export type Inputs<S extends Schemas> = S extends readonly StandardSchema[] ? { -readonly [I in keyof S]: Input<S[I]> } : [Input<S>];

/** The arguments that the function gets. */
export type Outputs<S extends Schemas> = S extends readonly StandardSchema[] ? { -readonly [I in keyof S]: Output<S[I]> } : [Output<S>];

/** The schemas in the order of the arguments. */
export function listed(schemas: Schemas | undefined): readonly StandardSchema[] {
  return schemas === undefined ? [] : "~standard" in schemas ? [schemas] : schemas;
}

/** The arguments as the schemas make them; `names` are the parameters'. Throws ArgumentsError, which no further attempt could help. */
export async function validated(
  task: string,
  schemas: readonly StandardSchema[],
  names: readonly string[],
  args: readonly unknown[],
): Promise<unknown[]> {
  if (args.length > schemas.length) {
    throw new ArgumentsError(`task '${task}' takes ${schemas.length} arguments, and ${args.length} were given`);
  }
  return Promise.all(
    schemas.map(async (schema, place) => {
      const checked = await schema["~standard"].validate(args[place]);
      if (checked.issues === undefined) return checked.value;
      throw new ArgumentsError(`task '${task}': ${checked.issues.map((issue) => sentence(names[place] as string, issue)).join("; ")}`);
    }),
  );
}

function sentence(name: string, issue: Issue): string {
  const steps = (issue.path ?? []).map((part) => (typeof part === "object" ? part.key : part));
  const place = steps.map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`)).join("");
  return `argument '${name}${place}': ${issue.message}`;
}

/** The schema as JSON Schema, where its library can say it; it refuses nothing that the schema takes. */
export function jsonSchema(schema: StandardSchema): JsonSchema | undefined {
  const libraryOptions = { unrepresentable: "any", override: asTaken };
  try {
    return schema["~standard"].jsonSchema?.input({ target: "draft-2020-12", ...(schema["~standard"].vendor === "zod" && { libraryOptions }) });
  } catch {
    return undefined; // it holds what JSON Schema has no words for
  }
}

/** What of a zod schema is looked at here. */
interface ZodPart {
  readonly _zod: { readonly def: ZodDefinition };
}

interface ZodDefinition {
  readonly type: string;
  readonly coerce?: boolean;
  readonly check?: string;
  readonly pattern?: RegExp;
  readonly checks?: readonly { readonly _zod: { readonly def: ZodDefinition } }[];
  readonly in?: ZodPart;
  readonly shape?: Readonly<Record<string, StandardSchema>>;
}

/** zod describes values as they are after they were coerced, trimmed or replaced: that is taken out here. */
function asTaken({ zodSchema, jsonSchema }: { zodSchema: ZodPart; jsonSchema: JsonSchema }): void {
  const { def } = zodSchema._zod;
  const keep = (...names: string[]) => {
    for (const name of Object.keys(jsonSchema)) if (!names.includes(name)) delete jsonSchema[name];
  };
  const rules = [def, ...(def.checks ?? []).map((one) => one._zod.def)];
  if (takesAnything(def)) keep();
  else if (rules.some(({ check, pattern }) => check === "overwrite" || pattern?.flags)) keep("type");
  else if (def.shape && Array.isArray(jsonSchema["required"])) {
    const shape = def.shape;
    jsonSchema["required"] = jsonSchema["required"].filter((name: string) => !shape[name] || !isOptional(shape[name]));
  }
}

function takesAnything(def: ZodDefinition): boolean {
  return Boolean(def.coerce) || def.type === "catch" || def.type === "transform" || (def.type === "pipe" && takesAnything(def.in!._zod.def));
}

/** Whether the argument may be left out. */
export function isOptional(schema: StandardSchema): boolean {
  const checked = schema["~standard"].validate(undefined);
  return !(checked instanceof Promise) && checked.issues === undefined;
}
