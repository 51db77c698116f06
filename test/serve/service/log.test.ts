import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, it } from "node:test";
import { sha256 } from "../../support/layouts.ts";
import { type Runtime, runtimes } from "../../support/run.ts";
import { fixturePolicyFile, temporaryDirectory } from "../../support/temporary.ts";
import { endRunning, RunningService, type ServiceClient, until } from "../../support/varlink/running-service.ts";
import { base64, identity, image, parameters, signed } from "../../support/varlink/signed-call.ts";

const unsigned = { ...parameters, signatures: [] };
const policyFile = fixturePolicyFile("sigstore-rsa.json");
const policy = `--policy=${policyFile}`;
const nobody = 65534;
const needsRoot = process.getuid?.() === 0 ? false : "only root can be somebody else";
const needsNamespace =
  spawnSync("unshare", ["--mount", "sh", "-c", "mount -t tmpfs tmpfs /run"]).status === 0
    ? false
    : "no mount namespace can be made here";

const journalScript = join(import.meta.dirname, "../../support/varlink/journal.py");
const inNamespace = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs tmpfs /run && exec "$@"', "sh"];

type Ask = (client: ServiceClient) => Promise<{ readonly error?: string }>;
const bytes =
  (more: object): Ask =>
  (client) =>
    client.call("Verify.VerifyBytes", { ...parameters, ...more });

/** A call, and the first line of what is logged of it; nothing of what is none of ours to tell. */
const told: readonly (readonly [string, Ask, string | undefined, RegExp?])[] = [
  ["an acceptance", bytes({}), undefined],
  ["a rejection", bytes({ signatures: [] }), `Rejected: ${identity}`, /^There is no signature|signature/m],
  ["an identity that makes no sense", bytes({ identity: "" }), "Not verified", /identity/],
  ["a signature that is none", bytes({ signatures: ["AAAA"] }), `Not verified: ${identity}`, /signature-1/],
  [
    "parameters that make no sense",
    bytes({ manifest: "*" }),
    "dev.sealcheck.Verify.VerifyBytes: a parameter makes no sense.",
  ],
  ["a method that there is not", (client) => client.call("Verify.Nothing"), undefined],
  [
    "an explanation of no identity",
    (client) => client.call("Verify.ExplainIdentity", { identity: "" }),
    "Not verified",
    /identity/,
  ],
  [
    "one of many",
    (client) => client.call("Verify.VerifyMany", { requests: [unsigned] }, { flags: { more: true } }),
    `Rejected: ${identity}`,
  ],
  [
    "an image that is rejected",
    (client) =>
      client.call("Image.Open", { identity: "other.example.com/x:1", directory_fd_index: 0 }, { open: [signed] }),
    "Rejected: other.example.com/x:1",
  ],
  [
    "a file in place of a directory",
    (client) =>
      client.call("Verify.VerifyDirectory", { identity, directory_fd_index: 0 }, { open: [join(signed, "version")] }),
    "The directory cannot be read: not a directory.",
  ],
  [
    "a blob that is not there",
    async (client) => {
      const { parameters: given } = await client.call(
        "Image.Open",
        { identity, directory_fd_index: 0 },
        { open: [signed] },
      );
      return client.call("Image.GetConfig", { image: given?.image });
    },
    "Not verified",
    /1ccd8e5cbf771eb6/,
  ],
];

type Field = "MESSAGE" | "PRIORITY" | "SEALCHECK_OUTCOME" | "SEALCHECK_CODE" | "SEALCHECK_PEER_PID";

/** As the journal gets it. `file`: not in the datagram itself. */
type Entry = { readonly [name in Field]?: string } & { readonly file?: boolean };

async function withService(
  runtime: Runtime,
  args: readonly string[],
  use: (service: RunningService, client: ServiceClient) => Promise<void>,
  starter?: readonly string[],
): Promise<void> {
  const service = await RunningService.start(runtime, [policy, ...args], {
    abstract: true,
    ...(starter === undefined ? {} : { starter }),
  });
  const client = service.connect();
  await use(service, client);
  client.close();
  assert.equal(await service.stop(), 0, service.stderr);
}

/** What was said since it began, once all of it is there: an entry behind it is. */
async function saidSince(before: number, service: RunningService, client: ServiceClient): Promise<string> {
  marks += 1;
  const mark = `mark-${marks}.example.com/x:1`;
  await client.call("Verify.VerifyBytes", { ...unsigned, identity: mark });
  await until(() => service.stderr.includes(`Rejected: ${mark}`));
  return service.stderr.slice(before, service.stderr.indexOf(`Rejected: ${mark}`));
}

let marks = 0;

afterEach(endRunning);

for (const runtime of runtimes) {
  describe(`the log on standard error, ${runtime.name}`, () => {
    it("what is refused is there once, with who asked, and nothing else is", async () => {
      await withService(runtime, [], async (service, client) => {
        for (const [name, ask, first, detail = /./] of told) {
          const before = service.stderr.length;
          await ask(client);
          const said = await saidSince(before, service, client);
          if (first === undefined) {
            assert.equal(said, "", name);
            continue;
          }
          const lines = said.split("\n");
          const headings = lines.filter((line) => line.includes("asked by user "));
          assert.equal(headings.length, 1, said);
          assert.equal(headings[0], lines[0]);
          assert.match(`${lines[0]}`, /^(.*) \([a-z.-]+, asked by user \d+, process \d+\)$/);
          assert.equal(lines[0]?.replace(/ \([a-z.-]+, asked by.*/, ""), first);
          assert.match(said, detail);
        }
      });
    });

    it("who asked is who connected", { skip: needsRoot }, async () => {
      await withService(runtime, [], async (service, client) => {
        const other = service.connect(nobody);
        const before = service.stderr.length;
        await other.call("Image.Open", { identity, reference: `dir:${signed}` });
        const said = await saidSince(before, service, client);
        assert.match(
          said,
          /^This service opens what is named by a reference only for root.* \(caller.reference, asked by user 65534, process \d+\)\n$/,
        );
        other.close();
      });
    });

    it("--debug: acceptances too", async () => {
      await withService(runtime, ["--debug"], async (service, client) => {
        await client.call("Verify.VerifyBytes", parameters);
        await until(
          () => /^Accepted: .*\(accepted, asked by user \d+, process \d+\)$/m.test(service.stderr),
          () => service.stderr,
        );
      });
    });

    it("what callers say cannot pass for lines of the log", async () => {
      await withService(runtime, [], async (service, client) => {
        const before = service.stderr.length;
        const hostile = "x\nRejected: forged\r\u001b[2J\u001b[31m\u0007\u009b\u202e\u2028\u0000<3>forged";
        for (const text of [hostile, `docker://${hostile}`, `registry.example.com/app@${hostile}`, `${hostile}:x`]) {
          await client.call("Verify.VerifyBytes", { ...parameters, identity: text });
          await client.call("Verify.ExplainIdentity", { identity: text });
          await client.call("Image.Open", { identity, reference: text });
          await client.call("Image.Open", { identity, reference: `dir:/${text.replaceAll("\0", "")}` });
          const layout = { identity, directory_fd_index: 0, directory_layout: "oci", image_name: text };
          await client.call("Image.Open", layout, { open: [signed] });
          const signature = Buffer.concat([Buffer.from([0xff]), Buffer.from(hostile), Buffer.from("\n{}")]);
          await client.call("Verify.VerifyBytes", { ...parameters, signatures: [base64(signature)] });
        }
        const said = await saidSince(before, service, client);
        assert.doesNotMatch(said, /^(Rejected: forged|<3>forged)/m);
        assert.doesNotMatch(said, /[^\n\P{Cc}]|[\u202e\u2028]/u);
        assert.match(said, /forged/);
      });
    });

    it("so much is told at once, then less, and how much was left out", async () => {
      await withService(runtime, [], async (service, client) => {
        const text = `${JSON.stringify({ method: "dev.sealcheck.Verify.VerifyBytes", parameters: unsigned })}\0`;
        const count = 2000;
        // No more at a time than the sockets hold: nobody reads meanwhile.
        for (let sent = 0; sent < count; sent += 20) await client.send([{ text, times: 20 }], { read: 20 });
        const leftOut = () => {
          const notes = [...service.stderr.matchAll(/^(\d+) messages before this one were left out$/gm)];
          return notes.reduce((sum, [, number]) => sum + Number(number), 0);
        };
        const entries = () => service.stderr.match(/^Rejected: /gm)?.length ?? 0;
        assert.ok(entries() < count / 2, `${entries()} entries`);
        let more = 0;
        for (const seen = leftOut(); leftOut() === seen || entries() + leftOut() < count + more; more += 1) {
          assert.ok(more < 5000);
          await client.call("Verify.VerifyBytes", unsigned);
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
        assert.ok(entries() >= 200);
      });
    });
  });

  describe(`the journal, ${runtime.name}`, { skip: needsNamespace }, () => {
    async function entriesOf(use: (client: ServiceClient) => Promise<void>): Promise<readonly Entry[]> {
      const out = join(temporaryDirectory(), "entries");
      await withService(
        runtime,
        [],
        async (service, client) => {
          await use(client);
          await client.call("Verify.VerifyBytes", { ...unsigned, identity: "mark.example.com/x:1" });
          await until(() => existsSync(out) && readFileSync(out, "utf8").includes("Rejected: mark.example.com/x:1"));
          assert.doesNotMatch(service.stderr, /Rejected|Not verified/);
        },
        [...inNamespace, "python3", journalScript, out],
      );
      const lines = readFileSync(out, "utf8").trimEnd().split("\n").slice(0, -1);
      return lines.map((line) => JSON.parse(line));
    }

    it("entries with their fields", async () => {
      const [rejection, failure, ...rest] = await entriesOf(async (client) => {
        await client.call("Verify.VerifyBytes", unsigned);
        await client.call("Verify.VerifyBytes", parameters);
        await client.call("Verify.VerifyBytes", { ...parameters, identity: "" });
      });
      assert.deepEqual(rest, []);
      const common = {
        MESSAGE_ID: "8f9c2d5c0b8e4f6c9d3a6a1f5e0c7b42",
        SYSLOG_IDENTIFIER: "sealcheck",
        SEALCHECK_PEER_UID: `${process.getuid?.()}`,
      };
      const { MESSAGE = "", SEALCHECK_PEER_PID, ...fields } = rejection ?? {};
      assert.match(MESSAGE, /^Rejected: registry\.example\.com\/vendor\/app:1\.0\n/);
      assert.match(`${SEALCHECK_PEER_PID}`, /^\d+$/);
      assert.deepEqual(fields, {
        ...common,
        PRIORITY: "5",
        SEALCHECK_OUTCOME: "rejected",
        SEALCHECK_CODE: "requirement.signature.missing",
        SEALCHECK_IDENTITY: `docker://${identity}`,
        SEALCHECK_DIGEST: `sha256:${sha256(image.manifest)}`,
        SEALCHECK_POLICY: policyFile,
      });
      assert.equal(failure?.SEALCHECK_CODE, "identity.empty");
      assert.equal(failure?.PRIORITY, "4");
      assert.equal(failure?.SEALCHECK_OUTCOME, "error");
    });

    it("what callers say makes no fields", async () => {
      const hostile = "docker://x\nPRIORITY=0\nSEALCHECK_OUTCOME=accepted\n";
      const entries = await entriesOf(async (client) => {
        await client.call("Verify.VerifyBytes", { ...parameters, identity: hostile });
        await client.call("Verify.VerifyBytes", { ...parameters, identity: `nothing${hostile}` });
      });
      for (const entry of entries) {
        assert.equal(entry.PRIORITY, "4");
        assert.equal(entry.SEALCHECK_OUTCOME, "error");
      }
      assert.equal(entries.length, 2);
    });

    it("however much callers say, an entry is of some lines", async () => {
      const long = "a".repeat(500_000);
      const entries = await entriesOf(async (client) => {
        await client.call("Verify.VerifyBytes", { ...unsigned, identity: `dir:/${long}` });
        await client.call("Verify.VerifyBytes", { ...unsigned, identity: long });
        const signatures = Array(900).fill(base64(Buffer.from("what is no signature")));
        await client.call("Verify.VerifyBytes", { ...unsigned, signatures });
        await client.call("Image.Open", { identity, reference: `dir:/${long}` });
      });
      assert.equal(entries.length, 4);
      for (const entry of entries) {
        assert.equal(entry.file, undefined);
        assert.ok(JSON.stringify(entry).length < 20_000, entry.MESSAGE);
      }
    });

    it("where there is none: lines with their severity", async () => {
      await withService(
        runtime,
        [],
        async (service, client) => {
          await client.call("Verify.VerifyBytes", unsigned);
          await until(
            () => /^<5>Rejected: /m.test(service.stderr),
            () => service.stderr,
          );
          const said = service.stderr.slice(service.stderr.indexOf("<5>"));
          for (const line of said.trimEnd().split("\n")) assert.match(line, /^<5>/);
        },
        [...inNamespace, "python3", journalScript, "nowhere"],
      );
    });
  });
}
