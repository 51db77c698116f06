import { fail, ok, type Result, type Untrusted } from "../../../result.ts";
import type { BackEndKeys, LoadKeys, VerifiedMessage } from "../back-end.ts";
import type { OpenPgpProblem } from "../problems.ts";
import type { SignatureChecker } from "../vouches.ts";
import { checkGpgMessage } from "./check.ts";
import { importKeyblocks } from "./import.ts";
import { type Keyblock, readKeyFile } from "./keyblock.ts";
import { readGpgMessage } from "./message.ts";

/** GnuPG's key database, and its rules. */
export class GpgKeys implements BackEndKeys {
  readonly backEnd = "gnupg";
  readonly keyblocks: readonly Keyblock[];
  readonly checker: SignatureChecker;

  constructor(keyblocks: readonly Keyblock[], checker: SignatureChecker) {
    this.keyblocks = keyblocks;
    this.checker = checker;
  }

  async verify(
    message: Untrusted<Uint8Array>,
    nowSeconds: number,
    checker: SignatureChecker,
  ): Promise<Result<VerifiedMessage, OpenPgpProblem>> {
    const read = readGpgMessage(message.untrusted, checker.budget);
    if (!read.ok) return read;
    const keys = { keyblocks: this.keyblocks, checker: this.checker.paidFrom(checker.budget) };
    const found = await checkGpgMessage(read.value, keys, nowSeconds, checker);
    if (!found.ok) return found;
    const { key, primaryFingerprint, facts } = found.value;
    return ok({
      content: read.value.content,
      primaryFingerprint,
      signingFingerprint: key.fingerprint,
      userId: facts.userId,
      signedAtSeconds: read.value.signature.createdAtSeconds,
    });
  }
}

/** Files that GnuPG cannot read are no keys and no error; only if none is left there is nothing to judge by. */
export const loadGpgKeys: LoadKeys<GpgKeys> = async (blobs, { checker }) => {
  const files = blobs.map((blob) => readKeyFile(blob, checker.budget));
  const blobIndex = files.findIndex(({ isTooCostly }) => isTooCostly);
  if (blobIndex !== -1) {
    return fail({
      code: "policy.trust.invalid",
      blobIndex,
      detail: "it is too large when decompressed",
    });
  }
  const imported = await importKeyblocks(files, checker);
  if (!imported.ok) return fail({ code: "policy.trust.invalid", ...imported.problem });
  if (imported.value.length > 0) return ok(new GpgKeys(imported.value, checker));
  return fail({ code: "policy.trust.empty", blobIndex: 0, detail: "GnuPG would import no key" });
};
