import { AwsV4Signer } from "aws4fetch";
import { sha256Hex } from "../../runtime/sha256.ts";
import type { BucketCredentials } from "./bucket-address.ts";

/** Keys that were derived from the secret one: each holds for a day. */
export type DerivedKeys = Map<string, ArrayBuffer>;

/**
 * The headers that say who asks, for what exactly, and when (AWS Signature Version 4). What is sent is a part of it, so that nobody on the way can
 * change it.
 */
export async function signedHeaders(
  { method, url, body }: { readonly method: string; readonly url: URL; readonly body: Uint8Array },
  credentials: BucketCredentials,
  {
    region,
    milliseconds,
    cache,
  }: { readonly region: string; readonly milliseconds: number; readonly cache: DerivedKeys },
): Promise<Readonly<Record<string, string>>> {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const signer = new AwsV4Signer({
    ...{ method, url: url.href, service: "s3", region, cache, accessKeyId, secretAccessKey },
    headers: { "x-amz-content-sha256": sha256Hex(body) },
    datetime: new Date(milliseconds).toISOString().replaceAll(/[:-]|\.\d{3}/g, ""),
    ...(sessionToken === undefined ? {} : { sessionToken }),
  });
  const { headers } = await signer.sign();
  return Object.fromEntries(headers);
}
