import type { WorkBudget } from "../crypto/budget.ts";
import type { OpenPgpBackEnd } from "../crypto/openpgp/back-end.ts";
import { loadKeyring } from "../crypto/openpgp/keyring.ts";
import type { KeyringProblem } from "../crypto/openpgp/problems.ts";
import type { KeyFileOpinions, TrustProblem } from "../verdict/trust-problem.ts";
import { lookAt } from "./trust-content.ts";

/**
 * What is wrong with key files that are no keyring, and for whom: of the back ends that were asked together, each is asked alone.
 *
 * @param files.field what to name if there are no files
 * @param request.budget what is left of what the files may cost; if it does not suffice, it is not told for whom
 */
export async function keyringProblem(
  { code, blobIndex, detail }: KeyringProblem,
  files: {
    readonly pieces: readonly { readonly source: string; readonly bytes: Uint8Array }[];
    readonly field: string;
  },
  request: { readonly asked: readonly OpenPgpBackEnd[]; readonly budget: WorkBudget },
): Promise<TrustProblem> {
  const { pieces, field } = files;
  const piece = pieces[blobIndex];
  const source = piece?.source ?? field;
  if (code === "policy.trust.too-costly") return { code, source };
  const blobs = pieces.map(({ bytes }) => bytes);
  const opinions = await keyFileOpinions(blobs, request);
  const builds = opinions === undefined ? {} : { builds: opinions };
  const content = piece === undefined ? {} : { content: await lookAt("openpgp", piece.bytes) };
  return code === "policy.trust.invalid"
    ? { code, source, detail, ...builds, ...content }
    : { code, source, ...builds, ...content };
}

async function keyFileOpinions(
  blobs: readonly Uint8Array[],
  { asked, budget }: { readonly asked: readonly OpenPgpBackEnd[]; readonly budget: WorkBudget },
): Promise<KeyFileOpinions | undefined> {
  const opinions: { refusedBy: OpenPgpBackEnd[]; acceptedBy: OpenPgpBackEnd[] } = { refusedBy: [], acceptedBy: [] };
  for (const backEnd of asked) {
    const isUsable = asked.length > 1 && (await loadKeyring(blobs, [backEnd], budget)).ok;
    if (budget.isSpent) return undefined;
    (isUsable ? opinions.acceptedBy : opinions.refusedBy).push(backEnd);
  }
  return opinions;
}
