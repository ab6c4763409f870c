/** What JSON can say. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

type Anything = (...args: never[]) => unknown;
type IsAny<T> = 0 extends 1 & T ? true : false;

/** What is left of a `T` that went through JSON: a Date is text, a Map an empty object, undefined in a list null. */
export type Jsonify<T> =
  IsAny<T> extends true ? T
  : unknown extends T ? unknown
  : T extends { toJSON(...args: never[]): infer J } ? Jsonify<J>
  : T extends string | number | boolean | null ? T
  : T extends undefined | void ? null
  : T extends bigint | symbol | Anything ? never
  : T extends ReadonlyMap<unknown, unknown> | ReadonlySet<unknown> ? {}
  : T extends readonly unknown[] ? { [I in keyof T]: Jsonify<T[I]> }
  : T extends object ? JsonifyObject<T>
  : never;

type JsonifyObject<T> = {
  [K in keyof T as K extends string | number ? (NonNullable<T[K]> extends Anything | symbol ? never : K) : never]:
    undefined extends T[K] ? Jsonify<Exclude<T[K], undefined>> | undefined : Jsonify<T[K]>;
};

/** Whether a bigint, which JSON.stringify refuses, is somewhere in the first four levels of a `T`. */
export type HoldsBigInt<T, Level extends 0[] = []> =
  IsAny<T> extends true ? false
  : Level["length"] extends 4 ? false
  : true extends FindBigInt<T, [...Level, 0]> ? true
  : false;

type FindBigInt<T, Level extends 0[]> =
  T extends bigint ? true
  : T extends { toJSON(...args: never[]): unknown } | Anything ? false
  : T extends readonly (infer E)[] ? HoldsBigInt<E, Level>
  : T extends object ? { [K in keyof T]-?: HoldsBigInt<T[K], Level> }[keyof T]
  : false;
