/** Registries with as many signed images as there are names, and the command that audits them. */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runAside } from "../registry/run-aside.ts";
import { newSigstoreKey } from "../registry/sign.ts";
import { type StubRegistry, startStubRegistry } from "../registry/start-stub-registry.ts";
import type { Runtime } from "../run.ts";
import { temporaryDirectory } from "../temporary.ts";

export interface Fleet {
  readonly registries: readonly StubRegistry[];
  readonly folder: string;
  /** Accepts images that are signed for what they are called. */
  readonly policy: string;
  /** Accepts nothing of the first registry. */
  readonly otherPolicy: string;
  /** Options that let registries be asked without TLS. */
  readonly options: readonly string[];
  stop(): Promise<void>;
}

export async function startFleet(count: number): Promise<Fleet> {
  const key = newSigstoreKey();
  const registries = await Promise.all(Array.from({ length: count }, () => startStubRegistry(key)));
  const folder = temporaryDirectory();
  chmodSync(folder, 0o700);
  const keyPath = join(folder, "key.pub");
  writeFileSync(keyPath, registries[0]?.publicPem ?? "");
  const signedIdentity = (prefix: string) => ({
    ...{ type: "remapIdentity", prefix, signedPrefix: "registry.example.com" },
  });
  const scopes = registries.map(({ address }) => [
    address,
    [{ type: "sigstoreSigned", keyPath, signedIdentity: signedIdentity(address) }],
  ]);
  const policyOf = (docker: object) => JSON.stringify({ default: [{ type: "reject" }], transports: { docker } });
  const policy = join(folder, "policy.json");
  writeFileSync(policy, policyOf(Object.fromEntries(scopes)));
  const otherPolicy = join(folder, "other.json");
  writeFileSync(otherPolicy, policyOf(Object.fromEntries(scopes.slice(1))));
  const conf = join(folder, "registries.conf");
  writeFileSync(
    conf,
    registries.map(({ address }) => `[[registry]]\nlocation = "${address}"\ninsecure = true\n`).join("\n"),
  );
  const places = join(folder, "registries.d");
  mkdirSync(places);
  writeFileSync(join(places, "default.yaml"), "default-docker:\n  use-sigstore-attachments: true\n");
  return {
    ...{ registries, folder, policy, otherPolicy },
    options: [`--registries-conf=${conf}`, `--registries.d=${places}`],
    stop: async () => {
      for (const registry of registries) await registry.stop();
    },
  };
}

/** Runs a command of `audit` on a database. */
export class AuditRunner {
  readonly #runtime: Runtime;
  readonly #database: string;

  readonly #timeoutMs: number;

  constructor(runtime: Runtime, database: string, { timeoutMs = 120_000 }: { readonly timeoutMs?: number } = {}) {
    this.#runtime = runtime;
    this.#database = database;
    this.#timeoutMs = timeoutMs;
  }

  command(name: string, ...args: readonly string[]): readonly string[] {
    return [...this.#runtime.command, "audit", name, `--db=${this.#database}`, ...args];
  }

  /** @returns what it prints. */
  async run(name: string, args: readonly string[], { code = 0 }: { readonly code?: number } = {}): Promise<string> {
    const ended = await runAside(this.command(name, ...args), {}, { timeoutMs: this.#timeoutMs });
    assert.equal(ended.code, code, `audit ${name}: ${ended.stdout}${ended.stderr}`);
    return ended.stdout;
  }

  /** The images of an audit as it reports them, by their references. */
  async results(...args: readonly string[]): Promise<ReadonlyMap<string, AuditLine>> {
    const ended = await runAside(this.command("report", "--format=jsonl", ...args), {}, { timeoutMs: this.#timeoutMs });
    const lines: readonly AuditLine[] = ended.stdout
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line));
    return new Map(lines.map((line) => [line.reference, line]));
  }
}

/** What `verify-policy` says of the same images. */
export async function directVerdicts(
  runtime: Runtime,
  fleet: Pick<Fleet, "policy" | "options">,
  references: readonly string[],
): Promise<readonly DirectLine[]> {
  const list = join(temporaryDirectory(), "images.txt");
  writeFileSync(list, references.join("\n"));
  const asked = [`--policy=${fleet.policy}`, ...fleet.options, `--images=${list}`, "--format=jsonl"];
  const ended = await runAside([...runtime.command, "verify-policy", ...asked], {}, { timeoutMs: 600_000 });
  const lines = ended.stdout.trim().split("\n");
  assert.equal(lines.length, references.length, ended.stderr);
  return lines.map((line) => JSON.parse(line));
}

/** Each image has one result, and it is what `verify-policy` says of it. */
export function assertLikeDirect(results: ReadonlyMap<string, AuditLine>, direct: readonly DirectLine[]): void {
  assert.equal(results.size, direct.length);
  for (const { reference, outcome, code, reason, pinned = null, manifest } of direct) {
    // An audit has it as it is without.
    const result = results.get(reference.replace(/^docker:\/\//, ""));
    assert.deepEqual(
      {
        ...{ reference, outcome: result?.outcome, code: result?.code, pinned: result?.pinned, digest: result?.digest },
        // Of an accepted image an audit says who signed, and verify-policy what it is.
        ...(outcome === "accepted" ? {} : { reason: result?.reason }),
      },
      {
        ...{ reference, outcome, code, pinned, digest: manifest?.digest ?? null },
        ...(outcome === "accepted" ? {} : { reason }),
      },
    );
  }
}

/** Of the JSON lines of `verify-policy`. */
export interface DirectLine {
  readonly reference: string;
  readonly outcome: string;
  readonly code: string;
  readonly reason: string;
  readonly pinned?: string;
  readonly manifest?: { readonly digest: string };
}

export interface AuditLine {
  readonly reference: string;
  readonly identity: string | null;
  readonly outcome: string | null;
  readonly code: string | null;
  readonly reason: string | null;
  readonly pinned: string | null;
  readonly digest: string | null;
}
