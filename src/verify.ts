import { type OpenPgpBackEnd, openPgpBackEnds } from "./crypto/openpgp/back-end.ts";
import { type Identity, parseIdentity } from "./identity/identity.ts";
import type { PathResolver } from "./identity/path-resolver.ts";
import type { ImageProblem } from "./image/problem.ts";
import { judge } from "./judge/judge.ts";
import { type ReadTrustFile, TrustStore } from "./judge/trust.ts";
import type { ErrorProblem, ErrorVerdict, Verdict } from "./judge/verdict.ts";
import { maxManifestBytes } from "./limits.ts";
import type { Policy } from "./policy/policy.ts";
import { ok, type Result } from "./result.ts";

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
   * holds for every build of podman and skopeo; one alone gives the verdict of the builds with that one. An empty list, and a
   * name that is none of these, make every verdict an error with the code `internal.error`.
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
  /** Refuse an image for which the policy verifies no signature (skopeo's `--require-signed`). */
  readonly requireSigned: boolean;
}

/** A policy with its trust material, loaded on first use and shared by all images it judges. */
export interface Verifier {
  /** Never throws: a bug ends as a verdict with the code `internal.error`. Nothing is accepted by default. */
  verify(request: VerifyRequest): Promise<Verdict>;
}

/** Prepares a policy for judging any number of images. Keys and certificates are read once, when first needed. */
export function prepareVerifier(policy: Policy, host: VerifierHost, options: VerifierOptions = {}): Verifier {
  const openPgp = backEndsOf(options);
  const trust = new TrustStore(host.readFile, openPgp);
  return {
    async verify({ identity: given, manifest, signatures, requireSigned }) {
      try {
        // Before anything is judged: nobody may be asked less than he thinks.
        if (openPgp.length === 0) throw new TypeError("openPgp is no list of OpenPGP back ends");
        const identity = typeof given === "string" ? parseIdentity(given, host.paths) : ok(given);
        if (!identity.ok) return errorVerdict(identity.problem, { policyPath: policy.path });
        if (manifest.length > maxManifestBytes) {
          return errorVerdict(
            { code: "image.manifest.too-large", maxBytes: maxManifestBytes },
            { policyPath: policy.path },
          );
        }
        const image = { manifest, signatures: "ok" in signatures ? signatures : ok(signatures) };
        return await judge(policy, identity.value, image, { trust, nowSeconds: host.now(), requireSigned });
      } catch (error) {
        const detail = error instanceof Error ? error.message : String(error);
        return errorVerdict({ code: "internal.error", detail }, { policyPath: policy.path });
      }
    },
  };
}

/** Those that are asked for, in a list of our own; none if what is asked for makes no sense. */
function backEndsOf({ openPgp = openPgpBackEnds }: VerifierOptions): readonly OpenPgpBackEnd[] {
  const asked: readonly unknown[] = Array.isArray(openPgp) ? [...openPgp] : [];
  const known = openPgpBackEnds.filter((name) => asked.includes(name));
  return asked.every((name) => known.some((other) => other === name)) ? known : [];
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
