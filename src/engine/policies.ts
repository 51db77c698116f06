import type { PolicyEnvironment } from "../config/policy-file.ts";
import type { OpenPgpBackEnd } from "../crypto/openpgp/back-end.ts";
import type { Warn } from "../host/file-warning.ts";
import { maxPreparedPolicies, maxPreparedPolicyBytes } from "../limits.ts";
import { fail, ok, type Result } from "../result.ts";
import { sha256Hex } from "../runtime/sha256.ts";
import { type ReadTrustFile, readTrust } from "../trust/trust-content.ts";
import { type JudgingHost, PreparedPolicy } from "./prepared-policy.ts";
import { type NoPolicy, type PolicyChoice, type PolicyText, parsePolicyText, readPolicy } from "./read-policy.ts";
import type { Step } from "./step.ts";

export interface PoliciesSettings extends JudgingHost {
  readonly environment: PolicyEnvironment;
  readonly warn: Warn;
  readonly trace: (step: Step) => void;
  readonly openPgp: readonly OpenPgpBackEnd[] | undefined;
  /**
   * Files that were read once are not looked at again: all images of a run are judged by the same policies and keys. Otherwise each
   * call reads them anew, and what has another content than before is prepared anew.
   */
  readonly isPinned: boolean;
}

/** The policies that images are judged by, each prepared once and kept, of many the ones used last. */
export class Policies {
  readonly #settings: PoliciesSettings;
  /** The one used last is last. */
  readonly #prepared = new Map<string, Prepared>();

  constructor(settings: PoliciesSettings) {
    this.#settings = settings;
  }

  async prepare(choice: PolicyChoice): Promise<Result<PreparedPolicy, NoPolicy>> {
    const key = keyOf(choice);
    const known = this.#prepared.get(key);
    const prepared = known !== undefined && this.#settings.isPinned ? known : await this.#renew(choice, known);
    this.#prepared.delete(key);
    this.#prepared.set(key, prepared);
    this.#forgetOldest();
    return prepared.policy;
  }

  #forgetOldest(): void {
    let bytes = 0;
    for (const { sizeBytes } of this.#prepared.values()) bytes += sizeBytes;
    for (const [key, { sizeBytes }] of this.#prepared) {
      if (this.#prepared.size <= maxPreparedPolicies && bytes <= maxPreparedPolicyBytes) return;
      if (this.#prepared.size === 1) return;
      this.#prepared.delete(key);
      bytes -= sizeBytes;
    }
  }

  async #renew(choice: PolicyChoice, known: Prepared | undefined): Promise<Prepared> {
    const text = readPolicy(choice, this.#settings);
    if (!text.ok) return { policy: text, sizeBytes: 0, contentSha256: undefined, isCurrent: async () => false };
    const contentSha256 = `${text.value.path ?? ""}:${sha256Hex(text.value.bytes)}`;
    if (known?.contentSha256 === contentSha256 && (await known.isCurrent())) return known;
    return { ...this.#parse(text.value), contentSha256 };
  }

  #parse(text: PolicyText): Omit<Prepared, "contentSha256"> {
    const { trace, now, openPgp, readFile } = this.#settings;
    const sizeBytes = text.bytes.length;
    trace({ step: "policy", path: text.path, sizeBytes });
    const parsed = parsePolicyText(text);
    if (!parsed.ok) return { policy: fail(parsed.problem), sizeBytes, isCurrent: async () => true };
    const files = this.#settings.isPinned ? undefined : new ReadFiles(readFile);
    const host = { readFile: files?.read ?? readFile, now };
    return {
      policy: ok(new PreparedPolicy(parsed.value, host, openPgp)),
      sizeBytes,
      isCurrent: async () => (await files?.areUnchanged()) === true,
    };
  }
}

interface Prepared {
  /** Or why this policy cannot be judged by. */
  readonly policy: Result<PreparedPolicy, NoPolicy>;
  readonly sizeBytes: number;
  readonly contentSha256: string | undefined;
  /** Whether the keys that were read for it are still the ones in the files. */
  readonly isCurrent: () => Promise<boolean>;
}

/** Key files that a policy was prepared with, and what was in them. */
class ReadFiles {
  readonly #readFile: ReadTrustFile;
  readonly #contents = new Map<string, string>();

  constructor(readFile: ReadTrustFile) {
    this.#readFile = readFile;
  }

  readonly read: ReadTrustFile = async (path) => {
    const content = await this.#readFile(path);
    this.#contents.set(path, fingerprintOf(content));
    return content;
  };

  async areUnchanged(): Promise<boolean> {
    for (const [path, before] of this.#contents) {
      if (fingerprintOf(await readTrust(this.#readFile, path)) !== before) return false;
    }
    return true;
  }
}

/** A file that could not be read is another one as soon as it can be. */
function fingerprintOf(content: Result<Uint8Array, unknown>): string {
  return content.ok ? sha256Hex(content.value) : "unreadable";
}

function keyOf(choice: PolicyChoice): string {
  switch (choice.kind) {
    case "default":
      return "default";
    case "file":
      return `file:${choice.path}`;
    case "text":
      return `text:${sha256Hex(Buffer.from(choice.text))}`;
  }
}
