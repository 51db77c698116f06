import assert from "node:assert/strict";
import { globSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { AuditRunner, assertLikeDirect, directVerdicts, type Fleet, startFleet } from "../support/audit/fleet.ts";
import { type PostgresServer, startPostgres, withoutPostgres } from "../support/postgres.ts";
import { runAside } from "../support/registry/run-aside.ts";
import { type Runtime, runtimes } from "../support/run.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const kinds = ["SQLite", "PostgreSQL"] as const;

for (const kind of kinds) {
  describe(`audits on ${kind}`, { skip: kind === "PostgreSQL" ? withoutPostgres : undefined, concurrency: 3 }, () => {
    let fleet: Fleet;
    let server: PostgresServer | undefined;
    before(async () => {
      [fleet, server] = await Promise.all([startFleet(1), kind === "PostgreSQL" ? startPostgres() : undefined]);
    });
    after(async () => {
      await fleet.stop();
      await server?.stop();
    });
    const newAudit = async (runtime: Runtime): Promise<{ audit: AuditRunner; evidence: string }> => {
      const folder = temporaryDirectory();
      const database = server === undefined ? join(folder, "audit.sqlite") : server.url(await server.createDatabase());
      return { audit: new AuditRunner(runtime, database), evidence: join(folder, "evidence") };
    };

    for (const runtime of runtimes) {
      it(`from the list to the report, ${runtime.name}`, async () => {
        // One of its own, whose requests are counted.
        const fleet = await startFleet(2);
        const { audit, evidence } = await newAudit(runtime);
        const [first, second] = fleet.registries.map(({ address }) => address);
        const references = [
          ...Array.from({ length: 20 }, (_, i) => `${first}/app-${i}:1.0`),
          ...Array.from({ length: 20 }, (_, i) => `docker://${second}/app-${i}:1.0`),
          ...[
            `${first}/app-1:nowhere`,
            `${first}/app-1:1.1`,
            "short",
            `other.example.com/app@sha256:${"0".repeat(63)}`,
          ],
        ];
        const list = join(temporaryDirectory(), "images.txt");
        writeFileSync(list, references.join("\n"));

        await audit.run("init", [`--policy=${fleet.policy}`, `--evidence=${evidence}`, "--name=first"]);
        const added = await audit.run("add", [`--images=${list}`, ...fleet.options]);
        assert.match(added, /^44 images added/);
        assert.match(await audit.run("add", [`--images=${list}`, ...fleet.options]), /^0 images added/);
        assert.match(await audit.run("status", [], { code: 1 }), /fetched 0, judged 0/);
        const workers = Array.from({ length: 2 }, () =>
          runAside(audit.command("work", "--jobs=2", ...fleet.options), {}, { timeoutMs: 120_000 }),
        );
        for (const ended of await Promise.all(workers)) assert.equal(ended.code, 0, ended.stderr);
        assert.match(await audit.run("status", []), /finished/);

        assertLikeDirect(await audit.results(), await directVerdicts(runtime, fleet, references));
        assert.match(await audit.run("report", [], { code: 1 }), /Rejected \(.*\): .*\n {2}/);

        await audit.run("rejudge", [`--policy=${fleet.otherPolicy}`, "--name=second"]);
        const { manifests } = (await fleet.registries[0]?.counts()) ?? {};
        await audit.run("work", fleet.options);
        const { manifests: since } = (await fleet.registries[0]?.counts()) ?? {};
        assert.equal(since, manifests, "no registry is asked again");
        const difference = await audit.run("diff", ["first", "second", "--format=jsonl"], { code: 1 });
        const changed = difference
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line).reference);
        assert.deepEqual(changed.sort(), [...references.slice(0, 20), `${first}/app-1:1.1`].sort());
        assert.match(await audit.run("diff", ["first", "first"]), /say the same/);

        await audit.run("init", [`--policy=${fleet.policy}`, `--evidence=${evidence}`, "--name=again"]);
        await audit.run("add", [`--images=${list}`, ...fleet.options]);
        await audit.run("work", fleet.options);
        assert.match(await audit.run("diff", ["first", "again"]), /say the same/);
        const { manifests: sent = 0 } = (await fleet.registries[0]?.counts()) ?? {};
        // That which is not there is asked for in full.
        assert.equal(sent - (since ?? 0), 1, "what has not changed is not sent again");
        await fleet.stop();
      });

      // A registry that does not answer is given up after half a minute.
      if (runtime.name === "executable")
        it("all tags, and what is asked for again", async () => {
          const { audit, evidence } = await newAudit(runtime);
          const own = await startFleet(1);
          const [registry] = own.registries;
          assert.ok(registry);
          await audit.run("init", [`--policy=${own.policy}`, `--evidence=${evidence}`, "--park=1"]);
          await audit.run("add", ["--all-tags", `${registry.address}/many`, ...own.options]);
          await registry.behave("dead");
          const working = runAside(audit.command("work", ...own.options), {}, { timeoutMs: 120_000 });
          const ended = await working;
          assert.equal(ended.code, 0, ended.stderr);
          const lost = await audit.results();
          assert.deepEqual(
            [...lost.values()].map(({ reference, code }) => [reference, code]),
            [[`${registry.address}/many`, "source.unreachable"]],
          );
          await registry.behave("well");
          assert.match(await audit.run("retry", []), /^1 image /);
          await audit.run("work", own.options);
          const found = await audit.results();
          assert.deepEqual(
            [...found.values()].map(({ reference, outcome }) => [reference.replace(registry.address, ""), outcome]),
            [
              ["/many:1.0", "accepted"],
              ["/many:1.1", "rejected"],
              ["/many:1.2", "rejected"],
            ],
          );
          await own.stop();
        });

      it(`what was spoiled is fetched again, ${runtime.name}`, async () => {
        const fleet = await startFleet(1);
        const { audit, evidence } = await newAudit(runtime);
        const [registry] = fleet.registries;
        await audit.run("init", [`--policy=${fleet.policy}`, `--evidence=${evidence}`, "--name=one"]);
        const references = Array.from({ length: 6 }, (_, i) => `${registry?.address}/app-${i}:1.0`);
        await audit.run("add", [...references, ...fleet.options]);
        await audit.run("work", fleet.options);
        const contents = globSync(join(evidence, "sha256/??/*"));
        assert.ok(contents.length >= 18);
        for (const [at, path] of contents.entries()) {
          if (at % 3 === 0) rmSync(path);
          else if (at % 3 === 1) writeFileSync(path, "something else");
        }
        await audit.run("rejudge", [`--policy=${fleet.policy}`, "--name=two", "--require-signed"]);
        const ended = await runAside(audit.command("work", ...fleet.options), {}, { timeoutMs: 60_000 });
        assert.equal(ended.code, 0, ended.stderr);
        const results = await audit.results("--audit=two");
        assert.deepEqual(
          references.map((reference) => results.get(reference)?.outcome),
          references.map(() => "accepted"),
        );
        rmSync(evidence, { recursive: true });
        mkdirSync(evidence, { mode: 0o700 });
        await audit.run("rejudge", [`--policy=${fleet.otherPolicy}`, "--name=three"]);
        const told = await runAside(audit.command("work", ...fleet.options), {}, { interruptWhen: later(3000) });
        assert.match(told.stderr, /cannot be used/, "what is not mounted is not made");
        await fleet.stop();
      });

      it(`what cannot be, ${runtime.name}`, async () => {
        const { audit, evidence } = await newAudit(runtime);
        const place = `--evidence=${evidence}`;
        const asked = (name: string, ...args: readonly string[]) => runAside(audit.command(name, ...args), {});
        const early = await asked("status");
        assert.deepEqual([early.code, /There are no audits in /.test(early.stderr)], [2, true], early.stderr);
        const broken = join(temporaryDirectory(), "policy.json");
        writeFileSync(broken, "{}");
        assert.equal((await asked("init", `--policy=${broken}`, place)).code, 3);
        await audit.run("init", [`--policy=${fleet.policy}`, place, "--name=one"]);
        const again = await asked("init", `--policy=${fleet.policy}`, place, "--name=one");
        assert.deepEqual([again.code, /There is an audit "one" already/.test(again.stderr)], [2, true], again.stderr);
        const unknown = await asked("status", "--audit=two");
        assert.deepEqual(
          [unknown.code, /no audit "two"; there is one/.test(unknown.stderr)],
          [2, true],
          unknown.stderr,
        );
        assert.equal((await asked("init", `--policy=${fleet.policy}`, place, "--rate=often")).code, 2);
        const coded = async (name: string, ...args: readonly string[]) =>
          JSON.parse((await asked(name, ...args, "--format=json")).stdout).code;
        assert.equal(await coded("init", `--policy=${fleet.policy}`, place, "--name=one"), "usage.audit.exists");
        assert.equal(await coded("status", "--audit=two"), "usage.audit.unknown");
        const nowhere = "--evidence=/dev/null/evidence";
        assert.equal(await coded("init", `--policy=${fleet.policy}`, nowhere), "usage.evidence.unusable");
        const { audit: none } = await newAudit(runtime);
        const unset = await runAside(none.command("status", "--format=json"), {});
        assert.equal(JSON.parse(unset.stdout).code, "usage.database.unusable");
        assert.equal((await asked("add")).code, 2);
        // What somebody types is told at once; with and without docker:// it is one image.
        for (const operand of ["", "short", "dir:/tmp", "https://registry.example.com/app"]) {
          const refused = await asked("add", operand);
          assert.deepEqual([refused.code, refused.stdout], [2, ""], operand);
        }
        const twice = ["docker://registry.example.com/app:1.0", "registry.example.com/app:1.0"];
        assert.equal((await asked("add", ...twice)).stdout, "1 image added to the audit one.\n");
        assert.equal((await asked("add", ...twice)).stdout, "0 images added to the audit one; 1 was in it already.\n");
        assert.match((await asked("diff", "one", "one")).stdout, /say the same/);
        for (const flawed of ["--name=a\nb", "--evidence=ftp://host/evidence", `--evidence=${evidence}/not/there`]) {
          assert.equal(
            (await asked("init", `--policy=${fleet.policy}`, ...(flawed.startsWith("--name") ? [place] : []), flawed))
              .code,
            2,
            flawed,
          );
        }
        const noServer = await runAside([...runtime.command, "audit", "status", "--db=mysql://host/audits"], {});
        assert.deepEqual([noServer.code, /neither a file nor postgres:/.test(noServer.stderr)], [2, true]);
        const withoutKey = join(temporaryDirectory(), "policy.json");
        const keyPath = join(temporaryDirectory(), "gone.pub");
        writeFileSync(withoutKey, JSON.stringify({ default: [{ type: "sigstoreSigned", keyPath }] }));
        const warned = await asked("init", `--policy=${withoutKey}`, place, "--name=without");
        assert.deepEqual(
          [warned.code, warned.stderr],
          [
            0,
            `sealcheck: the policy names ${keyPath}, which cannot be read: images that need it will not be verified\n`,
          ],
        );
        assert.equal((await asked("add", "--all-tags", "registry.example.com/app:1.0")).code, 2);
      });
    }
  });
}

/** Is so after a while. */
function later(milliseconds: number): () => boolean {
  const end = Date.now() + milliseconds;
  return () => Date.now() > end;
}
