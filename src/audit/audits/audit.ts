import type { OpenPgpBackEnd } from "../../crypto/openpgp/back-end.ts";
import type { PlatformChoice } from "../../engine/choices.ts";

/** How the images of an audit are fetched and judged; the same for all workers, and kept with it. */
export interface AuditSettings {
  readonly requireSigned: boolean;
  readonly platform: PlatformChoice;
  /** Whether registries are asked for the blobs of images. */
  readonly blobs: "none" | "head";
  readonly openPgp?: readonly OpenPgpBackEnd[];
  /** Where manifests and signatures are kept: a directory, or `s3://bucket/prefix`. */
  readonly evidence: string;
  /** Chunks of one registry that all workers together have under way. */
  readonly perRegistry: number;
  /** Requests a second to a registry of which nothing else is said; as many as it takes unless it is given. */
  readonly perSecond?: number;
  /** How long a registry that does not answer is left alone the first time. */
  readonly parkSeconds: number;
}

/** An audit, as it is in the database. */
export interface Audit {
  readonly id: number;
  readonly name: string;
  readonly policyId: number;
  /** Of the policy and its keys. */
  readonly policyFingerprint: string;
  readonly settings: AuditSettings;
  readonly createdMs: number;
}
