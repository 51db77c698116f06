import { StoreFailed } from "./evidence.ts";

/** The variables by which the tools of AWS are told which server to ask, and as whom. */
export interface BucketEnvironment {
  readonly AWS_ENDPOINT_URL?: string | undefined;
  readonly AWS_ENDPOINT_URL_S3?: string | undefined;
  readonly AWS_REGION?: string | undefined;
  readonly AWS_ACCESS_KEY_ID?: string | undefined;
  readonly AWS_SECRET_ACCESS_KEY?: string | undefined;
  readonly AWS_SESSION_TOKEN?: string | undefined;
}

export interface BucketAddress {
  /** As it was given. */
  readonly shown: string;
  /** Of a content, by its key. */
  urlOf(key: string): URL;
  readonly region: string;
}

export interface BucketCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
}

/** Amazon S3 User Guide: "Bucket naming rules". */
const bucketName = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** Nothing that one program writes otherwise than another in an address that is signed. */
const prefixPart = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

/** Where the AWS tools look if they are told no region. */
const defaultRegion = "us-east-1";

/** `s3://BUCKET` or `s3://BUCKET/PREFIX`, by path (`ENDPOINT/BUCKET/…`), which every server knows. @throws {@link StoreFailed} */
export function bucketAddress(url: string, environment: BucketEnvironment): BucketAddress {
  const [, bucket = "", , path = ""] = /^s3:\/\/([^/]*)(\/(.*?)\/?)?$/.exec(url) ?? [];
  const prefix = path === "" ? [] : path.split("/");
  if (!bucketName.test(bucket) || bucket.includes("..") || !prefix.every((part) => prefixPart.test(part))) {
    throw new StoreFailed(
      "the place for evidence is no s3://BUCKET/PREFIX of letters, digits, dots, dashes and slashes",
    );
  }
  const region = given(environment.AWS_REGION) ?? defaultRegion;
  if (!/^[a-z0-9-]{1,64}$/.test(region)) throw new StoreFailed("AWS_REGION is no name of a region");
  const base = endpointOf(environment) ?? new URL(`https://s3.${region}.amazonaws.com`);
  const root = [base.href.replace(/\/$/, ""), bucket, ...prefix, "sha256"].join("/");
  return { shown: url, region, urlOf: (key) => new URL(`${root}/${key.slice(0, 2)}/${key.slice(2)}`) };
}

function endpointOf(environment: BucketEnvironment): URL | undefined {
  const name = given(environment.AWS_ENDPOINT_URL_S3) === undefined ? "AWS_ENDPOINT_URL" : "AWS_ENDPOINT_URL_S3";
  const text = given(environment[name]);
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain =
    url !== undefined &&
    /^https?:$/.test(url.protocol) &&
    `${url.username}${url.password}${url.search}${url.hash}` === "";
  if (!isPlain) throw new StoreFailed(`${name} is no http:// or https:// address without a password`);
  return url;
}

/** @throws {@link StoreFailed} */
export function bucketCredentials(environment: BucketEnvironment): BucketCredentials {
  const accessKeyId = given(environment.AWS_ACCESS_KEY_ID);
  const secretAccessKey = given(environment.AWS_SECRET_ACCESS_KEY);
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw new StoreFailed("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY have to be set for s3://");
  }
  return { accessKeyId, secretAccessKey, sessionToken: given(environment.AWS_SESSION_TOKEN) };
}

/** A variable that is empty is not set. */
function given(value: string | undefined): string | undefined {
  return value === "" ? undefined : value;
}
