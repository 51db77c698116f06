/** Of a union of problems, the members whose tag can be `T`. */
type Tagged<P, Key extends keyof P, T> = P extends { readonly [K in Key]: infer Own }
  ? T extends Own
    ? P
    : never
  : never;

/**
 * What is said of each member of a union, by its tag (`code`, `flaw`, `type`). Used with `satisfies`, so that a code
 * without words does not compile.
 */
export type Words<P, Key extends keyof P, Context = undefined, Said = string> = {
  readonly [T in P[Key] & string]: (problem: Tagged<P, Key, T>, context: Context) => Said;
};

/** Says `problem` with the words for its tag. */
export function say<P, Key extends keyof P, Context, Said>(
  words: Words<P, Key, Context, Said>,
  key: Key,
  problem: P,
  context: Context,
): Said {
  // The entry of a tag takes the members with that tag; TypeScript cannot follow the link from key to member.
  const sayTagged = words[problem[key] as P[Key] & string] as (problem: P, context: Context) => Said;
  return sayTagged(problem, context);
}
