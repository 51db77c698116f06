/** What containers/image did in each situation: test/fixtures/registry/situations.json, which conformance/mirrors/run.ts writes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fixtures } from "../images.ts";

export interface Recorded {
  readonly outcome: "accepted" | "rejected" | "error" | "hangs";
  /** What it was doing when it ended: "policy file", "reference", "source", "instance", "policy", "manifest", "blobs". */
  readonly stage?: string;
  /** The Go type of the error. */
  readonly type?: string;
  /** For reading, not for comparing. */
  readonly error?: string;
  /** Where the manifest came from. */
  readonly served?: string;
  readonly digest?: string;
  /** By server, in order; `Scene.requests` of situation.ts. */
  readonly requests: Readonly<Record<string, readonly string[]>>;
}

export type Records = Readonly<Record<string, Recorded>>;

export function recordedSituations(): Records {
  return JSON.parse(readFileSync(join(fixtures, "registry", "situations.json"), "utf8"));
}
