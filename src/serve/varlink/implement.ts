import type { Eventually } from "../../result.ts";
import { prepareDecoder, type StructDecoder } from "./decode-value.ts";
import type { Call, Handlers, InterfaceText, InterfaceTypes, Reply, ServiceError } from "./interface.ts";
import { parseIdl } from "./parse-idl.ts";

/** An interface with what answers its methods. */
export interface Implementation {
  readonly name: string;
  readonly text: string;
  readonly methods: ReadonlyMap<string, PreparedMethod>;
  /** The names of its errors. */
  readonly errors: ReadonlySet<string>;
}

export interface PreparedMethod {
  readonly interfaceName: string;
  /** With its interface. */
  readonly fullName: string;
  readonly requiresMore: boolean;
  readonly decode: StructDecoder;
  readonly handler: AnyHandler | "not-implemented";
  readonly errors: ReadonlySet<string>;
}

export type AnyAnswer =
  | Reply<object>
  | { readonly kind: "error"; readonly name: string; readonly parameters: object }
  | ServiceError;

type AnyHandler = (call: Call<object>) => Eventually<AnyAnswer> | AsyncGenerator<Reply<object>, AnyAnswer, undefined>;

/**
 * Binds handlers to an interface. One that is missing, or gives something else than the description says, does not compile.
 *
 * @throws if the description is not one: it is part of the program.
 */
export function implement<T extends InterfaceTypes>(
  { name, text }: InterfaceText<T>,
  handlers: Handlers<T>,
): Implementation {
  const parsed = parseIdl(text);
  if (!parsed.ok) throw new Error(`${name}:${parsed.problem.line}: ${parsed.problem.message}`);
  const { methods, types, errors } = parsed.value;
  const errorNames = new Set(errors.keys());
  // `decode` lets only what the handler's type says pass, and that was made from the same description.
  const byName = new Map(Object.entries(handlers) as [string, AnyHandler | "not-implemented"][]);
  const prepared = [...methods].map(([method, { parameters, requiresMore }]): [string, PreparedMethod] => {
    const handler = byName.get(method);
    if (handler === undefined) throw new Error(`${name}.${method} has no handler`);
    const decode = prepareDecoder(parameters, types);
    const fullName = `${name}.${method}`;
    return [method, { interfaceName: name, fullName, requiresMore, decode, handler, errors: errorNames }];
  });
  return { name, text, methods: new Map(prepared), errors: errorNames };
}
