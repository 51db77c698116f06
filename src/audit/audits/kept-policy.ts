import { type PolicySnapshot, policyKey } from "../../engine/policies.ts";
import type { NoPolicy, PolicyChoice, PolicyText } from "../../engine/read-policy.ts";
import { fail, ok, type Result } from "../../result.ts";
import { sha256Hex } from "../../runtime/sha256.ts";

/** A policy with the keys that it names, as they were when an audit began: workers on other machines judge by the same. */
export interface KeptPolicy {
  /** Where it was read, for what is said of it. */
  readonly path: string | null;
  /** In base64, as the contents of the files are. */
  readonly content: string;
  /** By path. What could not be read is kept as that. */
  readonly files: Readonly<Record<string, KeptFile>>;
}

type KeptFile = { readonly content: string } | { readonly problem: TrustFileProblem };
type TrustFile = PolicySnapshot["files"] extends ReadonlyMap<string, infer F> ? F : never;
type TrustFileProblem = Extract<TrustFile, { readonly ok: false }>["problem"];

/** Of what was read for an audit. @returns why it cannot be judged by, if so. */
export function keptPolicy({ policies, files }: PolicySnapshot): Result<KeptPolicy, NoPolicy> {
  const [text] = policies.values();
  if (text === undefined || policies.size !== 1) throw new Error("an audit has one policy");
  if (!text.ok) return text;
  const kept = [...files].map(([path, file]): [string, KeptFile] => [
    path,
    file.ok ? { content: base64(file.value) } : { problem: file.problem },
  ]);
  const { path, bytes } = text.value;
  return ok({ path: path ?? null, content: base64(bytes), files: Object.fromEntries(kept.sort(byPath)) });
}

/** What decides: the contents, and the paths, which the texts of verdicts have in them. */
export function fingerprintOf(policy: KeptPolicy): string {
  return sha256Hex(Buffer.from(JSON.stringify([policy.path, policy.content, policy.files])));
}

/** How the engine is asked for it. */
export function choiceOf({ path, content }: KeptPolicy): PolicyChoice {
  return path === null ? { kind: "text", text: bytesOf(content).toString() } : { kind: "file", path };
}

/** As if this process had read it. */
export function snapshotOf(policy: KeptPolicy): PolicySnapshot {
  const text: Result<PolicyText, NoPolicy> = ok({ bytes: bytesOf(policy.content), path: policy.path ?? undefined });
  const files = Object.entries(policy.files).map(([path, file]): [string, TrustFile] => [
    path,
    "content" in file ? ok(bytesOf(file.content)) : fail(file.problem),
  ]);
  return { policies: new Map([[policyKey(choiceOf(policy)), text]]), files: new Map(files) };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

function bytesOf(content: string): Buffer {
  return Buffer.from(content, "base64");
}

function byPath([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : 1;
}
