import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { locationsOf } from "../../src/config/locations.ts";
import { lookasideOf, type SignatureAddress, signatureAddress } from "../../src/config/lookaside.ts";
import type { RegistriesConfig } from "../../src/config/registries.ts";
import { type RegistriesConf, readRegistriesConf } from "../../src/config/registries-conf.ts";
import { readRegistries } from "../../src/config/registries-d.ts";
import { parseDigest } from "../../src/encoding/digest.ts";
import { effectiveUserId } from "../../src/host/user.ts";
import { type DockerReference, parseNormalizedNamed, referenceText } from "../../src/identity/docker-reference.ts";
import type { Result } from "../../src/result.ts";
import type { Question } from "./generate.ts";

/** What the reference says. */
export interface Answer {
  readonly confError?: string;
  readonly rules: readonly AnswerRule[] | null;
  readonly credentialHelpers: readonly string[] | null;
  readonly directoryError?: string;
  readonly references: readonly AnswerReference[];
}

interface AnswerRule {
  readonly prefix: string;
  readonly blocked: boolean;
  readonly byDigestOnly: boolean;
  readonly location: AnswerEndpoint;
  readonly mirrors: readonly AnswerEndpoint[];
}

interface AnswerEndpoint {
  readonly location: string;
  readonly insecure: boolean;
  readonly pullFromMirror: string;
  readonly namespaceProxy: string;
}

interface AnswerReference {
  readonly error?: string;
  readonly sources: readonly AnswerSource[] | null;
  readonly lookaside?: AnswerLookaside;
}

interface AnswerSource {
  readonly reference: string;
  readonly insecure: boolean;
  readonly namespaceProxy: string;
  readonly refusal: "" | "blocked" | "unusable";
}

export interface AnswerLookaside {
  readonly error?: string;
  readonly attachments: boolean;
  readonly scheme: string;
  readonly user: string;
  readonly password: string;
  readonly host: string;
  readonly opaque: string;
  /** In base64. */
  readonly path: string;
  readonly target: string;
  readonly redacted: string;
}

/** What this program says, in the same form. */
export interface OurAnswer {
  readonly confError?: string;
  readonly rules: readonly AnswerRule[] | null;
  readonly credentialHelpers: readonly string[] | null;
  readonly directoryError?: string;
  readonly references: readonly OurReference[];
}

interface OurReference {
  readonly error?: string;
  readonly sources: readonly AnswerSource[] | null;
  readonly lookaside?: OurLookaside;
}

export type OurLookaside =
  | { readonly error: string }
  | {
      readonly attachments: boolean;
      readonly address: SignatureAddress | { readonly kind: "none"; readonly reason: string };
    };

export async function answerOf(question: Question): Promise<OurAnswer> {
  const root = mkdtempSync(join(tmpdir(), "registries-"));
  try {
    for (const [name, content] of Object.entries(question.files)) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), Buffer.from(content, "base64"));
    }
    return await answerIn(root, question);
  } finally {
    rmSync(root, { recursive: true });
  }
}

async function answerIn(root: string, question: Question): Promise<OurAnswer> {
  const environment: Readonly<Record<string, string>> = Object.fromEntries(
    Object.entries(question.environment).map(([name, value]) => [name, value.replace(/^@ROOT@/, root)]),
  );
  const below = (name: string) => (name === "" ? undefined : join(root, name));
  const userId = effectiveUserId();
  const conf = await readRegistriesConf(below(question.conf), environment, userId, root);
  const config = await readRegistries(below(question.directory), environment, userId, root);
  const digest = known(parseDigest(question.digest));
  return {
    ...(conf.ok ? {} : { confError: conf.problem.reason }),
    rules: conf.ok ? rulesOf(conf.value) : null,
    credentialHelpers: conf.ok ? conf.value.credentialHelpers : null,
    ...(config.ok ? {} : { directoryError: config.problem.reason }),
    references: question.references.map((text) => {
      const reference = orThrow(parseNormalizedNamed(text));
      return {
        ...(conf.ok ? sourcesOf(conf.value, reference) : { sources: null }),
        ...(config.ok ? { lookaside: lookasideIn(config.value, reference) } : {}),
      };
    }),
  };

  function lookasideIn(registries: RegistriesConfig, reference: DockerReference): OurLookaside {
    const lookaside = lookasideOf(registries, reference, { environment, userId });
    if (!lookaside.ok) return { error: lookaside.problem.reason };
    const address = signatureAddress(lookaside.value, digest, 1);
    return {
      attachments: lookaside.value.useSigstoreAttachments,
      address: address.ok ? address.value : { kind: "none", reason: address.problem.reason },
    };
  }
}

function rulesOf({ rules }: RegistriesConf): readonly AnswerRule[] {
  return rules.map((rule) => ({
    prefix: rule.prefix,
    blocked: rule.isBlocked,
    byDigestOnly: rule.mirrorByDigestOnly,
    location: endpointOf({ ...rule, pullFromMirror: "" }),
    mirrors: rule.mirrors.map(endpointOf),
  }));
}

function endpointOf(endpoint: {
  readonly location: string;
  readonly isInsecure: boolean;
  readonly pullFromMirror: string;
  readonly namespaceProxy: string;
}): AnswerEndpoint {
  const { location, isInsecure: insecure, pullFromMirror, namespaceProxy } = endpoint;
  return { location, insecure, pullFromMirror, namespaceProxy };
}

function sourcesOf(
  conf: RegistriesConf,
  reference: DockerReference,
): { readonly error?: string; readonly sources: readonly AnswerSource[] | null } {
  const locations = locationsOf(conf, reference);
  if (!locations.ok) return { error: locations.problem.reason, sources: null };
  return {
    sources: locations.value.map(({ reference: accessed, isInsecure, namespaceProxy, refusal }) => ({
      reference: referenceText(accessed),
      insecure: isInsecure,
      namespaceProxy: namespaceProxy ?? "",
      refusal: refusal === undefined ? "" : refusal.code === "source.blocked" ? "blocked" : "unusable",
    })),
  };
}

function orThrow<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return result.value;
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("not a digest");
  return value;
}
