import type { SignatureAddress } from "../../config/lookaside.ts";
import type { Digest } from "../../encoding/digest.ts";
import { readBoundedFile } from "../../host/bounded-file.ts";
import { reasonOf } from "../../host/system-error.ts";
import type { ConfigProblem } from "../../image/access-problem.ts";
import type { ImageProblem } from "../../image/problem.ts";
import { maxSignatureBytes } from "../../limits.ts";
import { fail, ok, type Result } from "../../result.ts";
import { persistently } from "./persistently.ts";
import { readBody } from "./read-body.ts";
import type { Requester } from "./requester.ts";

/** Where a lookaside keeps the signatures of a manifest. */
export interface LookasidePlace {
  /** Of `signature-N`, N from 1. */
  address(digest: Digest, number: number): Result<SignatureAddress, ConfigProblem>;
  /** Without a password. */
  readonly shown: string;
}

/** The reference's bound for a lookaside that has no end (docker/docker_image_src.go `maxLookasideSignatures`). */
const maxLookasideSignatures = 128;

/**
 * Reads `signature-1`, `signature-2`, … until one is not there (containers/image: docs/signature-protocols.md). One that cannot be
 * read for another reason fails them all.
 */
export async function readLookaside(
  requester: Requester,
  place: LookasidePlace,
  digest: Digest,
  signal: AbortSignal | undefined,
): Promise<Result<readonly Uint8Array[], ImageProblem>> {
  const signatures: Uint8Array[] = [];
  while (signatures.length < maxLookasideSignatures) {
    const address = place.address(digest, signatures.length + 1);
    if (!address.ok) return address;
    const signature =
      address.value.kind === "file" ? readFile(address.value.path) : await download(requester, address.value, signal);
    if (!signature.ok) return signature;
    if (signature.value === undefined) return ok(signatures);
    signatures.push(signature.value);
  }
  return fail({ code: "image.signature.too-many", maxCount: maxLookasideSignatures });
}

type Read = Result<Uint8Array | undefined, ImageProblem>;

function readFile(path: string): Read {
  const content = readBoundedFile(path, { maxBytes: maxSignatureBytes, followLinks: true });
  if (content.ok) return content;
  const { problem } = content;
  switch (problem.kind) {
    case "missing":
      return ok(undefined);
    case "too-large":
      return fail({ code: "image.signature.too-large", name: path, maxBytes: maxSignatureBytes });
    case "system":
      return fail({ code: "source.unreachable", from: path, reason: reasonOf(problem.errno) });
    default:
      return fail({ code: "source.unreachable", from: path, reason: "not a regular file" });
  }
}

async function download(
  requester: Requester,
  { protocol, host, port, target, authorization, shown }: Extract<SignatureAddress, { readonly kind: "http" }>,
  signal: AbortSignal | undefined,
): Promise<Read> {
  const url = `${protocol}//${host.includes(":") ? `[${host}]` : host}:${port}${target}`;
  if (!URL.canParse(url)) return fail({ code: "source.unreachable", from: shown, reason: "no such address" });
  const answer = await persistently({ isLastResort: true, signal, now: () => requester.now() }, () =>
    requester.get(new URL(url), authorization, signal),
  );
  if (!answer.ok) return fail({ ...answer.problem, from: shown });
  const { response } = answer.value;
  if (response.status === 404) {
    response.discard();
    return ok(undefined);
  }
  if (response.status !== 200) {
    response.discard();
    const { status } = response;
    return fail({ code: "source.refused", from: shown, status, untrustedMessage: "" });
  }
  const body = await readBody(response, maxSignatureBytes);
  return body.ok ? ok(body.value) : fail(requester.broken(body.problem, shown));
}
