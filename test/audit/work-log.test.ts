import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { renameSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { AuditRunner, startFleet } from "../support/audit/fleet.ts";
import { leftIn, opened } from "../support/audit-databases.ts";
import { startPostgres, withoutPostgres } from "../support/postgres.ts";
import { runtimes } from "../support/run.ts";
import { temporaryDirectory } from "../support/temporary.ts";

/** A worker, and what it says. */
class Worker {
  stderr = "";
  readonly ended: Promise<number | null>;
  readonly #stop: () => void;

  constructor([file = "", ...args]: readonly string[]) {
    const child = spawn(file, args, { env: {}, stdio: ["ignore", "ignore", "pipe"] });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    this.ended = new Promise((resolve) => child.once("close", resolve));
    this.#stop = () => void child.kill("SIGTERM");
    // Whatever becomes of the test.
    after(() => void child.kill("SIGKILL"));
  }

  async says(pattern: RegExp): Promise<void> {
    for (const end = Date.now() + 60_000; !pattern.test(this.stderr); await sleep(50)) {
      assert.ok(Date.now() < end, `waited in vain for ${pattern}: ${this.stderr}`);
    }
  }

  stop(): Promise<number | null> {
    this.#stop();
    return this.ended;
  }
}

for (const runtime of runtimes) {
  describe(`what a worker says while it waits, ${runtime.name}`, () => {
    it("that a registry is left alone", async () => {
      const fleet = await startFleet(1);
      const audit = new AuditRunner(runtime, join(temporaryDirectory(), "audit.sqlite"));
      const evidence = `--evidence=${join(temporaryDirectory(), "evidence")}`;
      await audit.run("init", [`--policy=${fleet.policy}`, evidence, "--park=60"]);
      const [registry] = fleet.registries;
      await registry?.behave("dead");
      await audit.run("add", [`${registry?.address}/app-1:1.0`, ...fleet.options]);
      const worker = new Worker(audit.command("work", "--jobs=2", ...fleet.options));
      await worker.says(/\n/);
      assert.match(
        worker.stderr,
        /^sealcheck: waiting: registries that do not answer, or asked for it, are left alone: 127\.0\.0\.1:\d+ for \d+ s\n$/,
      );
      assert.match(await audit.run("status", [], { code: 1 }), /1 image of 127\.0\.0\.1:\d+; left alone for /);
      assert.equal(await worker.stop(), 0);
      await fleet.stop();
    });

    it("what it cannot reach, once, and that it goes on; and what it had is nobody's at once", async () => {
      const fleet = await startFleet(1);
      const place = join(temporaryDirectory(), "audit.sqlite");
      const audit = new AuditRunner(runtime, place);
      const evidence = join(temporaryDirectory(), "evidence");
      await audit.run("init", [`--policy=${fleet.policy}`, `--evidence=${evidence}`]);
      const [address] = fleet.registries.map((registry) => registry.address);
      const references = Array.from({ length: 20 }, (_, at) => `${address}/app-${at}:1.0`);
      await audit.run("add", [...references, ...fleet.options]);
      renameSync(evidence, `${evidence}.away`);
      const worker = new Worker(audit.command("work", "--jobs=3", "--lease=600", ...fleet.options));
      await worker.says(/\n/);
      await sleep(2500);
      assert.equal(await worker.stop(), 0);
      assert.match(
        worker.stderr,
        /^sealcheck: waiting, and then going on: [^\n]+ cannot be used: no such file or directory\.\n$/,
      );
      // Not after ten minutes.
      renameSync(`${evidence}.away`, evidence);
      const next = new Worker(audit.command("work", ...fleet.options));
      assert.deepEqual([await next.ended, next.stderr], [0, ""]);
      const database = await opened(place);
      assert.equal(await leftIn(database), 0);
      await database.close();

      const telling = new Worker(audit.command("work", "--wait", ...fleet.options));
      renameSync(evidence, `${evidence}.kept`);
      await audit.run("add", [`${address}/app-1:1.1`, ...fleet.options]);
      await telling.says(/waiting, and then/);
      renameSync(`${evidence}.kept`, evidence);
      await telling.says(/sealcheck: going on\n$/);
      assert.equal(await telling.stop(), 0);
      await fleet.stop();
    });

    it("that the server is away, once", { skip: withoutPostgres }, async () => {
      const fleet = await startFleet(1);
      const server = await startPostgres();
      const audit = new AuditRunner(runtime, server.url(await server.createDatabase()));
      const evidence = `--evidence=${join(temporaryDirectory(), "evidence")}`;
      await audit.run("init", [`--policy=${fleet.policy}`, evidence]);
      const worker = new Worker(audit.command("work", "--wait", ...fleet.options));
      await sleep(1500);
      await server.stop();
      await worker.says(/cannot be reached/);
      await sleep(3000);
      await server.start();
      await audit.run("add", [`${fleet.registries[0]?.address}/app-1:1.0`, ...fleet.options]);
      await worker.says(/going on\n$/);
      assert.equal(await worker.stop(), 0);
      // One reason for each way in which a connection ends.
      const lines = worker.stderr.trim().split("\n");
      assert.equal(new Set(lines).size, lines.length, worker.stderr);
      await Promise.all([fleet.stop(), server.stop()]);
    });
  });
}
