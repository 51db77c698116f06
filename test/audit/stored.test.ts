import assert from "node:assert/strict";
import { globSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { AuditRunner } from "../support/audit/fleet.ts";
import { type PostgresServer, startPostgres, withoutPostgres } from "../support/postgres.ts";
import { runAside } from "../support/registry/run-aside.ts";
import { runtimes, sealcheck } from "../support/run.ts";
import { fixtures, storeCopy, stores } from "../support/stores.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const signed = {
  type: "signedBy",
  keyType: "GPGKeys",
  keyPath: join(fixtures, "keys", "gpg", "release-rsa4096.gpg"),
  signedIdentity: { type: "exactRepository", dockerRepository: "registry.example.com/vendor/app" },
};

function policyOf(docker: unknown): string {
  const path = join(temporaryDirectory(), "policy.json");
  writeFileSync(path, JSON.stringify({ default: [{ type: "reject" }], transports: { docker } }));
  return path;
}

const policy = policyOf({
  "registry.example.com/app": [signed],
  "localhost/built": [{ type: "insecureAcceptAnything" }],
});
const otherPolicy = policyOf({ "registry.example.com": [{ type: "insecureAcceptAnything" }] });

const storeOf = (root: string, driver = "vfs") => `containers-storage:[${driver}@${root}]`;
const all = [
  ...["signed", "index"].map((name) => storeOf(join(stores, name))),
  storeOf(join(stores, "overlay"), "overlay"),
];

for (const kind of ["SQLite", "PostgreSQL"] as const) {
  describe(`images that lie on machines: ${kind}`, {
    skip: kind === "PostgreSQL" ? withoutPostgres : undefined,
  }, () => {
    let server: PostgresServer | undefined;
    before(async () => {
      if (kind === "PostgreSQL") server = await startPostgres();
    });
    after(() => server?.stop());

    for (const runtime of runtimes) {
      const begun = async (): Promise<{ audit: AuditRunner; evidence: string }> => {
        const folder = temporaryDirectory();
        const place = server === undefined ? join(folder, "audit.sqlite") : server.url(await server.createDatabase());
        const audit = new AuditRunner(runtime, place);
        const evidence = join(folder, "evidence");
        await audit.run("init", [`--policy=${policy}`, `--evidence=${evidence}`, "--name=first"]);
        return { audit, evidence };
      };
      const directly = (by: string) =>
        all
          .flatMap((store) => {
            const args = ["verify-installable", "--all-images", "--format=jsonl", `--policy=${by}`, store];
            return sealcheck(runtime, args).stdout.trim().split("\n");
          })
          .map((line) => JSON.parse(line))
          .map(({ identity, outcome, code, manifest }) => [identity, outcome, code, manifest?.digest ?? null]);
      const found = async (audit: AuditRunner, name: string) =>
        [...(await audit.results(`--audit=${name}`)).values()].map(({ identity, outcome, code, digest }) => [
          ...[identity, outcome, code, digest],
        ]);

      it(`are judged as by verify-installable, ${runtime.name}`, async () => {
        const { audit } = await begun();
        assert.equal(
          await audit.run("add", ["--storage", "--machine=node-1", ...all]),
          "8 images of node-1 added to the audit first.\n",
        );
        // The same on another machine is something else, and nothing is added twice.
        assert.match(await audit.run("add", ["--storage", "--machine=node-2", all[0] ?? ""]), /^5 images of node-2 /);
        assert.equal(
          await audit.run("add", ["--storage", "--machine=node-2", all[0] ?? ""]),
          "0 images of node-2 added to the audit first; 5 were in it already.\n",
        );
        await audit.run("work", []);
        await audit.run("status", []);
        const [first = [], ...rest] = directly(policy);
        assert.equal(first[1], "accepted");
        const ofFirstStore = [first, ...rest].slice(0, 5);
        assert.deepEqual((await found(audit, "first")).sort(), [first, ...rest, ...ofFirstStore].sort());

        await audit.run("rejudge", [`--policy=${otherPolicy}`, "--name=second"]);
        await audit.run("work", []);
        const again = directly(otherPolicy);
        assert.deepEqual((await found(audit, "second")).sort(), [...again, ...again.slice(0, 5)].sort());
        // By its name, if that is clear.
        const explained = (...args: readonly string[]) =>
          runAside(audit.command("explain", "--audit=second", ...args), {});
        const clear = await explained("registry.example.com/multi:1.0");
        assert.match(clear.stdout, /^Accepted: registry\.example\.com\/multi:1\.0\n/);
        const unclear = await explained("docker://registry.example.com/app:stable");
        assert.deepEqual([unclear.code, unclear.stdout], [2, ""]);
        assert.match(unclear.stderr, / on several machines; name one, such as "node-1::.*" or "node-2::/);
        const report = await audit.run("report", ["--audit=second"], { code: 1 });
        assert.match(report, /^node-1::containers-storage +8 /m);
        assert.match(report, /^node-2::containers-storage +5 /m);
      });

      it(`what was kept and is gone has to be added again, ${runtime.name}`, async () => {
        const { audit, evidence } = await begun();
        const add = ["--storage", "--machine=node-1", all[0] ?? ""];
        await audit.run("add", add);
        for (const path of globSync(join(evidence, "sha256/??/*"))) rmSync(path);
        await audit.run("work", []);
        const lost = [...(await audit.results()).values()];
        assert.deepEqual(
          lost.map(({ outcome, code }) => [outcome, code]),
          lost.map(() => ["error", "image.source.unreadable"]),
        );
        assert.match(lost[0]?.reason ?? "", /audit add --storage/);
        assert.match(
          await audit.run("retry", []),
          /^0 images of the audit first are asked for again\.\n5 images lie on a machine, which can look at them again itself/,
        );
        assert.match(await audit.run("add", add), /^5 images of node-1 /);
        assert.match(await audit.run("status", [], { code: 1 }), /Images: 5; fetched 5, judged 0\n/);
        await audit.run("work", []);
        assert.match(await audit.run("status", []), /4 accepted, 1 rejected, 0 not verified/);
        const [[reference = ""] = []] = [...(await audit.results())].filter(
          ([, { outcome }]) => outcome === "accepted",
        );
        assert.match(
          await audit.run("explain", [reference]),
          /^The audit first says since .*: Accepted \(accepted\)\.$/m,
        );
      });

      it(`what cannot be read, ${runtime.name}`, async () => {
        const { audit } = await begun();
        const broken = storeCopy("signed", (images) => {
          for (const path of globSync(join(images, "*", "manifest"))) rmSync(path);
        });
        await audit.run("add", ["--storage", storeOf(broken)]);
        await audit.run("work", []);
        const codes = [...(await audit.results()).values()].map(({ code }) => code);
        assert.deepEqual([...new Set(codes)], ["image.source.changed"]);

        const asked = async (...args: readonly string[]) => {
          const { code, stderr } = await runAside(audit.command("add", ...args), {});
          return [code, stderr.split("\n")[0]];
        };
        const nowhere = temporaryDirectory();
        assert.deepEqual(await asked("--storage", storeOf(nowhere)), [
          2,
          `sealcheck: --storage "${storeOf(nowhere)}": ${nowhere} cannot be opened: there are no images in it as podman keeps them.`,
        ]);
        assert.deepEqual(await asked("--storage", "quay.io/app:1"), [
          2,
          'sealcheck: With --storage, REF is containers-storage: or containers-storage:[DRIVER@ROOT], and not "quay.io/app:1".',
        ]);
        assert.deepEqual(await asked("--storage", "--machine=a::b"), [
          2,
          'sealcheck: --machine is a name of letters, digits, dots, hyphens and underscores, and "a::b" is not.',
        ]);
        assert.deepEqual(await asked("--machine=a", "quay.io/app:1"), [
          2,
          "sealcheck: --machine makes no sense without --storage.",
        ]);
        assert.deepEqual(await asked("--storage", "--all-tags", "quay.io/app"), [
          2,
          "sealcheck: --all-tags and --storage do not go together.",
        ]);
      });
    }
  });
}
