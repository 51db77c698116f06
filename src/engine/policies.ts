import type { PolicyEnvironment } from "../config/policy-file.ts";
import type { OpenPgpBackEnd } from "../crypto/openpgp/back-end.ts";
import type { Warn } from "../host/file-warning.ts";
import { maxPreparedPolicies, maxPreparedPolicyBytes } from "../limits.ts";
import { fail, ok, type Result } from "../result.ts";
import { sha256Hex } from "../runtime/sha256.ts";
import { type ReadTrustFile, readSafely } from "../trust/trust-content.ts";
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
  /** What another thread of this run has read already. */
  readonly known?: PolicySnapshot | undefined;
}

/** Policies as they were read, by their choice, and key files by their path: for the other threads of a run. */
export interface PolicySnapshot {
  readonly policies: ReadonlyMap<string, Result<PolicyText, NoPolicy>>;
  readonly files: ReadonlyMap<string, TrustFile>;
}

type TrustFile = Awaited<ReturnType<ReadTrustFile>>;

/** The policies that images are judged by, each prepared once and kept, of many the ones used last. */
export class Policies {
  readonly #settings: PoliciesSettings;
  /** The one used last is last. */
  readonly #prepared = new Map<string, Prepared>();
  /** Of what was read in a run whose policies are pinned: what is read again, since there are too many to keep, must be the same. */
  readonly #contents = new Map<string, string>();
  /** Looks at the files of a policy that have not begun. */
  readonly #looks = new Map<string, Promise<Prepared>>();

  constructor(settings: PoliciesSettings) {
    this.#settings = settings;
  }

  async prepare(choice: PolicyChoice): Promise<Result<PreparedPolicy, NoPolicy>> {
    return (await this.current(choice)).policy;
  }

  /** The same, and when it was read, in Unix seconds. */
  async current(choice: PolicyChoice): Promise<Pick<Prepared, "policy" | "readAtSeconds">> {
    const key = policyKey(choice);
    const known = this.#prepared.get(key);
    if (known !== undefined && !this.#settings.isPinned) return this.#look(key, choice);
    return this.#keep(key, known ?? this.#read(key, choice));
  }

  /**
   * Looks whether the files are as before. Everybody who asks in the same turn of the event loop is told by one look, which begins after
   * all of them have asked: so what each of them gets is as new as if they had looked alone, and a service under load reads its policy
   * once for many calls.
   */
  #look(key: string, choice: PolicyChoice): Promise<Prepared> {
    const waited = this.#looks.get(key);
    if (waited !== undefined) return waited;
    const look = new Promise<void>((resolve) => setImmediate(resolve)).then(async () => {
      this.#looks.delete(key);
      const known = this.#prepared.get(key);
      const isCurrent = known !== undefined && (await this.#isCurrent(choice, known));
      return this.#keep(key, isCurrent ? known : this.#read(key, choice));
    });
    this.#looks.set(key, look);
    return look;
  }

  /** As the one used last. */
  #keep(key: string, prepared: Prepared): Prepared {
    this.#prepared.delete(key);
    this.#prepared.set(key, prepared);
    this.#forgetOldest();
    return prepared;
  }

  /**
   * What is to be handed to other threads, so that they judge by the same: the policies that were read so far and that of `choice`, with all
   * the files that they name.
   */
  async snapshot(choice: PolicyChoice): Promise<PolicySnapshot> {
    await this.prepare(choice);
    for (const { policy, files } of this.#prepared.values()) {
      if (policy.ok) for (const path of policy.value.trustFiles) await files.readFile(path);
    }
    const policies = new Map([...this.#prepared].map(([key, { text }]) => [key, text]));
    const files = new Map([...this.#prepared.values()].flatMap((prepared) => [...prepared.files.read]));
    return { policies, files };
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

  /** A policy that could not be read is looked for again; one that could is compared, and then the keys that were read for it. */
  async #isCurrent(choice: PolicyChoice, { text, files }: Prepared): Promise<boolean> {
    if (!text.ok) return false;
    const now = readPolicy(choice, this.#settings);
    return now.ok && isSameText(now.value, text.value) && (await files.areUnchanged());
  }

  #read(key: string, choice: PolicyChoice): Prepared {
    const { known, readFile } = this.#settings;
    const files = new ReadFiles(async (path) => {
      const file = known?.files.get(path) ?? (await readFile(path));
      return file.ok && !this.#isAsBefore(`file ${path}`, file.value)
        ? fail({ kind: "unreadable", reason: changed })
        : file;
    });
    const text = this.#unchanged(key, known?.policies.get(key) ?? readPolicy(choice, this.#settings));
    const readAtSeconds = this.#settings.now();
    return text.ok
      ? { policy: this.#parse(text.value, files), sizeBytes: text.value.bytes.length, text, files, readAtSeconds }
      : { policy: text, sizeBytes: 0, text, files, readAtSeconds };
  }

  #unchanged(key: string, text: Result<PolicyText, NoPolicy>): Result<PolicyText, NoPolicy> {
    if (!text.ok || this.#isAsBefore(key, text.value.bytes)) return text;
    const { path } = text.value;
    return fail({ problem: { code: "policy.unreadable", path: path ?? "", reason: changed }, policyPath: path });
  }

  #isAsBefore(name: string, bytes: Uint8Array): boolean {
    if (!this.#settings.isPinned) return true;
    const content = sha256Hex(bytes);
    const before = this.#contents.get(name);
    this.#contents.set(name, before ?? content);
    return before === undefined || before === content;
  }

  #parse(text: PolicyText, files: ReadFiles): Result<PreparedPolicy, NoPolicy> {
    const { trace, now, isForOneImage, openPgp } = this.#settings;
    trace({ step: "policy", path: text.path, sizeBytes: text.bytes.length });
    const parsed = parsePolicyText(text);
    return parsed.ok
      ? ok(new PreparedPolicy(parsed.value, { readFile: files.readFile, now, isForOneImage }, openPgp))
      : fail(parsed.problem);
  }
}

const changed = "it has another content than when it was first read in this run";

interface Prepared {
  /** Or why this policy cannot be judged by. */
  readonly policy: Result<PreparedPolicy, NoPolicy>;
  readonly sizeBytes: number;
  readonly text: Result<PolicyText, NoPolicy>;
  /** The keys that were read for it. */
  readonly files: ReadFiles;
  readonly readAtSeconds: number;
}

function isSameText(left: PolicyText, right: PolicyText): boolean {
  return left.path === right.path && Buffer.compare(left.bytes, right.bytes) === 0;
}

/**
 * Key files that a policy was prepared with, and what was in them. Each is read once, however many requirements name it: two that had
 * read different contents would both be taken for what is there now.
 */
class ReadFiles {
  readonly read = new Map<string, TrustFile>();
  readonly #reading = new Map<string, Promise<TrustFile>>();
  readonly #readFile: ReadTrustFile;

  constructor(readFile: ReadTrustFile) {
    this.#readFile = readFile;
  }

  readonly readFile: ReadTrustFile = (path) => {
    const known = this.#reading.get(path);
    if (known !== undefined) return known;
    const reading = this.#read(path);
    this.#reading.set(path, reading);
    return reading;
  };

  async #read(path: string): Promise<TrustFile> {
    const content = await readSafely(this.#readFile, path);
    this.read.set(path, content);
    return content;
  }

  async areUnchanged(): Promise<boolean> {
    for (const [path, before] of this.read) {
      const now = await readSafely(this.#readFile, path);
      // A file that could not be read is another one as soon as it can be.
      const isSame = before.ok ? now.ok && Buffer.compare(before.value, now.value) === 0 : !now.ok;
      if (!isSame) return false;
    }
    return true;
  }
}

/** What a policy is called in a snapshot. */
export function policyKey(choice: PolicyChoice): string {
  switch (choice.kind) {
    case "default":
      return "default";
    case "file":
      return `file:${choice.path}`;
    case "text":
      return `text:${sha256Hex(Buffer.from(choice.text))}`;
  }
}
