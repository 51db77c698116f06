import type { OpenImage, UnreadSignature } from "../image/image.ts";
import type { ImageProblem } from "../image/problem.ts";
import { fail, ok, type Result } from "../result.ts";
import { openDir } from "./dir/dir-source.ts";

/** The signatures `signature-1`, `signature-2`, … of a directory in `dir:` layout, which need not have a manifest. */
async function readSignatureDirectory(path: string): Promise<Result<readonly Uint8Array[], ImageProblem>> {
  const directory = openDir(path);
  if (!directory.ok) {
    const { problem } = directory;
    return fail(problem.code === "image.source.unreadable" ? { ...problem, isForSignatures: true } : problem);
  }
  try {
    return await directory.value.signatures();
  } finally {
    await directory.value.close();
  }
}

async function unreadIn(path: string): Promise<UnreadSignature | undefined> {
  const directory = openDir(path);
  if (!directory.ok) return undefined;
  try {
    return await directory.value.unreadSignature?.();
  } finally {
    await directory.value.close();
  }
}

/** An image whose signatures are those of a directory, whatever lies beside it: what was signed tells for which manifest each is. */
export function withSignaturesFrom(image: OpenImage, path: string): OpenImage {
  const signatures = () => readSignatureDirectory(path);
  return {
    signaturesFrom: { kind: "directory", path },
    get untrustedMediaType() {
      return image.untrustedMediaType;
    },
    manifest: () => image.manifest(),
    checkNamed: (digest) => image.checkNamed?.(digest) ?? ok(undefined),
    signatures,
    signaturesOf: signatures,
    instance: (digest) => ({ manifest: () => image.instance(digest).manifest(), signatures }),
    unreadSignature: () => unreadIn(path),
    present: (digests) => image.present?.(digests) ?? [],
    blob: (digest) => image.blob(digest),
    close: () => image.close(),
  };
}
