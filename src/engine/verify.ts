import type { OpenPgpBackEnd } from "../crypto/openpgp/back-end.ts";
import { type Identity, parseIdentity } from "../identity/identity.ts";
import type { PathResolver } from "../identity/path-resolver.ts";
import type { FindInstances } from "../image/find-instances.ts";
import type { ImageProblem } from "../image/problem.ts";
import { judge } from "../judge/judge.ts";
import { maxManifestBytes } from "../limits.ts";
import type { Policy } from "../policy/policy.ts";
import { errorText, ok, type Result } from "../result.ts";
import type { ReadTrustFile } from "../trust/trust-content.ts";
import { TrustStore } from "../trust/trust-store.ts";
import type { ErrorProblem, ErrorVerdict, Verdict } from "../verdict/verdict.ts";

/** What the verifier needs of the machine it runs on. */
export interface VerifierHost {
  /** Reads a key or certificate file that the policy names. Throwing makes the verdict an error, never an acceptance. */
  readonly readFile: ReadTrustFile;
  /** The current time in Unix seconds. */
  readonly now: () => number;
  /** How identities that are paths (`dir:`, `oci:`, …) are resolved. */
  readonly paths: PathResolver;
}

/** How strictly to judge. */
export interface VerifierOptions {
  /**
   * The back ends of containers/image that have to accept an OpenPGP signature, each of them. Absent: all, so that the verdict
   * holds for every build of podman and skopeo; one alone gives the verdict of the builds with that one.
   */
  readonly openPgp?: readonly OpenPgpBackEnd[];
}

/** One image to judge: all bytes as they were downloaded. */
export interface VerifyRequest {
  /**
   * What the image was obtained as: `docker://registry.example.com/repo:tag`, the same without `docker://`, or any other
   * `transport:reference`; or such a text already parsed by {@link parseIdentity}.
   */
  readonly identity: string | Identity;
  readonly manifest: Uint8Array;
  /** The signature files in order, or why they could not be read. */
  readonly signatures: readonly Uint8Array[] | Result<readonly Uint8Array[], ImageProblem>;
  /** Looks for the images that an index lists, to say more of a rejection; a {@link DirSource} has it. Never decides. */
  readonly findInstances?: FindInstances;
  /** Refuse an image for which the policy verifies no signature (skopeo's `--require-signed`). */
  readonly requireSigned: boolean;
}

/** A policy with its trust material, loaded on first use and shared by all images it judges. */
export interface Verifier {
  /**
   * Never throws, and its promise is always kept: a bug, and a request that is none, end as a verdict with the code
   * `internal.error`. Nothing is accepted by default.
   */
  verify(request: VerifyRequest): Promise<Verdict>;
}

/**
 * Prepares a policy for judging any number of images. Keys and certificates are read once, when first needed.
 *
 * What it is given is taken at its word, and must not change while an image is judged: for programs of others there is
 * library/verifier.ts.
 */
export function prepareVerifier(policy: Policy, host: VerifierHost, options: VerifierOptions = {}): Verifier {
  const trust = new TrustStore(host.readFile, options.openPgp);
  return {
    async verify({ identity: given, manifest, signatures, requireSigned, findInstances }) {
      try {
        const identity = typeof given === "string" ? parseIdentity(given, host.paths) : ok(given);
        if (!identity.ok) return errorVerdict(identity.problem, { policyPath: policy.path });
        if (manifest.length > maxManifestBytes) {
          return errorVerdict(
            { code: "image.manifest.too-large", maxBytes: maxManifestBytes },
            { policyPath: policy.path },
          );
        }
        const image = { manifest, signatures: "ok" in signatures ? signatures : ok(signatures), findInstances };
        const nowSeconds = host.now();
        // Nothing has expired, and nothing is from the future, at a time that no number can be compared with.
        if (!Number.isFinite(nowSeconds)) throw new TypeError("the clock (now) gives no finite number");
        return await judge(policy, identity.value, image, { trust, nowSeconds, requireSigned });
      } catch (error) {
        return errorVerdict({ code: "internal.error", detail: errorText(error) }, { policyPath: policy.path });
      }
    },
  };
}

/** The verdict for what went wrong before there was anything to judge. */
export function errorVerdict(
  problem: ErrorProblem,
  known: { readonly policyPath?: string | undefined } = {},
): ErrorVerdict {
  return {
    outcome: "error",
    code: problem.code,
    problem,
    identity: undefined,
    manifest: undefined,
    policy: { path: known.policyPath, scope: undefined },
    requirements: [],
  };
}
