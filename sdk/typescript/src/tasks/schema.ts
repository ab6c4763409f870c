import { ArgumentsError } from "../errors.js";

/** A schema of any library that follows Standard Schema (https://standardschema.dev): zod, valibot, arktype and others. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => Checked<Output> | Promise<Checked<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
    /** The JSON Schema, where the library offers it. */
    readonly jsonSchema?: { readonly input: (options: { readonly target: string }) => Record<string, unknown> };
  };
}

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
  return schemas === undefined ? [] : isOne(schemas) ? [schemas] : schemas;
}

function isOne(schemas: Schemas): schemas is StandardSchema {
  return "~standard" in schemas;
}

/** The arguments as the schemas make them. Throws ArgumentsError, which no further attempt could help. */
export async function validated(task: string, schemas: readonly StandardSchema[], args: readonly unknown[]): Promise<unknown[]> {
  if (args.length > schemas.length) {
    throw new ArgumentsError(`task '${task}' takes ${schemas.length} arguments, and ${args.length} were given`);
  }
  return Promise.all(
    schemas.map(async (schema, place) => {
      const checked = await schema["~standard"].validate(args[place]);
      if (checked.issues === undefined) return checked.value;
      throw new ArgumentsError(`task '${task}', argument ${place + 1}: ${checked.issues.map(sentence).join("; ")}`);
    }),
  );
}

function sentence(issue: Issue): string {
  const path = (issue.path ?? []).map((part) => String(typeof part === "object" ? part.key : part)).join(".");
  return path ? `${path}: ${issue.message}` : issue.message;
}

/** The schema as JSON Schema, where its library can say it. */
export function jsonSchema(schema: StandardSchema): Record<string, unknown> | undefined {
  try {
    return schema["~standard"].jsonSchema?.input({ target: "draft-2020-12" });
  } catch {
    return undefined; // it holds what JSON Schema has no words for
  }
}

/** Whether the argument may be left out. */
export function isOptional(schema: StandardSchema): boolean {
  const checked = schema["~standard"].validate(undefined);
  return !(checked instanceof Promise) && checked.issues === undefined;
}
