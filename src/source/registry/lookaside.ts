import type { Digest } from "../../encoding/digest.ts";
import { readBoundedFile } from "../../host/bounded-file.ts";
import { reasonOf } from "../../host/system-error.ts";
import type { ImageProblem } from "../../image/problem.ts";
import { maxSignatureBytes } from "../../limits.ts";
import { fail, ok, type Result } from "../../result.ts";
import { persistently } from "./persistently.ts";
import { readBody } from "./read-body.ts";
import type { Requester } from "./requester.ts";

/** Where a lookaside keeps the signatures of a manifest. */
export interface LookasidePlace {
  /** Of `signature-N`, N from 1. */
  address(digest: Digest, number: number): URL;
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
    const signature =
      address.protocol === "file:" ? readFile(address) : await download(requester, place, address, signal);
    if (!signature.ok) return signature;
    if (signature.value === undefined) return ok(signatures);
    signatures.push(signature.value);
  }
  return fail({ code: "image.signature.too-many", maxCount: maxLookasideSignatures });
}

type Read = Result<Uint8Array | undefined, ImageProblem>;

function readFile(address: URL): Read {
  const path = decodeURIComponent(address.pathname);
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
  { shown }: LookasidePlace,
  address: URL,
  signal: AbortSignal | undefined,
): Promise<Read> {
  const { url, authorization } = withoutUser(address);
  const answer = await persistently({ isLastResort: true, signal, now: Date.now }, () =>
    requester.get(url, authorization, signal),
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

/** Go's http.Client sends a user in an address as Basic authorization. */
function withoutUser(address: URL): { readonly url: URL; readonly authorization: string | undefined } {
  if (address.username === "" && address.password === "") return { url: address, authorization: undefined };
  const url = new URL(address);
  url.username = "";
  url.password = "";
  const user = `${decodeURIComponent(address.username)}:${decodeURIComponent(address.password)}`;
  return { url, authorization: `Basic ${Buffer.from(user).toString("base64")}` };
}
