import { WorkBudget } from "../crypto/budget.ts";
import { checkByNodeCrypto, checkForOneImage } from "../crypto/ecdsa-check.ts";
import { type Digest, digestText } from "../encoding/digest.ts";
import type { Identity } from "../identity/identity.ts";
import type { FindInstances } from "../image/find-instances.ts";
import { indexInstances, isIndexType } from "../image/index-instances.ts";
import { type ManifestReading, readManifest, unseenManifest } from "../image/manifest.ts";
import type { ImageProblem } from "../image/problem.ts";
import { maxImageWork } from "../limits.ts";
import {
  asksForSignature,
  type Policy,
  type Requirement,
  type SignedBy,
  type SigstoreSigned,
} from "../policy/policy.ts";
import { assertNever, type Eventually, type Result } from "../result.ts";
import type { TrustStore } from "../trust/trust-store.ts";
import type {
  ErrorVerdict,
  RejectedVerdict,
  RejectionProblem,
  RequirementOutcome,
  Verdict,
} from "../verdict/verdict.ts";
import { type NamedSignature, parseImageSignatures } from "./image-signatures.ts";
import { missedScopes } from "./missed-scopes.ts";
import { selectScope } from "./select-scope.ts";
import { judgeSigstoreSigned } from "./sigstore-signed.ts";

/** What is judged. Nothing of it is trusted. */
export interface Subject {
  /** The manifest's bytes; or its digest alone, from a caller who has compared the manifest with it. */
  readonly manifest: Uint8Array | { readonly digest: Digest };
  /** The signature files in order, or why they could not be read. Asked only by requirements that look at them, and once. */
  readonly signatures: () => Eventually<Result<readonly Uint8Array[], ImageProblem>>;
  /** The digest of the index that lists the manifest: an identity by that digest is one of the manifest too. */
  readonly indexDigest?: Digest | undefined;
  /** Looks for the images that an index lists. Asked only to say more of a rejection; nothing of it is judged. */
  readonly findInstances?: FindInstances | undefined;
}

/**
 * Judges an image by a policy, in the steps of containers-policy.json(5): the deciding scope, then its requirements in
 * order, all of which must be met. The same arguments give the same verdict.
 *
 * @param context.requireSigned refuse an image for which no requirement verified a signature
 */
export async function judge(
  policy: Policy,
  identity: Identity,
  subject: Subject,
  context: Pick<RequirementContext, "trust" | "nowSeconds" | "isForOneImage"> & { readonly requireSigned: boolean },
): Promise<Verdict> {
  const manifest =
    "digest" in subject.manifest ? unseenManifest(subject.manifest.digest) : readManifest(subject.manifest);
  const { scope, requirements } = selectScope(policy, identity);
  const outcomes: RequirementOutcome[] = [];
  const known = {
    identity,
    manifest: manifest.facts,
    policy: { path: policy.path, scope },
    requirements: outcomes,
  };

  if (manifest.excess !== undefined) return conclude(manifest.excess, known);

  // Before any requirement, also under insecureAcceptAnything: what the reference does for references of its own, and
  // skips when an identity is put in their place (image/unparsed.go UnparsedInstanceWithReference).
  const mismatch = identityDigestMismatch(identity, manifest, subject);
  if (mismatch !== undefined) return finish(mismatch);

  const readSignatures = memoize(async () => {
    const signatures = await subject.signatures();
    return signatures.ok ? parseImageSignatures(signatures.value) : signatures;
  });
  const budget = new WorkBudget(maxImageWork);
  let isSignatureVerified = false;
  for (const requirement of requirements) {
    const judged = await judgeRequirement(requirement, { identity, manifest, readSignatures, budget, ...context });
    const lacksSignature = judged.problem?.code === "requirement.signature.missing";
    const outcome = lacksSignature ? await withInstances(judged, manifest, subject) : judged;
    outcomes.push(outcome);
    if (outcome.problem !== undefined) return finish(outcome.problem);
    if (asksForSignature(requirement)) isSignatureVerified = true;
  }
  if (context.requireSigned && !isSignatureVerified) return finish({ code: "requirement.signed.missing" });
  return finish(undefined);

  function finish(problem: RequirementOutcome["problem"]): Verdict {
    return conclude(problem, known, () => ({
      unjudged: requirements.slice(outcomes.length),
      missedScopes: missedScopes(policy, identity, scope),
    }));
  }
}

type Known = Omit<RejectedVerdict, "outcome" | "code" | "problem" | keyof Surroundings>;
type Surroundings = Pick<RejectedVerdict, "unjudged" | "missedScopes">;

/**
 * The verdict once everything that was asked for has been judged: accepted if there was something, and nothing in the way.
 *
 * @param problem the first, if there is one
 * @param lookAround what else is to be told of a rejection; looked for only then
 */
export function conclude(
  problem: RequirementOutcome["problem"],
  given: Known,
  lookAround: () => Surroundings = () => ({ unjudged: [], missedScopes: [] }),
): Verdict {
  // Whoever goes on writing the list changes no verdict that was given.
  const known = { ...given, requirements: [...given.requirements] };
  const unmet = problem ?? known.requirements.find((outcome) => outcome.problem !== undefined)?.problem;
  if (unmet !== undefined) return refuse(unmet, known, lookAround);
  // An empty list of requirements is no policy's (parse-policy.ts); should there ever be one, it must not accept.
  if (known.requirements.length === 0) return refuse({ code: "requirement.reject" }, known, lookAround);
  return { outcome: "accepted", code: "accepted", ...known };
}

function refuse(
  problem: NonNullable<RequirementOutcome["problem"]>,
  known: Known,
  lookAround: () => Surroundings,
): RejectedVerdict | ErrorVerdict {
  return isRejection(problem)
    ? { outcome: "rejected", code: problem.code, problem, ...known, ...lookAround() }
    : { outcome: "error", code: problem.code, problem, ...known };
}

/** Each of them, so that a new one does not compile until it is said here. */
const rejections = {
  "requirement.identity.digest-mismatch": true,
  "requirement.reject": true,
  "requirement.unsupported": true,
  "requirement.signature.missing": true,
  "requirement.signature.not-accepted": true,
  "requirement.signed.missing": true,
} as const satisfies Record<RejectionProblem["code"], true>;

function isRejection(problem: NonNullable<RequirementOutcome["problem"]>): problem is RejectionProblem {
  return Object.hasOwn(rejections, problem.code);
}

function identityDigestMismatch(
  identity: Identity,
  manifest: ManifestReading,
  { manifest: content, indexDigest }: Subject,
): RejectionProblem | ImageProblem | undefined {
  const expected = identity.dockerReference?.digest;
  if (expected === undefined) return undefined;
  if (!manifest.comparableDigest.ok) return manifest.comparableDigest.problem;
  const actual = manifest.comparableDigest.value;
  if (digestText(actual) === digestText(expected)) return undefined;
  if (indexDigest !== undefined && digestText(indexDigest) === digestText(expected)) return undefined;
  const isIndex = !("digest" in content) && isIndexType(manifest.facts.mediaType);
  const listed = isIndex ? indexInstances(content) : [];
  const isInstance = listed.some((digest) => digestText(digest) === digestText(expected));
  return { code: "requirement.identity.digest-mismatch", expected, actual, isInstance };
}

/** Of an index without signatures, people have to hear that the images in it may have some. */
async function withInstances(
  outcome: RequirementOutcome,
  { facts }: ManifestReading,
  { manifest, findInstances }: Subject,
): Promise<RequirementOutcome> {
  const { problem } = outcome;
  if (problem?.code !== "requirement.signature.missing") return outcome;
  if ("digest" in manifest || !isIndexType(facts.mediaType)) return outcome;
  const digests = indexInstances(manifest);
  const instances = { listed: digests.length, found: await findSafely(findInstances, digests) };
  return { ...outcome, problem: { ...problem, instances } };
}

/** What is only told must not change the verdict, should looking for it fail. */
async function findSafely(
  find: FindInstances | undefined,
  digests: readonly Digest[],
): Promise<Awaited<ReturnType<FindInstances>> | undefined> {
  try {
    return await find?.(digests);
  } catch {
    return undefined;
  }
}

interface RequirementContext {
  readonly identity: Identity;
  readonly manifest: ManifestReading;
  readonly readSignatures: () => Promise<Result<readonly NamedSignature[], ImageProblem>>;
  readonly trust: TrustStore;
  readonly nowSeconds: number;
  /** What loads quickly is used, not what is quick once it is loaded. The verdict is the same. */
  readonly isForOneImage: boolean;
  readonly budget: WorkBudget;
}

async function judgeRequirement(requirement: Requirement, context: RequirementContext): Promise<RequirementOutcome> {
  switch (requirement.type) {
    case "insecureAcceptAnything":
      return { requirement, problem: undefined, signatures: [] };
    case "reject":
      return { requirement, problem: { code: "requirement.reject" }, signatures: [] };
    case "signedBaseLayer":
      return { requirement, problem: { code: "requirement.unsupported", type: requirement.type }, signatures: [] };
    case "signedBy":
    case "sigstoreSigned":
      return judgeSigned(requirement, context);
    default:
      return assertNever(requirement);
  }
}

async function judgeSigned(
  requirement: SignedBy | SigstoreSigned,
  { identity, manifest, readSignatures, trust, nowSeconds, isForOneImage, budget }: RequirementContext,
): Promise<RequirementOutcome> {
  const signatures = await readSignatures();
  if (!signatures.ok) return { requirement, problem: signatures.problem, signatures: [] };
  if (!manifest.comparableDigest.ok) return { requirement, problem: manifest.comparableDigest.problem, signatures: [] };
  const expected = {
    signedIdentity: requirement.signedIdentity,
    identity: identity.dockerReference,
    manifestDigest: manifest.comparableDigest.value,
    isUnseen: manifest.facts.sizeBytes === undefined,
  };
  const checkEcdsa = isForOneImage ? checkForOneImage : checkByNodeCrypto;
  const context = { expected, trust, nowSeconds, checkEcdsa, budget };
  if (requirement.type === "sigstoreSigned") {
    return { requirement, ...(await judgeSigstoreSigned(requirement, signatures.value, context)) };
  }
  // The rules of OpenPGP are half of the program, and most policies have one kind of signature only.
  const { judgeSignedBy } = await import("./signed-by.ts");
  return { requirement, ...(await judgeSignedBy(requirement, signatures.value, context)) };
}

function memoize<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
