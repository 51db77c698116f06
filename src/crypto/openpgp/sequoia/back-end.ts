import { fail, ok, type Result, type Untrusted } from "../../../result.ts";
import { cost, type WorkBudget } from "../../budget.ts";
import { hashAlgorithm } from "../algorithms.ts";
import type { BackEndKeys, LoadKeys, VerifiedMessage } from "../back-end.ts";
import type { KeyFacts, OpenPgpProblem } from "../problems.ts";
import type { SignatureChecker } from "../vouches.ts";
import { type KeyFlaw, SequoiaCert } from "./cert.ts";
import { type RawCert, readCertFile } from "./cert-file.ts";
import { names, type SequoiaKey } from "./key.ts";
import { type MessageSignature, readSequoiaMessage } from "./message.ts";
import { signatureFlaw } from "./policy.ts";
import { isAlive, issuersOf, type SequoiaSignature } from "./signature.ts";
import { sequoiaVouches } from "./vouching.ts";

/** How far ahead of ours a signer's clock may be. sequoia-openpgp: packet/signature/subpacket.rs CLOCK_SKEW_TOLERANCE. */
const clockSkewSeconds = 30 * 60;

/** The certificates in Sequoia's order, and its rules: podman-sequoia 0.4.0 on sequoia-openpgp 2.4. */
export class SequoiaKeys implements BackEndKeys {
  readonly backEnd = "sequoia";
  readonly certs: readonly SequoiaCert[];
  /** Remembers what is known of their self-signatures. */
  readonly #checker: SignatureChecker;

  constructor(certs: readonly SequoiaCert[], checker: SignatureChecker) {
    this.certs = certs;
    this.#checker = checker;
  }

  /** Of several signatures the first good one counts. podman-sequoia: signature.rs Helper::check. */
  async verify(
    message: Untrusted<Uint8Array>,
    nowSeconds: number,
    checker: SignatureChecker,
  ): Promise<Result<VerifiedMessage, OpenPgpProblem>> {
    const read = readSequoiaMessage(message.untrusted, checker.budget);
    if (!read.ok) return read;
    const { content, signatures } = read.value;
    let problem: OpenPgpProblem | undefined;
    for (const candidate of signatures) {
      const found = await this.#check(candidate, nowSeconds, checker);
      if (found.ok) return ok({ ...found.value, content });
      problem ??= found.problem;
      // A signature that does not say who made it ends the search, whatever follows.
      if (candidate.signature !== undefined && issuersOf(candidate.signature).length === 0) break;
    }
    return fail(problem ?? { code: "signature.openpgp.not-signed", detail: "there is no signature" });
  }

  /** Why signatures made now by this key or subkey would be refused, a short technical fact; `undefined` if they would not. */
  async refusal(fingerprint: string, nowSeconds: number, budget: WorkBudget): Promise<string | undefined> {
    for (const cert of this.certs) {
      const key = cert.keys.find((candidate) => candidate.fingerprint === fingerprint);
      if (key === undefined) continue;
      const checker = this.#checker.paidFrom(budget);
      const flaw = await cert.flawOf(key, { atSeconds: nowSeconds, nowSeconds, checker });
      if (flaw === undefined) return undefined;
      return flaw.detail === "" ? flaw.flaw : flaw.detail;
    }
    return "Sequoia finds no such key";
  }

  async #check(
    { signature, signed }: MessageSignature,
    nowSeconds: number,
    checker: SignatureChecker,
  ): Promise<Result<Omit<VerifiedMessage, "content">, OpenPgpProblem>> {
    if (signature === undefined) {
      return fail({
        code: "signature.openpgp.malformed",
        detail: "a signature is malformed or of an unsupported version",
      });
    }
    const issuers = issuersOf(signature);
    const { createdAtSeconds } = signature.hashed;
    if (createdAtSeconds === undefined) {
      return fail({ code: "signature.openpgp.malformed", detail: "a signature does not say when it was made" });
    }
    let problem: OpenPgpProblem = {
      code: "signature.key.unknown",
      untrustedKeyId: issuers.find((issuer) => issuer.length === 16) ?? issuers[0]?.slice(-16) ?? "",
    };
    checker.budget.spend(cost.step * this.certs.length);
    for (const cert of this.certs) {
      for (const key of cert.keys.filter((candidate) => issuers.some((issuer) => names(issuer, candidate)))) {
        const when = { atSeconds: createdAtSeconds, nowSeconds, checker: this.#checker.paidFrom(checker.budget) };
        const userId = await cert.userIdAt(when);
        const facts = { fingerprint: key.fingerprint, userId };
        const flaw = await cert.flawOf(key, when);
        const refusal =
          flaw === undefined
            ? await checkSignature({ signature, signed }, key, facts, nowSeconds, checker)
            : keyProblem(flaw, facts);
        if (refusal === undefined) {
          const { fingerprint: primaryFingerprint } = cert.primary;
          const signingFingerprint = key.fingerprint;
          return ok({ primaryFingerprint, signingFingerprint, userId, signedAtSeconds: createdAtSeconds });
        }
        problem = refusal;
      }
    }
    return fail(problem);
  }
}

/** sequoia-openpgp: parse/stream.rs verify_signatures, once the key is found to be in order. */
async function checkSignature(
  { signature, signed }: { readonly signature: SequoiaSignature; readonly signed: MessageSignature["signed"] },
  key: SequoiaKey,
  facts: KeyFacts,
  nowSeconds: number,
  checker: SignatureChecker,
): Promise<OpenPgpProblem | undefined> {
  const { createdAtSeconds = 0, lifetimeSeconds = 0 } = signature.hashed;
  if (!isAlive(signature, nowSeconds, clockSkewSeconds)) {
    return createdAtSeconds > nowSeconds
      ? { code: "signature.time.future", ...facts, atSeconds: createdAtSeconds }
      : { code: "signature.expired", ...facts, atSeconds: createdAtSeconds + lifetimeSeconds };
  }
  if (signed === undefined) {
    return { code: "signature.openpgp.not-signed", detail: "no one-pass packet announces the signature as it is" };
  }
  const flaw = signatureFlaw(signature, "collision", nowSeconds);
  if (!(await sequoiaVouches(checker, key, signature, signed))) {
    if (hashAlgorithm(signature.hash) === undefined) {
      return { code: "signature.openpgp.unsupported", detail: `hash algorithm ${signature.hash}` };
    }
    if (createdAtSeconds < key.createdAtSeconds) {
      return { code: "signature.time.before-key", ...facts, atSeconds: createdAtSeconds };
    }
    return flaw?.isWeakHash === true
      ? { code: "signature.hash.weak", ...facts, detail: flaw.detail }
      : { code: "signature.invalid", detail: "the content or the signature was changed" };
  }
  if (flaw === undefined) return undefined;
  return flaw.isWeakHash
    ? { code: "signature.hash.weak", ...facts, detail: flaw.detail }
    : { code: "signature.openpgp.unsupported", detail: flaw.detail };
}

function keyProblem({ flaw, detail, atSeconds = 0 }: KeyFlaw, facts: KeyFacts): OpenPgpProblem {
  switch (flaw) {
    case "weak-key":
      return { code: "signature.key.weak", ...facts, detail };
    case "weak-hash":
      return { code: "signature.hash.weak", ...facts, detail };
    case "expired":
      return { code: "signature.key.expired", ...facts, atSeconds };
    case "revoked":
      return { code: "signature.key.revoked", ...facts, detail };
    case "unbound":
    case "not-yet-valid":
    case "not-for-signing":
      return { code: "signature.key.unusable", ...facts, detail };
  }
}

/** One file that Sequoia refuses is an error, and so is no key at all. podman-sequoia: signature.rs import_keys. */
export const loadSequoiaKeys: LoadKeys<SequoiaKeys> = async (blobs, { checker }) => {
  const byFingerprint = new Map<string, [RawCert, ...RawCert[]]>();
  for (const [blobIndex, blob] of blobs.entries()) {
    const read = readCertFile(blob, checker.budget);
    if (!read.ok) return fail({ code: "policy.trust.invalid", blobIndex, detail: read.problem });
    for (const raw of read.value) {
      const known = byFingerprint.get(raw.primary.fingerprint);
      if (known === undefined) byFingerprint.set(raw.primary.fingerprint, [raw]);
      else known.push(raw);
    }
  }
  const certs = [...byFingerprint.values()].map((raws) => new SequoiaCert(raws, checker.budget));
  if (certs.length > 0) return ok(new SequoiaKeys(certs, checker));
  return fail({ code: "policy.trust.empty", blobIndex: 0, detail: "no key" });
};
