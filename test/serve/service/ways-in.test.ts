import assert from "node:assert/strict";
import { existsSync, lstatSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, it } from "node:test";
import { python, pythonIsMissing } from "../../support/descriptors.ts";
import { dirLayout, ociManifestType, sha256 } from "../../support/layouts.ts";
import { acceptAnything } from "../../support/policies.ts";
import { runtimes, sealcheck } from "../../support/run.ts";
import { fixturePolicyFile, temporaryDirectory } from "../../support/temporary.ts";
import { pythonClient } from "../../support/varlink/python-client.ts";
import {
  endRunning,
  newAddress,
  RunningService,
  type ServedReply,
  until,
} from "../../support/varlink/running-service.ts";
import { identity, image, parameters, signed } from "../../support/varlink/signed-call.ts";

const policy = `--policy=${fixturePolicyFile("sigstore-rsa.json")}`;
const directory = [{ identity, directory_fd_index: 0 }, { open: [signed] }] as const;
const needsRoot = process.getuid?.() === 0 ? false : "only root can act for somebody else";
/** Larger than a pipe holds: it is under way until somebody reads it. */
const large = Buffer.alloc(300_000, "a layer; ");

/** Varlink as text, without descriptors. */
const messages = (...calls: readonly object[]): string => calls.map((call) => `${JSON.stringify(call)}\0`).join("");

afterEach(endRunning);

const { missing, python: withClient } = await pythonClient();

for (const runtime of runtimes) {
  describe(`activation, ${runtime.name}`, () => {
    it("a socket that listens: many connections, and its file is left to whoever made it", async () => {
      const service = await RunningService.start(runtime, [policy], { activation: "listen" });
      const clients = [service.connect(), service.connect()];
      for (const client of [...clients, ...clients]) {
        const { parameters: given, files } = await client.call("Verify.VerifyDirectory", ...directory);
        assert.equal(given?.verdict?.outcome, "accepted");
        assert.equal(files[0]?.sha256, sha256(image.manifest));
      }
      for (const client of clients) client.close();
      assert.equal(await service.stop(), 0, service.stderr);
      assert.ok(existsSync(service.address));
    });

    for (const activation of ["connection", "stdio"] as const) {
      it(`a connection (${activation}): descriptors and all, and it ends with it`, async () => {
        const service = await RunningService.start(runtime, activation === "stdio" ? ["--stdio", policy] : [policy], {
          activation,
        });
        const client = service.connect();
        for (let round = 0; round < 3; round += 1) {
          const { parameters: given, files } = await client.call("Verify.VerifyDirectory", ...directory);
          assert.equal(given?.verdict?.outcome, "accepted");
          assert.equal(files[0]?.sha256, sha256(image.manifest));
        }
        client.close();
        assert.equal(await service.ended, 0, service.stderr);
      });

      it(`a connection (${activation}): SIGTERM ends it`, async () => {
        const service = await RunningService.start(runtime, activation === "stdio" ? ["--stdio", policy] : [policy], {
          activation,
        });
        const client = service.connect();
        assert.equal((await client.call("Verify.VerifyBytes", parameters)).error, undefined);
        assert.equal(await service.stop(), 0, service.stderr);
        assert.deepEqual((await client.send([], { read: "end" })).replies, [null]);
        client.close();
      });
    }

    it("a connection that says no more is answered to its last call", async () => {
      const service = await RunningService.start(runtime, [policy], { activation: "connection" });
      const client = service.connect();
      const call = { method: "dev.sealcheck.Verify.VerifyBytes", parameters };
      const { replies } = await client.send([{ text: messages(call, call, call) }], { shut: true, read: "end" });
      assert.deepEqual(
        replies.map((reply) => reply?.parameters?.verdict?.outcome),
        ["accepted", "accepted", "accepted", undefined],
      );
      assert.equal(await service.ended, 0, service.stderr);
      client.close();
    });

    it("a socket as input alone: who wrote to it has their own rights, and not ours", { skip: needsRoot }, async () => {
      const address = newAddress(true);
      const service = await RunningService.start(runtime, ["--stdio", policy], { activation: "stdin", address });
      const client = service.connect(65534);
      const reference = { identity, reference: `dir:${signed}` };
      await client.replies("Image.Open", reference, { noReply: true });
      await until(
        () => service.stderr.includes("only for root and for its own user"),
        () => service.stderr,
      );
      assert.match(service.stderr, /asked by user 65534, process \d+\)/);
      client.close();
      assert.equal(await service.ended, 0, service.stderr);
    });

    const wrong: readonly (readonly [string, Readonly<Record<string, string>>, "connection" | "file", RegExp])[] = [
      ["for another process", { LISTEN_PID: "1" }, "connection", /--listen/],
      ["for nobody", { LISTEN_PID: "" }, "connection", /--listen/],
      ["no number of descriptors", { LISTEN_FDS: "one" }, "connection", /--listen/],
      ["none", { LISTEN_FDS: "0" }, "connection", /--listen/],
      ["more than there are", { LISTEN_FDS: "400" }, "connection", /Descriptor \d+ is not/],
      ["a file in place of a socket", {}, "file", /Descriptor 3 is not a socket/],
    ];
    for (const [name, env, activation, said] of wrong) {
      it(`${name}: it says so, and ends`, async () => {
        const service = await RunningService.start(runtime, [policy], { activation, env });
        const client = activation === "file" ? undefined : service.connect();
        assert.equal(await service.ended, 2);
        await until(
          () => said.test(service.stderr),
          () => service.stderr,
        );
        client?.close();
      });
    }

    it("--idle-timeout: it ends once nobody was connected for so long, and not while somebody is", async () => {
      const service = await RunningService.start(runtime, [policy, "--idle-timeout=1"], { activation: "listen" });
      const client = service.connect();
      assert.equal((await client.call("Verify.VerifyBytes", parameters)).error, undefined);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      assert.equal((await client.call("Verify.VerifyBytes", parameters)).error, undefined);
      client.close();
      assert.equal(await service.ended, 0, service.stderr);
    });
  });

  // What Node's spawn calls a pipe is a socket for each direction.
  for (const [kind, shell] of [
    ["pipes", 'cat | "$@" | cat'],
    ["two sockets", undefined],
  ] as const) {
    describe(`--stdio over ${kind}, ${runtime.name}`, () => {
      function answers(shell: string | undefined, ...calls: readonly object[]): readonly ServedReply[] {
        const surroundings = { input: messages(...calls), ...(shell === undefined ? {} : { shell }) };
        const { code, stdout, stderr } = sealcheck(runtime, ["serve", "--stdio", policy], surroundings);
        assert.equal(code, 0, stderr);
        assert.ok(stdout.endsWith("\0"));
        return stdout
          .slice(0, -1)
          .split("\0")
          .map((text) => JSON.parse(text));
      }

      it("calls are answered in their order, and it ends with its input", () => {
        const bytes = { method: "dev.sealcheck.Verify.VerifyBytes", parameters };
        const unsigned = { method: "dev.sealcheck.Verify.VerifyBytes", parameters: { ...parameters, signatures: [] } };
        const replies = answers(
          shell,
          bytes,
          unsigned,
          { method: "org.varlink.service.GetInfo" },
          { method: "x.Y" },
          bytes,
        );
        assert.deepEqual(
          replies.map(({ parameters: given, error }) => given?.verdict?.outcome ?? error ?? given?.product),
          ["accepted", "rejected", "sealcheck", "org.varlink.service.InterfaceNotFound", "accepted"],
        );
      });

      it("what needs descriptors is refused", () => {
        const image = { image: 1 };
        const [sent, opened, ...rest] = answers(
          shell,
          { method: "dev.sealcheck.Verify.VerifyDirectory", parameters: directory[0] },
          { method: "dev.sealcheck.Image.Open", parameters: { identity, reference: `dir:${signed}` } },
          { method: "dev.sealcheck.Image.GetManifest", parameters: image },
          { method: "dev.sealcheck.Image.GetConfig", parameters: image },
          { method: "dev.sealcheck.Image.GetBlob", parameters: { ...image, digest: `sha256:${"0".repeat(64)}` } },
        );
        assert.equal(sent?.error, "org.varlink.service.InvalidParameter");
        assert.equal(opened?.parameters?.image, 1, JSON.stringify(opened));
        for (const reply of rest) {
          assert.equal(reply.error, "dev.sealcheck.Image.NotPermitted");
          assert.equal(reply.parameters?.code, "caller.descriptors");
        }
      });
    });
  }

  describe(`--listen, ${runtime.name}`, () => {
    const modes: readonly (readonly [string, readonly string[], number, number, number])[] = [
      ["root's alone unless it is said", [], 0o600, 0, 0],
      ["as it is said", ["--listen-mode=0666"], 0o666, 0, 0],
      ["three digits", ["--listen-mode=660"], 0o660, 0, 0],
      ["a user and a group", ["--listen-owner=65534:1234", "--listen-mode=0660"], 0o660, 65534, 1234],
      ["a user", ["--listen-owner=65534"], 0o600, 65534, 0],
    ];
    for (const [name, options, mode, userId, groupId] of modes) {
      it(`the file: ${name}`, { skip: needsRoot }, async () => {
        const service = await RunningService.start(runtime, [policy, ...options]);
        const { mode: made, uid, gid } = lstatSync(service.address);
        assert.deepEqual([made & 0o7777, uid, gid], [mode, userId, groupId]);
        assert.equal(await service.stop(), 0, service.stderr);
        assert.equal(existsSync(service.address), false);
      });
    }

    it("a file that is left over from a service that was killed", async () => {
      const killed = await RunningService.start(runtime, [policy]);
      killed.process.kill("SIGKILL");
      await killed.ended;
      assert.ok(lstatSync(killed.address).isSocket());
      const service = await RunningService.start(runtime, [policy], { address: killed.address });
      const client = service.connect();
      assert.equal((await client.call("Verify.VerifyBytes", parameters)).error, undefined);
      client.close();
      assert.equal(await service.stop(), 0, service.stderr);
    });

    for (const abstract of [false, true]) {
      it(`where somebody listens${abstract ? " on a name" : ""}: who is there first stays`, async () => {
        const first = await RunningService.start(runtime, [policy], { abstract });
        const client = first.connect();
        const second = await RunningService.start(runtime, [policy], { address: first.address });
        assert.equal(await second.ended, 2);
        await until(
          () => second.stderr.includes("Somebody listens on"),
          () => second.stderr,
        );
        const late = first.connect();
        for (const each of [client, late]) {
          assert.equal((await each.call("Verify.VerifyBytes", parameters)).error, undefined);
          each.close();
        }
        assert.equal(await first.stop(), 0, first.stderr);
      });
    }

    it("where a file is: it is left alone", () => {
      const path = join(temporaryDirectory(), "precious");
      writeFileSync(path, "precious");
      const { code, stderr } = sealcheck(runtime, ["serve", `--listen=unix:${path}`, policy]);
      assert.equal(code, 2);
      assert.match(stderr, /is a file, and not a socket/);
      assert.equal(readFileSync(path, "utf8"), "precious");
    });

    const senseless: readonly (readonly string[])[] = [
      ["--listen=tcp:127.0.0.1:1"],
      ["--listen=unix:"],
      ["--listen=unix:@"],
      [`--listen=unix:/tmp/${"x".repeat(120)}`],
      ["--listen=unix:/nonexistent/directory/socket"],
      ["--listen=unix:@name", "--listen-mode=0600"],
      ["--listen=unix:@name", "--listen-owner=0"],
      ["--listen=unix:/tmp/x", "--listen-mode=0999"],
      ["--listen=unix:/tmp/x", "--listen-mode=4755"],
      ["--listen=unix:/tmp/x", "--listen-owner=root"],
      ["--listen=unix:/tmp/x", "--stdio"],
      ["--stdio", "--listen-mode=0600"],
      ["--listen-mode=0600"],
      [],
    ];
    for (const options of senseless) {
      it(`${options.join(" ").slice(0, 60) || "nothing"}: usage, and nobody listens`, () => {
        const { code, stdout, stderr } = sealcheck(runtime, ["serve", ...options, policy]);
        assert.equal(code, 2, stderr);
        assert.equal(stdout, "");
        assert.notEqual(stderr, "");
      });
    }
  });

  describe(`the end, ${runtime.name}`, () => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      it(`${signal}: a call under way is answered, those behind it are not, and who is idle is let go`, async () => {
        const manifest = JSON.stringify({
          schemaVersion: 2,
          mediaType: ociManifestType,
          config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: `sha256:${sha256("")}`, size: 0 },
          layers: [
            {
              mediaType: "application/vnd.oci.image.layer.v1.tar",
              digest: `sha256:${sha256(large)}`,
              size: large.length,
            },
          ],
        });
        const path = dirLayout(manifest, { [sha256(large)]: large });
        const service = await RunningService.start(runtime, [`--policy=${acceptAnything}`]);
        const [client, idle] = [service.connect(), service.connect()];
        await idle.call("Verify.GetStatus");
        const { parameters: opened } = await client.call("Image.Open", directory[0], { open: [path] });
        const digest = `sha256:${sha256(large)}`;
        const { parameters: given, files } = await client.call("Image.GetBlob", { image: opened?.image, digest });
        const finish = { method: "dev.sealcheck.Image.FinishBlob", parameters: { blob: given?.blob } };
        const status = { method: "dev.sealcheck.Verify.GetStatus" };
        await client.send([{ text: messages(finish, status) }]);
        // Once this is answered, that call is under way too: it was sent before.
        await idle.call("Verify.GetStatus");
        service.process.kill(signal);
        assert.deepEqual((await idle.send([], { read: "end" })).replies, [null]);
        await until(() => !existsSync(service.address));
        assert.equal(service.process.exitCode, null);
        assert.equal((await client.readPipe(files[0] ?? {})).sha256, sha256(large));
        const { replies } = await client.send([], { read: "end" });
        assert.deepEqual(replies, [{ parameters: { size_bytes: large.length } }, null]);
        assert.equal(await service.ended, 0, service.stderr);
        for (const each of [client, idle]) each.close();
      });
    }

    it("SIGTERM: all replies to a call come that has many", async () => {
      const service = await RunningService.start(runtime, [policy], { abstract: true });
      const client = service.connect();
      const requests = Array.from({ length: 3000 }, (_, number) => ({ ...parameters, id: `${number}` }));
      const call = { method: "dev.sealcheck.Verify.VerifyMany", parameters: { requests }, more: true };
      const first = await client.send([{ text: messages(call) }], { read: 1 });
      assert.equal(first.replies[0]?.parameters?.verdict?.outcome, "accepted");
      service.process.kill("SIGTERM");
      const { replies } = await client.send([], { read: "end" });
      assert.equal(replies.length, requests.length);
      assert.equal(replies.at(-2)?.parameters?.id, "2999");
      assert.equal(await service.ended, 0, service.stderr);
      client.close();
    });

    it("SIGTERM twice: it is not waited for", async () => {
      const service = await RunningService.start(runtime, [policy], { abstract: true });
      const client = service.connect();
      const half = { method: "dev.sealcheck.Verify.GetStatus" };
      await client.send([{ text: messages(half).slice(0, -1) }]);
      service.process.kill("SIGTERM");
      assert.equal(await service.ended, 0, service.stderr);
      client.close();
    });
  });

  describe(`sd_notify, ${runtime.name}`, { skip: pythonIsMissing }, () => {
    for (const abstract of [false, true]) {
      it(`READY=1 once it listens, STOPPING=1 at its end${abstract ? ", to a name" : ""}`, async () => {
        const [place, address] = [newAddress(abstract), newAddress()];
        const mark = join(temporaryDirectory(), "it-listens");
        const heard = python(receiver, { args: [place, address, mark] });
        if (!abstract) await until(() => existsSync(place));
        else await until(() => readFileSync("/proc/net/unix", "utf8").includes(place));
        const service = await RunningService.start(runtime, [policy], { address, env: { NOTIFY_SOCKET: place } });
        await until(() => existsSync(mark));
        assert.equal(await service.stop(), 0, service.stderr);
        assert.deepEqual((await heard.ended).trim().split("\n"), ["READY=1", "it listens", "STOPPING=1"]);
      });
    }

    it("where nobody hears it: it serves all the same", async () => {
      for (const place of ["/nonexistent", "nothing", "@", "@sealcheck-nobody", ""]) {
        const env = { NOTIFY_SOCKET: place };
        const service = await RunningService.start(runtime, [policy], { abstract: true, env });
        const client = service.connect();
        assert.equal((await client.call("Verify.VerifyBytes", parameters)).error, undefined);
        client.close();
        assert.equal(await service.stop(), 0, service.stderr);
      }
    });
  });

  describe(`varlink's client for Python, ${runtime.name}`, { skip: missing }, () => {
    it("reads the descriptions, and has its verdicts", async () => {
      const service = await RunningService.start(runtime, [policy]);
      const calls = JSON.stringify(parameters);
      const { stdout } = await withClient("-c", clientCalls, `unix:${service.address}`, calls);
      assert.deepEqual(stdout.trim().split("\n"), [
        "org.varlink.service,dev.sealcheck.Verify,dev.sealcheck.Image",
        "accepted key",
        "rejected requirement.signature.missing",
        "dev.sealcheck.Verify.IdentityInvalid identity.empty",
        "org.varlink.service.InvalidParameter manifest_digest",
        "[(0, 'a', 'accepted'), (1, 'b', 'rejected')]",
        "dev.sealcheck.Image.HandleUnknown 7",
        "sealcheck",
      ]);
      assert.equal(await service.stop(), 0, service.stderr);
    });
  });
}

/** Hears what is told, and tries at READY=1 whether somebody listens. */
const receiver = `
place, address, mark = sys.argv[1:]
heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
heard.settimeout(60)
heard.bind("\\0" + place[1:] if place.startswith("@") else place)
news = ""
while news != "STOPPING=1":
    news = heard.recv(4096).decode()
    print(news)
    if news == "READY=1":
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM).connect(address)
        print("it listens")
        open(mark, "w").close()
`;

const clientCalls = `
import json, sys, varlink
client = varlink.Client(sys.argv[1])
call = json.loads(sys.argv[2])
print(",".join(client.get_interfaces()))
def fails(ask):
    try:
        ask()
    except varlink.VarlinkError as error:
        told = error.parameters()
        print(error.error(), told.get("code", told.get("parameter", told.get("handle"))))
with client.open("dev.sealcheck.Verify", namespaced=False) as connection:
    verdict = connection.VerifyBytes(**call)["verdict"]
    print(verdict["outcome"], verdict["requirements"][0]["signatures"][0]["signer"]["kind"])
    verdict = connection.VerifyBytes(call["identity"], call["manifest"], None, [])["verdict"]
    print(verdict["outcome"], verdict["code"])
    fails(lambda: connection.VerifyBytes(**{**call, "identity": ""}))
    fails(lambda: connection.VerifyBytes(identity=call["identity"], signatures=[]))
    requests = [{**call, "id": "a"}, {**call, "id": "b", "signatures": []}]
    print([(r["index"], r["id"], r["verdict"]["outcome"]) for r in connection.VerifyMany(requests, _more=True)])
with client.open("dev.sealcheck.Image") as connection:
    fails(lambda: connection.GetLayerInfo(7))
print(client.info["product"] if hasattr(client, "info") else client.open("org.varlink.service").GetInfo()["product"])
`;
