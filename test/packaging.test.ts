import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { globSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, it } from "node:test";
import { parse, parseAllDocuments } from "yaml";
import { parseArguments } from "../src/cli/arguments/parse-arguments.ts";
import { temporaryDirectory } from "./support/temporary.ts";

const units = globSync("packaging/systemd/*.service").sort();
assert.ok(units.length > 1);

const cannotAnalyse =
  spawnSync("systemd-analyze", ["--version"]).error === undefined ? false : "systemd-analyze is not installed";

/** Whether these are words that the command line takes, and for which command. */
function commandOf(words: readonly string[]): string {
  const parsed = parseArguments(words).invocation;
  assert.ok(parsed.ok && parsed.value.kind === "run", JSON.stringify([words, parsed]));
  return parsed.value.command;
}

/** An instance of a template has something behind its `@`. */
const instanceOf = (unit: string): string => basename(unit).replace("@.", "@1.");

for (const unit of units) {
  describe(`the unit of systemd ${basename(unit)}`, () => {
    const text = readFileSync(unit, "utf8");

    it("exposes next to nothing", { skip: cannotAnalyse }, () => {
      const { stdout } = spawnSync("systemd-analyze", ["security", "--offline=true", unit], { encoding: "utf8" });
      const [, level = ""] = /Overall exposure level for \S+: ([\d.]+)/.exec(stdout) ?? [];
      assert.notEqual(level, "", stdout);
      assert.ok(Number(level) <= 2, `exposure level ${level}`);
    });

    it("is one that systemd has nothing to say of", { skip: cannotAnalyse }, () => {
      const folder = temporaryDirectory();
      for (const name of readdirSync("packaging/systemd")) {
        // The program is not installed where the tests are run.
        const content = readFileSync(join("packaging/systemd", name), "utf8").replace(
          "/usr/bin/sealcheck",
          "/bin/true",
        );
        writeFileSync(join(folder, instanceOf(name)), content);
      }
      const args = ["verify", "--man=no", join(folder, instanceOf(unit))];
      const { status, stderr } = spawnSync("systemd-analyze", args, { encoding: "utf8" });
      assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
    });

    it("starts a command that there is, with options that it takes", () => {
      const [, words = ""] = /^ExecStart=\/usr\/bin\/sealcheck (.*)$/m.exec(text) ?? [];
      assert.equal(commandOf(words.split(" ")), unit.includes("audit") ? "audit work" : "serve");
    });
  });
}

describe("packaging/compose.yaml", () => {
  const text = readFileSync("packaging/compose.yaml", "utf8");
  const { services, secrets, networks, volumes }: ComposeFile = parse(text, { merge: true });

  interface ComposeFile {
    readonly services: Readonly<Record<string, Service>>;
    readonly secrets: Readonly<Record<string, { readonly file: string }>>;
    readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
    readonly volumes: Readonly<Record<string, unknown>>;
  }
  interface Service {
    readonly image: string;
    readonly pull_policy?: string;
    readonly entrypoint?: readonly string[];
    readonly command?: readonly string[];
    readonly environment?: Readonly<Record<string, string>>;
    readonly secrets?: readonly string[];
    readonly networks?: readonly string[];
    readonly volumes?: readonly string[];
    readonly read_only?: boolean;
    readonly cap_drop?: readonly string[];
  }
  const { worker } = services;
  const own = Object.entries(services).filter(([, { image }]) => image === "sealcheck");

  it("its services run commands that there are, of an image that is made here", () => {
    assert.deepEqual(
      own.map(([name, { command, entrypoint }]) => [name, entrypoint ? "another program" : commandOf(command ?? [])]),
      [
        ["evidence", "another program"],
        ["worker", "audit work"],
        ["admin", "audit status"],
      ],
    );
    for (const [name, { pull_policy }] of own) assert.equal(pull_policy, "never", name);
  });

  it("what its head says to run are commands that there are", () => {
    const said = [...text.matchAll(/^# +docker compose run --rm (?:-T )?admin (audit .*)$/gm)];
    const commands = said.map(([, words = ""]) => commandOf(words.replace(/ < .*/, "").split(" ")));
    assert.deepEqual(commands, ["audit init", "audit add", "audit status"]);
  });

  it("its workers cannot write but to evidence, and see the secrets that they need alone", () => {
    for (const name of ["worker", "admin"]) {
      const { read_only, cap_drop, volumes: mounted = [] } = services[name] ?? { image: "" };
      assert.deepEqual({ read_only, cap_drop }, { read_only: true, cap_drop: ["ALL"] }, name);
      assert.deepEqual(
        mounted.filter((volume) => !volume.endsWith(":ro")),
        ["evidence:/evidence"],
      );
    }
    assert.deepEqual(worker?.secrets, ["pgpass-worker", "auth"]);
    const { database } = networks;
    assert.equal(database?.internal, true);
  });

  it("what its services name is there", () => {
    for (const [name, service] of Object.entries(services)) {
      for (const secret of service.secrets ?? []) assert.ok(secret in secrets, `${name}: ${secret}`);
      for (const network of service.networks ?? []) assert.ok(network in networks, `${name}: ${network}`);
      for (const volume of service.volumes ?? []) {
        const [source = ""] = volume.split(":");
        if (!source.startsWith("./")) assert.ok(source in volumes, `${name}: ${source}`);
        else if (source !== "./prod") readFileSync(join("packaging", source));
      }
    }
    const { PGPASSFILE: passwordFile, ...environment } = worker?.environment ?? {};
    assert.equal(passwordFile, "/run/secrets/pgpass-worker");
    assert.deepEqual(
      Object.values(environment).filter((value) => /passw/i.test(value)),
      [],
    );
  });
});

describe("packaging/kubernetes/audit-worker.yaml", () => {
  interface Container {
    readonly image: string;
    readonly args?: readonly string[];
    readonly env?: readonly { readonly name: string }[];
    readonly securityContext: unknown;
    readonly resources: { readonly requests: object; readonly limits: { readonly memory?: string } };
    readonly volumeMounts: readonly { readonly name: string; readonly readOnly?: boolean }[];
  }
  interface Pod {
    readonly securityContext: { readonly runAsNonRoot?: boolean };
    readonly automountServiceAccountToken: boolean;
    readonly initContainers: readonly Container[];
    readonly containers: readonly Container[];
    readonly volumes: readonly { readonly name: string }[];
  }
  const documents = parseAllDocuments(readFileSync("packaging/kubernetes/audit-worker.yaml", "utf8"));
  const jobs: readonly { readonly kind: string; readonly spec: { parallelism: number; template: { spec: Pod } } }[] =
    documents.map((document) => document.toJS());
  const [job] = jobs;
  assert.ok(job !== undefined && jobs.length === 1);
  const pod = job.spec.template.spec;

  it("is a Job of several workers, which runs a command that there is", () => {
    assert.deepEqual(
      documents.flatMap(({ errors, warnings }) => [...errors, ...warnings]),
      [],
    );
    assert.equal(job.kind, "Job");
    assert.ok(job.spec.parallelism > 1);
    assert.deepEqual(
      pod.containers.map(({ args }) => commandOf(args ?? [])),
      ["audit work"],
    );
  });

  it("is confined, and has no secret but in files", () => {
    assert.equal(pod.securityContext.runAsNonRoot, true);
    assert.equal(pod.automountServiceAccountToken, false);
    const volumes = pod.volumes.map(({ name }) => name);
    for (const { image, securityContext, resources, volumeMounts, env = [] } of [
      ...pod.initContainers,
      ...pod.containers,
    ]) {
      // Not a name that somebody could have in a registry.
      assert.match(image, /^REGISTRY\//);
      assert.deepEqual(securityContext, {
        ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
        capabilities: { drop: ["ALL"] },
      });
      assert.ok(resources.limits.memory !== undefined && "memory" in resources.requests);
      for (const { name } of volumeMounts) assert.ok(volumes.includes(name), name);
      assert.ok(!env.some(({ name }) => name === "PGPASSWORD"));
    }
  });
});
