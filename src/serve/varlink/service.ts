import type { MessageProblem } from "./call-message.ts";
import { type Implementation, implement, type PreparedMethod } from "./implement.ts";
import { errorReply, reply } from "./interface.ts";
import { org_varlink_service } from "./interfaces/org-varlink-service.ts";
import { shownName } from "./shown-name.ts";

/** What GetInfo tells. */
interface ServiceInfo {
  readonly vendor: string;
  readonly product: string;
  readonly version: string;
  readonly url: string;
}

export interface ServiceOptions {
  readonly info: ServiceInfo;
  readonly interfaces: readonly Implementation[];
  /** What is answered when a handler throws: an error of its interface, which is not sent if it has none of that name. */
  readonly failureOf: (error: unknown, fullMethod: string) => { readonly name: string; readonly parameters: object };
  /** What is answered before a connection is closed because a message is beyond a bound, with the error's full name. */
  readonly overLimit: (limit: OverLimit) => { readonly error: string; readonly parameters: object };
}

export type OverLimit = Extract<MessageProblem, { kind: "over-limit" }>["limit"];

type FoundMethod =
  | { readonly kind: "method"; readonly method: PreparedMethod }
  | { readonly kind: "no-interface"; readonly untrustedInterface: string }
  | { readonly kind: "no-method" };

/** What all connections of a service have in common. */
export interface Service extends Pick<ServiceOptions, "failureOf" | "overLimit"> {
  find(untrustedMethod: string): FoundMethod;
}

/** A service with these interfaces, and org.varlink.service, which says what they are. */
export function createService({ info, interfaces, failureOf, overLimit }: ServiceOptions): Service {
  const descriptions = new Map<string, string>();
  const about = implement(org_varlink_service, {
    GetInfo: () => reply({ ...info, interfaces: [...descriptions.keys()] }),
    GetInterfaceDescription: ({ parameters }) => {
      const description = descriptions.get(parameters.interface);
      if (description === undefined)
        return errorReply("InterfaceNotFound", { interface: shownName(parameters.interface) });
      return reply({ description });
    },
  });
  const methods = new Map<string, FoundMethod>();
  for (const implementation of [about, ...interfaces]) {
    if (descriptions.has(implementation.name)) throw new Error(`${implementation.name} is there twice`);
    descriptions.set(implementation.name, implementation.text);
    for (const method of implementation.methods.values()) methods.set(method.fullName, { kind: "method", method });
  }
  const find = (untrustedMethod: string): FoundMethod => {
    const found = methods.get(untrustedMethod);
    if (found !== undefined) return found;
    const untrustedInterface = untrustedMethod.slice(0, Math.max(0, untrustedMethod.lastIndexOf(".")));
    if (descriptions.has(untrustedInterface)) return { kind: "no-method" };
    return { kind: "no-interface", untrustedInterface };
  };
  return { find, failureOf, overLimit };
}
