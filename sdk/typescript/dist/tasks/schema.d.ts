/** A schema of any library that follows Standard Schema (https://standardschema.dev): zod, valibot, arktype and others. */
export interface StandardSchema<Input = unknown, Output = Input> {
    readonly "~standard": {
        readonly version: 1;
        readonly vendor: string;
        readonly validate: (value: unknown) => Checked<Output> | Promise<Checked<Output>>;
        readonly types?: {
            readonly input: Input;
            readonly output: Output;
        } | undefined;
        /** The JSON Schema, where the library offers it. */
        readonly jsonSchema?: {
            readonly input: (options: {
                readonly target: string;
                readonly libraryOptions?: Record<string, unknown>;
            }) => JsonSchema;
        };
    };
}
type JsonSchema = Record<string, unknown>;
type Checked<Output> = {
    readonly value: Output;
    readonly issues?: undefined;
} | {
    readonly issues: readonly Issue[];
};
interface Issue {
    readonly message: string;
    readonly path?: readonly (PropertyKey | {
        readonly key: PropertyKey;
    })[] | undefined;
}
/** One schema, for a task of one argument, or one for each argument. */
export type Schemas = StandardSchema | readonly StandardSchema[];
type Input<S> = S extends StandardSchema<infer I, unknown> ? I : never;
type Output<S> = S extends StandardSchema<never, infer O> ? O : S extends StandardSchema<any, infer O> ? O : never;
/** The arguments that callers give. */
export type Inputs<S extends Schemas> = S extends readonly StandardSchema[] ? {
    -readonly [I in keyof S]: Input<S[I]>;
} : [Input<S>];
/** The arguments that the function gets. */
export type Outputs<S extends Schemas> = S extends readonly StandardSchema[] ? {
    -readonly [I in keyof S]: Output<S[I]>;
} : [Output<S>];
/** The schemas in the order of the arguments. */
export declare function listed(schemas: Schemas | undefined): readonly StandardSchema[];
/** The arguments as the schemas make them; `names` are the parameters'. Throws ArgumentsError, which no further attempt could help. */
export declare function validated(task: string, schemas: readonly StandardSchema[], names: readonly string[], args: readonly unknown[]): Promise<unknown[]>;
/** The schema as JSON Schema, where its library can say it; it refuses nothing that the schema takes. */
export declare function jsonSchema(schema: StandardSchema): JsonSchema | undefined;
/** Whether the argument may be left out. */
export declare function isOptional(schema: StandardSchema): boolean;
export {};
