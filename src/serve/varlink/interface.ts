import type { Descriptor, Peer } from "../../host/descriptors/channel.ts";
import type { Eventually } from "../../result.ts";
import type { TakenDescriptors } from "./call-descriptors.ts";

/** What the types of an interface look like; made from its description (scripts/varlink-types.ts). */
export interface InterfaceTypes {
  readonly types: object;
  readonly methods: object;
  readonly errors: object;
}

/** An interface's description, with its types for the compiler alone. */
export interface InterfaceText<T extends InterfaceTypes> {
  readonly name: string;
  readonly text: string;
  /** Never there. */
  readonly types?: T;
}

type MethodName<T extends InterfaceTypes> = keyof T["methods"] & string;

type ParametersOf<T extends InterfaceTypes, M extends MethodName<T>> = T["methods"][M] extends {
  readonly parameters: infer P;
}
  ? P
  : never;

type ReplyOf<T extends InterfaceTypes, M extends MethodName<T>> = T["methods"][M] extends { readonly reply: infer R }
  ? R
  : never;

/** An answer that goes well. The descriptors go with it, and are closed when it was sent, or could not be. */
export interface Reply<R> {
  readonly kind: "reply";
  readonly parameters: R;
  readonly descriptors: readonly Descriptor[];
}

/** An error of the method's own interface. */
type OwnError<T extends InterfaceTypes> = {
  readonly [E in keyof T["errors"]]: { readonly kind: "error"; readonly name: E; readonly parameters: T["errors"][E] };
}[keyof T["errors"]];

/** An error of org.varlink.service. */
export type ServiceError =
  | { readonly kind: "invalid-parameter"; readonly parameter: string }
  | { readonly kind: "permission-denied" };

type Answer<T extends InterfaceTypes, M extends MethodName<T>> = Reply<ReplyOf<T, M>> | OwnError<T> | ServiceError;

export function reply<const R>(parameters: R, descriptors: readonly Descriptor[] = []): Reply<R> {
  return { kind: "reply", parameters, descriptors };
}

export function errorReply<const N extends string, P>(
  name: N,
  parameters: P,
): { readonly kind: "error"; readonly name: N; readonly parameters: P } {
  return { kind: "error", name, parameters };
}

/** @param parameter its name, or its path, as in `options.require_signed`. */
export function invalidParameter(parameter: string): ServiceError {
  return { kind: "invalid-parameter", parameter };
}

/** One connection; the same object for each of its calls, so that what belongs to it can be kept by it. */
export interface Connection {
  /** `undefined` where there is no socket. */
  readonly peer: Peer | undefined;
  readonly carriesDescriptors: boolean;
  /** Aborted once it is closed, for whatever reason. */
  readonly closed: AbortSignal;
}

export interface Call<P> {
  /** Checked against the description: nothing else is in there, and what may be null and was absent is null. */
  readonly parameters: P;
  readonly descriptors: TakenDescriptors;
  /** Several replies may be given. */
  readonly wantsMore: boolean;
  readonly connection: Connection;
  /**
   * Aborted when nobody can get the answer any more, or when it takes too long. That a peer sends no more aborts nothing: it may be
   * waiting for its answers.
   */
  readonly signal: AbortSignal;
}

/**
 * Answers one call. A generator yields the replies that others follow, and returns the last; only if `wantsMore`. (So there is always a
 * last one: the protocol knows no end of replies without one.) What is thrown is a bug.
 */
type Handler<T extends InterfaceTypes, M extends MethodName<T>> = (
  call: Call<ParametersOf<T, M>>,
) => Eventually<Answer<T, M>> | AsyncGenerator<Reply<ReplyOf<T, M>>, Answer<T, M>, undefined>;

/** A handler for each method; `"not-implemented"` is answered with MethodNotImplemented. */
export type Handlers<T extends InterfaceTypes> = {
  readonly [M in MethodName<T>]: Handler<T, M> | "not-implemented";
};
