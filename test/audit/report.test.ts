import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { AuditRunner, type Fleet, startFleet } from "../support/audit/fleet.ts";
import { type PostgresServer, startPostgres, withoutPostgres } from "../support/postgres.ts";
import { runAside } from "../support/registry/run-aside.ts";
import { runtimes } from "../support/run.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const [, runtime] = runtimes;

for (const kind of ["SQLite", "PostgreSQL"] as const) {
  describe(`what an audit on ${kind} says`, { skip: kind === "PostgreSQL" ? withoutPostgres : undefined }, () => {
    let fleet: Fleet;
    let server: PostgresServer | undefined;
    let audit: AuditRunner;
    let addresses: readonly string[] = [];
    let list = "";
    before(async () => {
      [fleet, server] = await Promise.all([startFleet(2), kind === "PostgreSQL" ? startPostgres() : undefined]);
      addresses = fleet.registries.map(({ address }) => address);
      const folder = temporaryDirectory();
      list = join(folder, "images.txt");
      const references = addresses.flatMap((address) => [
        ...Array.from({ length: 20 }, (_, i) => `${address}/app-${i}:1.0`),
        ...Array.from({ length: 9 }, (_, i) => `${address}/app-${i}:nowhere`),
      ]);
      writeFileSync(list, [...references, "short"].join("\n"));
      const database = server === undefined ? join(folder, "a.sqlite") : server.url(await server.createDatabase());
      audit = new AuditRunner(runtime, database);
      await audit.run("init", [`--policy=${fleet.policy}`, `--evidence=${join(folder, "evidence")}`, "--name=first"]);
      await audit.run("add", [`--images=${list}`, ...fleet.options]);
      await audit.run("work", fleet.options);
      await audit.run("rejudge", [`--policy=${fleet.otherPolicy}`, "--name=second"]);
      await audit.run("work", fleet.options);
    });
    after(async () => {
      await fleet.stop();
      await server?.stop();
    });
    const report = (...args: readonly string[]) => audit.run("report", ["--audit=first", ...args], { code: 1 });

    it("in JSON, with causes, registries and signers", async () => {
      const document = JSON.parse(await report("--format=json"));
      assert.deepEqual(
        [document.finished, document.images, document.accepted, document.errors, document.policy.path],
        [true, 59, 40, 19, fleet.policy],
      );
      const sum = (items: readonly { readonly images: number }[]) => items.reduce((all, { images }) => all + images, 0);
      assert.equal(sum(document.causes), 59);
      assert.equal(sum(document.registries), 59);
      assert.equal(sum(document.signers), 40);
      assert.deepEqual(
        document.registries
          .slice(0, 2)
          .map(({ images, accepted, errors }: Record<string, number>) => [images, accepted, errors]),
        [
          [29, 20, 9],
          [29, 20, 9],
        ],
      );
      assert.deepEqual(document.left, { causes: 0, registries: 0, signers: 0 });
    });

    it("as text, where reasons that name the image are put together", async () => {
      const text = await report();
      assert.match(text, /Audit first: finished\n/);
      assert.match(text, /Not verified \(source\.not-found\): 13 images, such as .*\n {2}13 other reasons, such as: /);
      assert.match(text, /Registry +Images +Accepted +Rejected +Not verified\n/);
      assert.match(text, /Signed by/);
      assert.match(await report("--verbose"), /^(?!.*other reasons)/s);
    });

    it("as SARIF, a result for each cause", async () => {
      const [run] = JSON.parse(await report("--format=sarif")).runs;
      const found = run.results.map(({ ruleId, properties }: never) => [
        ruleId,
        (properties as { images: number }).images,
      ]);
      assert.deepEqual(
        new Set(found.map(([rule]: readonly [string]) => rule)),
        new Set(["source.not-found", "usage.reference.invalid"]),
      );
      assert.equal(
        found.reduce((all: number, [, images]: readonly [string, number]) => all + images, 0),
        19,
      );
      for (const { locations } of run.results) assert.ok(locations.length > 0 && locations.length <= 20);
      assert.equal(run.tool.driver.rules.length, 2);
    });

    it("as pages, which are all there and replace those before", async () => {
      const folder = temporaryDirectory();
      const path = join(folder, "audit.html");
      for (let times = 0; times < 2; times += 1) {
        await report(`--report=${path}`);
        const page = readFileSync(path, "utf8");
        const links = [...page.matchAll(/href="(audit\.html\.d\/[^"]+)"/g)].map(([, link = ""]) => link);
        const written = readdirSync(`${path}.d`);
        assert.deepEqual([...new Set(links)].map((link) => link.split("/")[1]).sort(), written.sort());
        assert.match(page, /40 of 59 images are accepted/);
        const all = written.map((name) => readFileSync(join(`${path}.d`, name), "utf8")).join("");
        for (const reference of readFileSync(list, "utf8").split("\n"))
          assert.ok(all.includes(`>${reference}<`), reference);
      }
    });

    it("nothing, where the page cannot be written", async () => {
      const folder = temporaryDirectory();
      const cases = [
        ["a link in place of the folder", (path: string) => symlinkSync(temporaryDirectory(), `${path}.d`)],
        ["a file in place of the folder", (path: string) => writeFileSync(`${path}.d`, "")],
        ["a folder in place of the page", (path: string) => mkdirSync(path)],
        ["a link in place of the page", (path: string) => symlinkSync("/dev/null", path)],
      ] as const;
      for (const [at, [what, prepare]] of cases.entries()) {
        const path = join(folder, `${at}.html`);
        prepare(path);
        const ended = await runAside(audit.command("report", `--report=${path}`), {});
        assert.deepEqual(
          [ended.code, /The report .* cannot be written/.test(ended.stderr)],
          [2, true],
          `${what}: ${ended.stderr}`,
        );
      }
    });

    it("of the difference to another, by kinds", async () => {
      const text = await audit.run("diff", ["first", "second"], { code: 1 });
      assert.match(text, /^Before: first\. Begun .*\nAfter: second\. Begun /s);
      assert.match(
        text,
        /20 images have another verdict, or another reason; where both have judged an image, it was by the\s+same/,
      );
      assert.match(text, /\nAccepted → Rejected: 20 images\n/);
      const document = JSON.parse(await audit.run("diff", ["first", "second", "--format=json"], { code: 1 }));
      assert.deepEqual(
        document.groups.map(({ before, after, images, otherImages }: never) => {
          const sides = [before, after] as { outcome: string }[];
          return [...sides.map(({ outcome }) => outcome), images, otherImages];
        }),
        [["accepted", "rejected", 20, 0]],
      );
      const lines = (await audit.run("diff", ["first", "second", "--format=jsonl"], { code: 1 })).trim().split("\n");
      assert.equal(lines.length, document.images);
    });

    it("of one image, by judging it again", async () => {
      const reference = `${addresses[0]}/app-1:1.0`;
      const accepted = await audit.run("explain", [`docker://${reference}`, "--audit=first"]);
      assert.match(accepted, /^Accepted: .*The audit first says since .*: Accepted \(accepted\)\.\n$/s);
      const rejected = JSON.parse(
        await audit.run("explain", [reference, "--audit=second", "--format=json"], { code: 1 }),
      );
      const line = (await audit.results("--audit=second")).get(reference);
      assert.deepEqual(
        [rejected.reference, rejected.outcome, rejected.code, rejected.reason, rejected.audit.agrees],
        [reference, line?.outcome, line?.code, line?.reason, true],
      );
      const direct = await runAside(
        [
          ...runtime.command,
          "verify-policy",
          `--policy=${fleet.otherPolicy}`,
          ...fleet.options,
          reference,
          "--format=jsonl",
        ],
        {},
      );
      const { audit: _, ...document } = rejected;
      assert.deepEqual(document, JSON.parse(direct.stdout));
      for (const [wrong, said] of [
        ["nobody.example.com/app:1.0", /has no image/],
        ["short", /names no image/],
      ] as const) {
        const ended = await runAside(audit.command("explain", wrong, "--audit=first"), {});
        assert.deepEqual([ended.code, said.test(ended.stderr.replaceAll(/\s+/g, " "))], [2, true], ended.stderr);
      }
    });
  });
}
