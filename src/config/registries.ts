import { withoutUserinfo } from "../encoding/go-url.ts";
import { widerScopes } from "../identity/wider-scopes.ts";

/** What registries.d says of where signatures are kept: containers-registries.d(5), all its files together. */
export interface RegistriesConfig {
  /** The files that were read, in order. */
  readonly files: readonly string[];
  readonly defaultDocker: RegistryNamespace | undefined;
  /** By namespace: a scope as in policy.json. */
  readonly docker: ReadonlyMap<string, RegistryNamespace>;
  /** The directory that was named, if it does not exist. */
  readonly missing: string | undefined;
  /** Files whose names end in another way than `.yaml`, and look as if they were meant. */
  readonly passedOver: readonly string[];
}

export interface RegistryNamespace {
  readonly file: string;
  /** Where simple signing signatures are read from; `undefined` where nothing is said. */
  readonly lookaside: string | undefined;
  readonly useSigstoreAttachments: boolean | undefined;
}

/** Why there is no configuration: the reference reads no signatures then either. */
export interface RegistriesProblem {
  readonly path: string;
  readonly reason: string;
}

/** What holds for the images of a scope of transport docker; "" is every image that has no namespace of its own. */
export interface SignatureStore {
  readonly lookaside: string | undefined;
  readonly useSigstoreAttachments: boolean;
}

/**
 * Looks a scope up as the reference does an image of it: each setting comes from the most specific namespace that has it
 * (containers/image: docker/registries_d.go `signatureTopLevel`, `useSigstoreAttachments`).
 */
export function signatureStoreOf(config: RegistriesConfig, scope: string): SignatureStore {
  const searched = namespacesOf(config, scope);
  return {
    lookaside: searched.find((namespace) => namespace.lookaside !== undefined)?.lookaside,
    useSigstoreAttachments:
      searched.find((namespace) => namespace.useSigstoreAttachments !== undefined)?.useSigstoreAttachments ?? false,
  };
}

/** The same for people: the address of a lookaside may have a password in it. */
export function shownStoreOf(config: RegistriesConfig, scope: string): SignatureStore {
  const store = signatureStoreOf(config, scope);
  return { ...store, lookaside: store.lookaside === undefined ? undefined : withoutUserinfo(store.lookaside) };
}

/** What concerns a scope, the most specific first and the default last. */
export function namespacesOf(config: RegistriesConfig, scope: string): readonly RegistryNamespace[] {
  const own = scope === "" ? [] : [scope, ...widerScopes(scope)].flatMap((name) => config.docker.get(name) ?? []);
  return config.defaultDocker === undefined ? own : [...own, config.defaultDocker];
}

/** Namespaces inside a scope, for which something else may hold than for the rest of it. */
export function namespacesWithin(config: RegistriesConfig, scope: string): readonly RegistryNamespace[] {
  return [...config.docker].flatMap(([name, namespace]) =>
    scope === "" || widerScopes(name).includes(scope) ? [namespace] : [],
  );
}
