/** Images of a scene as `verify-policy` judges them, and as an audit does: fetched once, judged by any policy. Both in this process. */
import { collect, noEvidence } from "../../../src/audit/evidence/collect.ts";
import { loadEvidence, saveEvidence } from "../../../src/audit/evidence/encode-evidence.ts";
import type { Evidence, EvidenceStore } from "../../../src/audit/evidence/evidence.ts";
import { verdictOnEvidence } from "../../../src/audit/evidence/judge-evidence.ts";
import { askedByOperand } from "../../../src/cli/commands/verify-policy/asked-images.ts";
import { type AskedImage, judgeReference } from "../../../src/cli/commands/verify-policy/judge-reference.ts";
import type { BlobsChoice, PlatformChoice } from "../../../src/engine/choices.ts";
import { Engine } from "../../../src/engine/engine.ts";
import type { PolicyChoice } from "../../../src/engine/read-policy.ts";
import { readTrustFile } from "../../../src/host/trust-file.ts";
import { parsePlatform } from "../../../src/image/platform.ts";
import { checkedImage } from "../../../src/report/checked-document.ts";
import type { CheckedImage } from "../../../src/report/checked-image.ts";
import { sha256Hex } from "../../../src/runtime/sha256.ts";
import { openSource } from "../../../src/source/open-source.ts";
import { parsePlace } from "../../../src/source/place.ts";
import { openRegistries } from "../../../src/source/registry/open-registries.ts";
import type { Scene } from "../registry/situation.ts";

/** Everybody's clock. */
const now = () => 1_770_000_000;

export interface Question {
  readonly reference: string;
  readonly platform: PlatformChoice;
  readonly blobs: BlobsChoice;
  readonly requireSigned: boolean;
}

export function engineFor(env: Readonly<Record<string, string>> = {}): Engine {
  return new Engine({
    environment: env,
    now,
    readFile: (path) => readTrustFile(path, () => {}),
    openPgp: undefined,
    isPinned: true,
    trace: () => {},
    warn: () => {},
  });
}

/** What the command line of a scene asks. */
export function questionOf({ question }: Scene): Question {
  const { os, arch, variant, mode, requireSigned, ref, blobs } = question;
  const platform = parsePlatform([os, arch, ...(variant === "" ? [] : [variant])].join("/"));
  return {
    reference: `docker://${ref}`,
    platform: mode === "all" || platform === undefined ? { kind: "all" } : { kind: "one", platform },
    blobs: blobs ? "all" : "head",
    requireSigned,
  };
}

function registriesOf({ question, env }: Scene): ReturnType<typeof openRegistries> {
  const option = (value: string) => (value === "" ? undefined : value);
  return openRegistries({
    registriesConf: option(question.registriesConf),
    registriesDirectory: option(question.registriesD),
    authFile: option(question.authFile),
    certificatesDirectory: option(question.certDir),
    tlsVerify: question.tlsVerify ?? undefined,
    timeoutSeconds: question.timeoutMs < 10_000 ? 1 : undefined,
    environment: env,
    userAgent: "sealcheck/test",
    now: () => now() * 1000,
  });
}

function askedBy(reference: string): AskedImage {
  return askedByOperand(reference, { environment: {} } as Parameters<typeof askedByOperand>[1]);
}

/** As the command judges it. */
export async function judgedDirectly(scene: Scene, asked: Question, policy: PolicyChoice): Promise<CheckedImage> {
  const registries = registriesOf(scene);
  try {
    return await judgeReference(askedBy(asked.reference), {
      engine: engineFor(scene.env),
      registries: () => registries,
      policy,
      requireSigned: asked.requireSigned,
      platform: asked.platform,
      blobs: asked.blobs,
      blobMemo: new Map(),
      signal: new AbortController().signal,
    });
  } finally {
    const opened = await registries;
    if (opened.ok) opened.value.close();
  }
}

/** Fetches it; what is given back has been written and read again. `undefined` if it is no reference to an image. */
export async function collected(scene: Scene, asked: Question, store: EvidenceStore): Promise<Evidence | undefined> {
  const { image } = askedBy(asked.reference);
  const how = { store, platform: asked.platform, blobs: forStore(asked.blobs), blobMemo: new Map(), signal: undefined };
  if (image.kind === "source") {
    const place = parsePlace(image.source);
    if (!place.ok) return undefined;
    const { transport } = place.value;
    const options = { environment: scene.env, useAttachments: false, isManifestUnneeded: false };
    const opened = await openSource(place.value, options);
    if (!opened.ok) return again(noEvidence(transport, opened.problem));
    const blobs = how.blobs === "head" ? "all" : how.blobs;
    try {
      return await again(await collect(opened.value, { transport }, { ...how, blobs }));
    } finally {
      await opened.value.close();
    }
  }
  if (image.kind !== "registry") return undefined;
  const access = await registriesOf(scene);
  if (!access.ok) return again(noEvidence("docker", access.problem));
  try {
    const opened = await access.value.open(image.name, undefined);
    if (!opened.ok) return await again(noEvidence("docker", opened.problem));
    return await again(await collect(opened.value, { transport: "docker", opened: opened.value }, how));
  } finally {
    access.value.close();
  }
}

function forStore(blobs: BlobsChoice): "none" | "head" | "all" {
  if (blobs === "present") throw new Error("verify-policy does not ask for this");
  return blobs;
}

/** In a store of its own, which nobody changes. */
async function again(evidence: Evidence): Promise<Evidence> {
  const documents = new MemoryStore();
  return loadEvidence(documents, await saveEvidence(documents, evidence));
}

export async function judgedLater(
  evidence: Evidence,
  asked: Question,
  policy: PolicyChoice,
  store: EvidenceStore,
  env: Readonly<Record<string, string>> = {},
): Promise<CheckedImage> {
  const { image } = askedBy(asked.reference);
  const identity = image.kind === "registry" ? image.identity : image.kind === "source" ? image.source : "";
  const { platform, requireSigned } = asked;
  const how = { engine: engineFor(env), store, policy, platform, requireSigned, signal: undefined };
  const { verdict, opened } = await verdictOnEvidence(identity, evidence, how);
  return checkedImage(asked.reference, verdict, opened);
}

/** Keeps contents in memory, and forgets or changes what a test wants gone. */
export class MemoryStore implements EvidenceStore {
  readonly contents = new Map<string, Uint8Array>();

  async put(bytes: Uint8Array): Promise<string> {
    const key = sha256Hex(bytes);
    this.contents.set(key, Buffer.from(bytes));
    return key;
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.contents.get(key);
  }

  close(): void {}
}
