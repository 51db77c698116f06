import type { OpenPgpBackEnd } from "../crypto/openpgp/back-end.ts";
import { loadKeyring } from "../crypto/openpgp/keyring.ts";
import type { KeyringProblem } from "../crypto/openpgp/problems.ts";
import { lookAt } from "./trust-content.ts";
import type { KeyFileOpinions, TrustProblem } from "./trust-problem.ts";

/**
 * What is wrong with key files that are no keyring, and for whom: of the back ends that were asked together, each is asked alone.
 *
 * @param files.field what to name if there are no files
 */
export async function keyringProblem(
  { code, blobIndex, detail }: KeyringProblem,
  files: {
    readonly pieces: readonly { readonly source: string; readonly bytes: Uint8Array }[];
    readonly field: string;
  },
  asked: readonly OpenPgpBackEnd[],
): Promise<TrustProblem> {
  const { pieces, field } = files;
  const piece = pieces[blobIndex];
  const source = piece?.source ?? field;
  if (code === "policy.trust.too-costly") return { code, source };
  const blobs = pieces.map(({ bytes }) => bytes);
  const builds = await keyFileOpinions(blobs, asked);
  const content = piece === undefined ? {} : { content: await lookAt("openpgp", piece.bytes) };
  return code === "policy.trust.invalid"
    ? { code, source, detail, builds, ...content }
    : { code, source, builds, ...content };
}

async function keyFileOpinions(
  blobs: readonly Uint8Array[],
  asked: readonly OpenPgpBackEnd[],
): Promise<KeyFileOpinions> {
  const opinions: { refusedBy: OpenPgpBackEnd[]; acceptedBy: OpenPgpBackEnd[] } = { refusedBy: [], acceptedBy: [] };
  for (const backEnd of asked) {
    const isUsable = asked.length > 1 && (await loadKeyring(blobs, [backEnd])).ok;
    (isUsable ? opinions.acceptedBy : opinions.refusedBy).push(backEnd);
  }
  return opinions;
}
