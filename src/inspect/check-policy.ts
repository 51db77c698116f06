import type { RegistriesConfig, RegistriesProblem } from "../config/registries.ts";
import type { PathResolver } from "../identity/path-resolver.ts";
import { readPolicyFile } from "../policy/parse-policy.ts";
import { asksForSignature, type Policy } from "../policy/policy.ts";
import type { JsonPath } from "../policy/problem.ts";
import { trustFilesOf } from "../policy/trust-sources.ts";
import type { Result } from "../result.ts";
import type { ReadTrustFile } from "../trust/trust-content.ts";
import type { Finding } from "./findings.ts";
import { lintMaterial } from "./lint-material.ts";
import { lintRegistries, lintRegistriesFiles } from "./lint-registries.ts";
import { lintRequirement } from "./lint-requirement.ts";
import { lintNesting, lintScope, lintScopeMeaning, lintTransport } from "./lint-scope.ts";
import { isRelativeFile, MaterialReader } from "./material.ts";
import { Places } from "./places.ts";
import { type Section, sectionsOf } from "./walk.ts";

/** What of the machine a check looks at. */
export interface CheckHost {
  readonly readFile: ReadTrustFile;
  readonly nowSeconds: number;
  readonly paths: PathResolver;
  readonly registries: Result<RegistriesConfig, RegistriesProblem>;
  /** Whether every user of the machine can change a file that was read; without it, none is asked about. */
  readonly isWritableByAll?: (path: string) => boolean;
  /** Where the policy came from. */
  readonly policyPath?: string;
  /** It is in the working directory, where relative paths begin too: then nothing is said of them. */
  readonly isInWorkingDirectory?: boolean;
}

/**
 * All that is wrong with a policy, in the order of the file: what `parsePolicy` says, or, if it can be judged by, what is
 * wrong with the keys and certificates that it names, and what looks like a mistake.
 */
export async function checkPolicy(bytes: Uint8Array, host: CheckHost): Promise<CheckedPolicy> {
  const read = readPolicyFile(bytes, {});
  if (!read.ok) return { findings: read.problem, relativeFiles: [] };
  const { policy, text, json } = read.value;
  const check = new Check(policy, new Places(text, json), host);
  await check.run();
  const requirements = sectionsOf(policy).flatMap((section) => section.requirements);
  return {
    findings: check.findings.toSorted((a, b) => a.at.offset - b.at.offset),
    relativeFiles: trustFilesOf(requirements).filter((path) => !path.startsWith("/")),
  };
}

export interface CheckedPolicy {
  readonly findings: readonly Finding[];
  /** Keys and certificates whose paths begin wherever a program is started, each once. */
  readonly relativeFiles: readonly string[];
}

class Check {
  readonly findings: Finding[] = [];
  readonly #policy: Policy;
  readonly #places: Places;
  readonly #host: CheckHost;
  readonly #materials: MaterialReader;
  readonly #spokenOf = new Set<string>();

  constructor(policy: Policy, places: Places, host: CheckHost) {
    this.#policy = policy;
    this.#places = places;
    this.#host = host;
    this.#materials = new MaterialReader(host);
  }

  async run(): Promise<void> {
    const { registries } = this.#host;
    if (!registries.ok) {
      this.#atValue(
        { code: "lint.registries.unusable", source: registries.problem.path, reason: registries.problem.reason },
        [],
      );
    }
    const { policyPath } = this.#host;
    if (policyPath !== undefined && this.#host.isWritableByAll?.(policyPath) === true) {
      this.#atValue({ code: "lint.file.writable", source: policyPath }, []);
    }
    if (registries.ok) for (const lint of lintRegistriesFiles(registries.value)) this.#atValue(lint, []);
    for (const transport of this.#policy.transports.keys())
      this.#atKey(lintTransport(transport), ["transports", transport]);
    for (const section of sectionsOf(this.#policy)) await this.#checkSection(section);
  }

  async #checkSection(section: Section): Promise<void> {
    const { registries, paths } = this.#host;
    this.#atKey(lintScope(section, paths), section.path);
    this.#atKey(lintScopeMeaning(section), section.path);
    this.#atKey(lintNesting(section, this.#policy), section.path);
    const { transport, scope, requirements } = section;
    const isEverything = transport === undefined || (transport === "docker" && scope === "");
    if (isEverything && requirements.every(({ type }) => type === "insecureAcceptAnything")) {
      this.#atKey({ code: "lint.default.accepts-anything", transport }, section.path);
    }
    if (registries.ok) this.#atKey(lintRegistries(section, registries.value), section.path);
    for (const index of requirements.keys()) await this.#checkRequirement(section, index);
  }

  async #checkRequirement(section: Section, index: number): Promise<void> {
    const requirement = section.requirements[index];
    if (requirement === undefined) return;
    const path = [...section.path, index];
    const report = (lint: Flaw, at: JsonPath) => this.#atValue(lint, at);
    lintRequirement(requirement, { section, path, places: this.#places, report });
    if (!asksForSignature(requirement)) return;
    const { materials, problem } = await this.#materials.describe(requirement);
    if (problem !== undefined) this.#atValue(problem.problem, [...path, ...problem.path]);
    for (const material of materials) {
      const at = [...path, ...material.path];
      if (!material.content.ok) this.#atValue(material.content.problem, at);
      // A file that many scopes name is spoken of once, where it is named first.
      const name = `${material.role} ${material.source} ${material.sha256}`;
      if (this.#spokenOf.has(name)) continue;
      this.#spokenOf.add(name);
      for (const lint of lintMaterial(material, this.#host.nowSeconds)) this.#atValue(lint, at);
      const { source } = material;
      if (isRelativeFile(material) && this.#host.isInWorkingDirectory !== true) {
        this.#atValue({ code: "lint.key.relative-path", source }, at);
      }
    }
  }

  #atValue(flaw: Flaw, path: JsonPath): void {
    this.findings.push({ ...flaw, at: this.#places.ofValue(path), path });
  }

  #atKey(flaw: Flaw | undefined, path: JsonPath): void {
    if (flaw !== undefined) this.findings.push({ ...flaw, at: this.#places.ofKey(path), path });
  }
}

type Flaw = Finding extends infer F ? (F extends Finding ? Omit<F, "at" | "path"> : never) : never;
