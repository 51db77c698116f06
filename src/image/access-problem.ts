/**
 * Why an image that lies in a registry cannot be had, or not all of it. `from` is which server was asked: `host[:port]`, or the address of
 * a lookaside, never with credentials. What servers say is untrusted, cut short, and only shown. `registryCode` is the code of the
 * distribution API that a registry gave with it, as `MANIFEST_UNKNOWN`; it decides nothing about an image that is there.
 */
export type AccessFailure =
  /** No connection, or it broke off: DNS, a refused port, a reset, a body cut short. */
  | { readonly code: "source.unreachable"; readonly from: string; readonly reason: string }
  /** No answer in time, in which phase of the request; `image`: not all that was asked for an image. */
  | {
      readonly code: "source.timeout";
      readonly from: string;
      readonly phase: "connect" | "answer" | "body" | "image";
      readonly seconds: number;
    }
  /** The server's certificate is not trusted, or it does not speak TLS. */
  | { readonly code: "source.tls"; readonly from: string; readonly reason: string }
  /** The registry, or its token server, does not take these credentials, or wants some (401, 403). */
  | {
      readonly code: "source.unauthorized";
      readonly from: string;
      readonly status: number;
      readonly hasCredentials: boolean;
      readonly untrustedMessage: string;
      readonly registryCode?: string | undefined;
    }
  /** 404: no such image. */
  | {
      readonly code: "source.not-found";
      readonly from: string;
      readonly wanted: string;
      readonly untrustedMessage: string;
      readonly registryCode?: string | undefined;
    }
  /** 429, after waiting as long as the reference does. */
  | { readonly code: "source.throttled"; readonly from: string; readonly attempts: number }
  /** Any other status that is not what was hoped for. */
  | {
      readonly code: "source.refused";
      readonly from: string;
      readonly status: number;
      readonly untrustedMessage: string;
      readonly registryCode?: string | undefined;
    }
  /** An answer that makes no sense: too large, redirected in a circle, not the JSON or the content that it should be. */
  | { readonly code: "source.malformed"; readonly from: string; readonly detail: string }
  /** registries.conf forbids this registry. */
  | { readonly code: "source.blocked"; readonly from: string };

/** The failure of the last location that was asked, with those of the mirrors that were asked before it. */
export type AccessProblem = AccessFailure & { readonly mirrors?: readonly MirrorFailure[] };

/** Why a mirror did not give the image, by what it is called. */
export interface MirrorFailure {
  /** `host/path` */
  readonly location: string;
  readonly failure: AccessFailure | ConfigProblem;
}

/** A setting of the container tools that cannot be used: without it nobody knows where an image is. */
export interface ConfigProblem {
  readonly code: /** registries.conf, or a drop-in of it. */
    | "config.registries.invalid"
    /** What it says of an image gives a name that is none (`path` is then the file that says so, if it is known). */
    | "config.location.invalid"
    /** A file of registries.d, or a lookaside that cannot be read from. */
    | "config.registries-d.invalid"
    /** auth.json and its kin, or a credential helper. */
    | "config.credentials.invalid"
    /** A directory of certs.d. */
    | "config.certificates.invalid";
  /** A file or directory, or the name of a credential helper. */
  readonly path: string;
  readonly reason: string;
  /** From 1, in characters, where the file has a place that is wrong. */
  readonly line?: number;
  readonly column?: number;
}
