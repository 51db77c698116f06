import type { Identity } from "../identity/identity.ts";
import type { FindInstances } from "../image/find-instances.ts";
import type { OpenImage } from "../image/image.ts";
import { maxManifestBytes } from "../limits.ts";
import { errorVerdict } from "./error-verdict.ts";
import type { Judgement } from "./judgement.ts";
import type { PreparedPolicy } from "./prepared-policy.ts";
import type { OpenedImage } from "./request.ts";
import type { Step } from "./step.ts";

export interface JudgingImage {
  readonly identity: Identity;
  readonly policy: PreparedPolicy;
  readonly requireSigned: boolean;
  readonly trace: (step: Step) => void;
  readonly signal: AbortSignal | undefined;
}

/** Judges an image that has been opened: reads its manifest once, and its signatures once they are asked for. */
export async function judgeImage(opened: OpenedImage, how: JudgingImage): Promise<Judgement> {
  const { image, source, path, manifestDigest } = opened;
  const { identity, policy, trace, signal } = how;
  const read = manifestDigest === undefined ? await image.manifest() : undefined;
  if (read?.ok === false) return { verdict: errorVerdict(read.problem, { identity }), manifest: undefined };
  const manifest = read?.value;
  if (manifest !== undefined && manifest.length > maxManifestBytes) {
    const problem = { code: "image.manifest.too-large", maxBytes: maxManifestBytes } as const;
    return { verdict: errorVerdict(problem, { policyPath: policy.path, identity }), manifest: undefined };
  }
  trace({ step: "image", path, manifest });
  signal?.throwIfAborted();
  const verdict = await policy.judge(
    identity,
    {
      manifest: manifest ?? { digest: manifestDigest as NonNullable<typeof manifestDigest> },
      signatures: async () => {
        const signatures = await (manifestDigest !== undefined && source !== undefined
          ? source.signaturesOf(manifestDigest)
          : image.signatures());
        trace({ step: "signatures", signatures });
        return signatures;
      },
      findInstances: opened.findInstances ?? (source && finderOf(source)),
    },
    how,
  );
  signal?.throwIfAborted();
  return { verdict: source === undefined ? verdict : { ...verdict, signaturesFrom: source.signaturesFrom }, manifest };
}

function finderOf(source: OpenImage): FindInstances {
  return async (digests) => {
    const present = await source.present(digests);
    return { present: present.length, signed: present.filter(({ hasSignature }) => hasSignature).length };
  };
}
