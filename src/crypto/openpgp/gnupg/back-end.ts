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
    const finding = await checkGpgMessage(read.value, keys, nowSeconds, checker);
    if (!finding.accepted) return fail(finding.problem);
    return ok({
      content: read.value.content,
      primaryFingerprint: finding.primaryFingerprint,
      signingFingerprint: finding.key.fingerprint,
      userId: finding.facts.userId,
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
      backEnd: "gnupg",
      blobIndex,
      detail: "it is too large when decompressed",
    });
  }
  const imported = await importKeyblocks(files, checker);
  if (!imported.ok) return fail({ code: "policy.trust.invalid", backEnd: "gnupg", ...imported.problem });
  if (imported.value.length > 0) return ok(new GpgKeys(imported.value, checker));
  return fail({ code: "policy.trust.empty", backEnd: "gnupg", blobIndex: 0, detail: "GnuPG would import no key" });
};
