import { type Digest, parseDigest } from "../../encoding/digest.ts";
import type { AccessFailure, ConfigProblem, MirrorFailure } from "../../image/access-problem.ts";
import type { ImageProblem, LocalProblem } from "../../image/problem.ts";
import {
  either,
  flag,
  list,
  Misshapen,
  membersOf,
  nullable,
  number,
  object,
  oneOf,
  optional,
  type Reader,
  type Shape,
  text,
} from "./shape.ts";

/** The fields of each kind of problem that has this code. The compiler sees that there is none too many, too few, or of another type. */
type ShapeOf<P, C> = P extends { readonly code: infer D } ? (C extends D ? Shape<Omit<P, "code">> : never) : never;

type Shapes<P extends { readonly code: string }> = { readonly [C in P["code"]]: readonly ShapeOf<P, C>[] };

const digestParts = object<{ algorithm: string; hex: string }>({ algorithm: text, hex: text });

export const digest: Reader<Digest> = (value) => {
  const { algorithm, hex } = digestParts(value);
  const parsed = parseDigest(`${algorithm}:${hex}`);
  if (parsed === undefined) throw new Misshapen("no digest");
  return parsed;
};

const texts = list(text);

const accessShapes: Shapes<AccessFailure> = {
  "source.unreachable": [{ from: text, reason: text }],
  "source.timeout": [{ from: text, phase: oneOf("connect", "answer", "body", "image"), seconds: number }],
  "source.tls": [{ from: text, reason: text }],
  "source.unauthorized": [
    {
      ...{ from: text, status: number, hasCredentials: flag, untrustedMessage: text },
      registryCode: optional(text),
    },
  ],
  "source.not-found": [{ from: text, wanted: text, untrustedMessage: text, registryCode: optional(text) }],
  "source.throttled": [{ from: text, attempts: number }],
  "source.refused": [{ from: text, status: number, untrustedMessage: text, registryCode: optional(text) }],
  "source.malformed": [{ from: text, detail: text }],
  "source.blocked": [{ from: text }],
};

const configFields: Shape<Omit<ConfigProblem, "code">> = {
  ...{ path: text, reason: text },
  ...{ line: optional(number), column: optional(number) },
};

const configShapes: Shapes<ConfigProblem> = {
  "config.registries.invalid": [configFields],
  "config.location.invalid": [configFields],
  "config.registries-d.invalid": [configFields],
  "config.credentials.invalid": [configFields],
  "config.certificates.invalid": [configFields],
};

const localShapes: Shapes<LocalProblem> = {
  "image.source.unreadable": [{ path: text, reason: text, isForSignatures: optional(flag) }],
  "image.source.malformed": [
    { name: text, detail: text },
    { name: text, found: nullable(oneOf("dir", "oci", "oci-archive", "docker-archive")) },
  ],
  "image.source.not-found": [{ wanted: text, untrustedNames: texts }],
  "image.source.ambiguous": [
    { count: number, untrustedNames: texts, wanted: optional(text), hasAttachments: optional(flag) },
  ],
  "image.source.changed": [{ path: text, missing: optional(text) }],
  "image.archive.malformed": [{ detail: text }, { compression: oneOf("bzip2", "xz") }],
  "image.archive.member": [
    {
      untrustedName: text,
      flaw: oneOf("path", "encoding", "link", "special", "sparse", "duplicate", "too-large"),
    },
  ],
  "image.archive.too-large": [{ maxBytes: number }],
  "image.version.unsupported": [{ untrustedVersion: text }],
  "image.manifest.missing": [{ path: text, layout: optional(oneOf("oci")) }],
  "image.manifest.too-large": [{ maxBytes: number }, { maxValues: number }, { maxImages: number }],
  "image.manifest.malformed": [{ detail: text }],
  "image.manifest.ambiguous": [{ flaw: oneOf("other-kind", "not-covered"), untrustedKey: text }],
  "image.manifest.digest-mismatch": [{ expected: digest, actual: digest }],
  "image.instance.missing": [{ digest, platform: text }],
  "image.platform.missing": [{ wanted: text, untrustedPlatforms: texts }],
  "image.blob.missing": [{ missing: texts, registryCode: optional(text) }],
  "image.blob.corrupt": [{ corrupt: texts, missing: texts }],
  "image.file.unreadable": [{ name: text, reason: text }],
  "image.file.symlink": [{ name: text }],
  "image.file.special": [{ name: text }],
  "image.signature.too-large": [{ name: text, maxBytes: optional(number), maxValues: optional(number) }],
  "image.signature.too-many": [{ maxCount: number }],
  "image.signature.empty": [{ name: text }],
  "image.signature.format": [
    {
      ...{ name: text, detail: text },
      mistaken: optional(
        oneOf(
          ...(["armour", "detached-armour", "clear-text", "bundle", "cosign-download", "payload"] as const),
          ...(["base64-signature", "attestation", "bare-envelope", "manifest", "key-or-certificate"] as const),
          ...(["web-page", "json"] as const),
        ),
      ),
    },
  ],
  "image.signature.malformed": [{ name: text, detail: text }],
};

/** Reads those by whose code there are shapes, each with `more` fields. */
function readerOf<P extends { readonly code: string }>(
  shapes: Shapes<P>,
  more: Record<string, unknown> = {},
): Reader<P> {
  const readers = new Map(
    Object.entries<readonly object[]>(shapes).map(([code, variants]) => [
      code,
      either(...variants.map((shape) => object({ code: oneOf(code), ...shape, ...more } as Shape<P>))),
    ]),
  );
  return (value) => {
    const code = membersOf(value).get("code");
    const reader = typeof code === "string" ? readers.get(code) : undefined;
    if (reader === undefined) throw new Misshapen("a problem of no known kind");
    return reader(value);
  };
}

const mirrors = list(
  object<MirrorFailure>({
    location: text,
    failure: either<AccessFailure | ConfigProblem>(readerOf(accessShapes), readerOf(configShapes)),
  }),
);

/** Reads a problem as JSON has it. */
export const problem: Reader<ImageProblem> = either<ImageProblem>(
  readerOf(accessShapes, { mirrors: optional(mirrors) }),
  readerOf(configShapes),
  readerOf(localShapes),
);
