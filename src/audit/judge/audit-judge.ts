import { digestText } from "../../encoding/digest.ts";
import { Engine, type EngineEnvironment } from "../../engine/engine.ts";
import type { PolicyChoice } from "../../engine/read-policy.ts";
import { type ReferenceProblem, readReference } from "../../inventory/read-reference.ts";
import { maxResumedSeconds } from "../../limits.ts";
import { fail } from "../../result.ts";
import { sha256Hex } from "../../runtime/sha256.ts";
import type { Verdict } from "../../verdict/verdict.ts";
import type { Audit } from "../audits/audit.ts";
import { choiceOf, type KeptPolicy, snapshotOf } from "../audits/kept-policy.ts";
import { loadEvidence } from "../evidence/encode-evidence.ts";
import type { ContentKey, Evidence, EvidenceStore } from "../evidence/evidence.ts";
import { verdictOnEvidence } from "../evidence/judge-evidence.ts";
import { withRecent } from "../evidence/memory-store.ts";
import { dependsOnTime, identityKeys } from "./identity-rule.ts";

/** An image as an audit has it. */
export interface AuditedImage {
  readonly reference: string;
  /** What it is judged as; `null`: as its reference says. */
  readonly identity: string | null;
}

/** What is kept of a verdict. */
export interface Judged {
  readonly outcome: Verdict["outcome"];
  readonly code: string;
  /** In one line. */
  readonly reason: string;
  readonly digest: string | null;
  /** The part of the policy that decided. */
  readonly scope: string | null;
  /** Who signed what was accepted. */
  readonly signer: string | null;
  /** Until when it holds for the same evidence, if nothing in the policy changes. */
  readonly validUntilMs: number;
}

/** Under which keys a judgement is kept. */
export interface JudgementKeys {
  readonly exact: string;
  /** The same for the other tags of the repository; only for acceptances. */
  readonly ofRepository: string | undefined;
  /** Whether a judgement may be another one later. */
  readonly dependsOnTime: boolean;
}

/** What is said of images, for people. */
export interface AuditWords {
  /** In one line each. */
  verdict(verdict: Verdict): { readonly reason: string; readonly signer: string | null };
  /** Why a reference names no image. */
  flaw(reference: string, problem: ReferenceProblem): string;
}

interface JudgeSettings {
  readonly words: AuditWords;
  readonly policy: KeptPolicy;
  readonly store: EvidenceStore;
  readonly environment: EngineEnvironment;
  /** Of this program: another may judge otherwise. */
  readonly version: string;
  /** Unix seconds. */
  readonly now: () => number;
}

type JudgedEvidence = Awaited<ReturnType<typeof verdictOnEvidence>>;

/** Judges the images of one audit by what was kept of them and of its policy, and by nothing else. */
export class AuditJudge {
  readonly #audit: Audit;
  readonly #settings: JudgeSettings;
  readonly #choice: PolicyChoice;
  readonly #engine: Engine;
  /** As it will be judged at the end of the time for which a judgement is to hold. */
  readonly #later: Engine;

  constructor(audit: Audit, settings: JudgeSettings) {
    this.#audit = audit;
    this.#settings = { ...settings, store: withRecent(settings.store) };
    this.#choice = choiceOf(settings.policy);
    this.#engine = this.#engineAt(settings.now);
    this.#later = this.#engineAt(() => settings.now() + maxResumedSeconds);
  }

  #engineAt(now: () => number): Engine {
    const { environment, policy } = this.#settings;
    return new Engine({
      environment,
      now,
      readFile: (path) => fail({ kind: "unreadable", reason: `it was not kept with the audit: ${path}` }),
      openPgp: this.#audit.settings.openPgp,
      isPinned: true,
      known: snapshotOf(policy),
      trace: () => {},
      warn: () => {},
    });
  }

  /** `undefined` for what names no image: that is found out at once. */
  async keysOf(image: AuditedImage, evidence: ContentKey): Promise<JudgementKeys | undefined> {
    const identity = identityOf(image);
    const explained = identity === undefined ? undefined : await this.#engine.explain(identity, this.#choice);
    if (explained?.ok !== true) return undefined;
    const keys = identityKeys(explained.value);
    const { requireSigned, platform, blobs, openPgp } = this.#audit.settings;
    const decided = [this.#settings.version, this.#audit.policyFingerprint, requireSigned, platform, blobs, openPgp];
    const keyOf = (key: string) => sha256Hex(Buffer.from(JSON.stringify([decided, evidence, key])));
    return {
      exact: keyOf(keys.exact),
      ofRepository: keys.ofRepository && keyOf(keys.ofRepository),
      dependsOnTime: dependsOnTime(explained.value.requirements),
    };
  }

  /**
   * @param keys of it, as far as it has any
   * @throws {@link StoreFailed}
   */
  async judge(image: AuditedImage, evidence: ContentKey, keys: JudgementKeys | undefined): Promise<Judged> {
    const identity = identityOf(image);
    if (identity === undefined) return flawed(image.reference, this.#settings.words);
    const found = await loadEvidence(this.#settings.store, evidence);
    const verdict = await this.#verdict(this.#engine, identity, found);
    const later = keys?.dependsOnTime === false ? verdict : await this.#verdict(this.#later, identity, found);
    const nowMs = Math.trunc(this.#settings.now() * 1000);
    // Something ends before, or begins only then: a key, a signature, a certificate.
    const holds = later.outcome === verdict.outcome && later.code === verdict.code;
    return judgedOf(verdict, this.#settings.words.verdict(verdict), holds ? nowMs + maxResumedSeconds * 1000 : nowMs);
  }

  /**
   * The whole verdict on an image now, and at an earlier time; `undefined` for what names no image.
   *
   * @throws {@link StoreFailed}
   */
  async verdictOn(
    image: AuditedImage,
    key: ContentKey,
    earlierSeconds: number,
  ): Promise<{ readonly now: JudgedEvidence; readonly earlier: JudgedEvidence } | undefined> {
    const identity = identityOf(image);
    if (identity === undefined) return undefined;
    const evidence = await loadEvidence(this.#settings.store, key);
    const now = await this.#judged(this.#engine, identity, evidence);
    return {
      now,
      earlier: await this.#judged(
        this.#engineAt(() => earlierSeconds),
        identity,
        evidence,
      ),
    };
  }

  async #verdict(engine: Engine, identity: string, evidence: Evidence): Promise<Verdict> {
    return (await this.#judged(engine, identity, evidence)).verdict;
  }

  #judged(engine: Engine, identity: string, evidence: Evidence): Promise<JudgedEvidence> {
    const { requireSigned, platform } = this.#audit.settings;
    const { store } = this.#settings;
    const how = { engine, store, policy: this.#choice, requireSigned, platform, signal: undefined };
    return verdictOnEvidence(identity, evidence, how);
  }
}

/** `undefined`: its reference names no image. */
function identityOf({ reference, identity }: AuditedImage): string | undefined {
  if (identity !== null) return identity;
  const read = readReference(reference);
  return read.ok && read.value.kind === "registry" ? read.value.identity : undefined;
}

function flawed(reference: string, words: AuditWords): Judged {
  const read = readReference(reference);
  const problem = read.ok
    ? ({ flaw: "local", transport: read.value.kind === "local" ? read.value.transport : "docker" } as const)
    : read.problem;
  const nothing = { digest: null, scope: null, signer: null, validUntilMs: 0 };
  return { outcome: "error", code: "usage.reference.invalid", reason: words.flaw(reference, problem), ...nothing };
}

function judgedOf(verdict: Verdict, said: ReturnType<AuditWords["verdict"]>, validUntilMs: number): Judged {
  const { scope } = verdict.policy;
  return {
    outcome: verdict.outcome,
    code: verdict.code,
    ...said,
    digest: verdict.manifest === undefined ? null : digestText(verdict.manifest.digest),
    scope: scope === undefined ? null : scope.kind === "transport" ? `${scope.transport} ${scope.scope}`.trim() : "",
    validUntilMs,
  };
}
