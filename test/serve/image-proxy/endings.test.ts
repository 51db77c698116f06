/** How the image proxy ends, whatever its client does, and that it keeps nothing open of what was closed. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { after, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import type { Descriptor } from "../../../src/host/descriptors/channel.ts";
import { brokenLayer, largeLayer, missingDigest, sha256, smallLayer } from "../../support/image-proxy/images.ts";
import { policyPath, proxyImages, proxyStores, surroundings } from "../../support/image-proxy/play.ts";
import {
  closeClients,
  ProxyClient,
  type ReceivedReply,
  readPipe,
  socketArguments,
} from "../../support/image-proxy/proxy-client.ts";
import { fixtures } from "../../support/images.ts";
import { madeImage } from "../../support/registry/content.ts";
import { routesOf, startFaultServer } from "../../support/registry/fault-server.ts";
import { runtimes } from "../../support/run.ts";

after(closeClients);

const large = `sha256:${sha256(largeLayer)}`;
const small = `sha256:${sha256(smallLayer)}`;
const limit = { timeout: 120_000 };
const withoutProc = existsSync("/proc/self/fd") ? false : "there is no /proc";

/** Waits for what has to come, for half a minute. */
async function until(isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 1500 && !isSo(); i += 1) await pause(20);
}

for (const { name, command } of runtimes) {
  describe(`the image proxy ends, ${name}`, () => {
    const words = [...command, "experimental-image-proxy", "--policy", policyPath()];
    const start = async (...flags: readonly string[]): Promise<ProxyClient> => {
      const client = await ProxyClient.start([...words, ...flags, ...socketArguments], surroundings);
      assert.equal((await client.call("Initialize")).reply.success, true);
      return client;
    };
    const opened = async (): Promise<ProxyClient> => {
      const client = await start();
      assert.equal((await client.call("OpenImage", `dir:${proxyImages()}/oci`)).reply.value, 1);
      return client;
    };
    const close = (descriptors: readonly Descriptor[]) => {
      for (const descriptor of descriptors) descriptor.close();
    };
    const ended = async (client: ProxyClient, expected = 0) => {
      client.close();
      const { code, stdout } = await client.ended;
      assert.deepEqual({ code, stdout }, { code: expected, stdout: "" });
    };

    const leavings: readonly (readonly [string, (client: ProxyClient) => Promise<readonly Descriptor[]>])[] = [
      ["with an image open", async () => []],
      [
        "with a pipe that is full",
        async (client) => (await client.call("GetBlob", 1, large, largeLayer.length)).descriptors,
      ],
      ["with a pipe that was not finished", async (client) => (await client.call("GetManifest", 1)).descriptors],
      ["with both pipes of GetRawBlob", async (client) => (await client.call("GetRawBlob", 1, large)).descriptors],
      [
        "with many pipes",
        async (client) => {
          const all: Descriptor[] = [];
          for (let i = 0; i < 50; i += 1) all.push(...(await client.call("GetRawBlob", 1, large)).descriptors);
          return all;
        },
      ],
    ];
    for (const [title, leave] of leavings) {
      it(`its client goes without Shutdown, ${title}: what is under way is cut, and the code is 0`, limit, async () => {
        const client = await opened();
        const pipes = await leave(client);
        await ended(client);
        // They end, as nobody writes to them any more.
        for (const { bytes } of await Promise.all(pipes.map(readPipe))) assert.ok(bytes < largeLayer.length);
      });

      it(`its client goes and closes all, ${title}`, limit, async () => {
        const client = await opened();
        close(await leave(client));
        await ended(client);
      });

      it(`Shutdown, ${title}`, limit, async () => {
        const client = await opened();
        const pipes = await leave(client);
        await client.send('{"method":"Shutdown"}');
        assert.equal(await client.receive(), undefined);
        close(pipes);
        await ended(client);
      });
    }

    it("its client goes while FinishPipe waits for it: the code is 1, as there was an answer", limit, async () => {
      const client = await opened();
      const { reply, descriptors } = await client.call("GetBlob", 1, large, largeLayer.length);
      await client.send(JSON.stringify({ method: "FinishPipe", args: [reply.pipeid] }));
      client.close();
      close(descriptors);
      await ended(client, 1);
    });

    for (const [title, descriptor] of [
      ["a file", () => openSync("/dev/null", "r")],
      ["none", undefined],
    ] as const) {
      it(`what it is given is no socket, but ${title}: one line, and code 1 as skopeo's`, limit, async () => {
        const [file = "", ...args] = [...words, ...socketArguments];
        const given = descriptor?.();
        const child = spawn(file, args, {
          env: surroundings,
          stdio: ["ignore", "pipe", "pipe", ...(given === undefined ? [] : [given])],
        });
        let [stdout, stderr] = ["", ""];
        child.stdout?.on("data", (text) => (stdout += text));
        child.stderr?.on("data", (text) => (stderr += text));
        const code = await new Promise((resolve) => child.once("close", resolve));
        if (given !== undefined) closeSync(given);
        assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
        assert.match(stderr, /^[^\n]+\n$/);
      });
    }

    it("whatever a thousand packets have in them is answered, and then it goes on", limit, async () => {
      const client = await opened();
      for (let i = 0; i < 1000; i += 1) {
        const garbage = Buffer.from(
          Array.from({ length: 1 + ((i * 7) % 200) }, (_, at) => (i * 31 + at * at * 17) % 256),
        );
        await client.send(garbage);
        const answer: ReceivedReply | undefined = await client.receive();
        assert.equal(answer?.reply.error_code, "other", garbage.toString("hex"));
      }
      for (const length of [32_768, 32_769, 65_536, 150_000]) {
        await client.send(`{"method":"GetLayerInfo","args":[1],"x":"${"y".repeat(length)}"}`);
        assert.equal((await client.receive())?.reply.error_code, "other");
      }
      assert.equal((await client.call("GetLayerInfo", 1)).reply.success, true);
      await ended(client);
    });

    describe("descriptors", { skip: withoutProc }, () => {
      /** Does it often enough, and then as often again: there must be no more descriptors than after the first time. */
      const staysFlat = async (client: ProxyClient, rounds: number, round: () => Promise<void>) => {
        for (let i = 0; i < 5; i += 1) await round();
        const before = client.countDescriptors();
        for (let i = 0; i < rounds; i += 1) await round();
        // Those of pipes that end by themselves may be closed a little later.
        await until(() => client.countDescriptors() <= before);
        const afterwards = client.countDescriptors();
        assert.ok(afterwards <= before, `${before} became ${afterwards}`);
        await ended(client);
      };
      const finish = async (client: ProxyClient, reply: ReceivedReply, use: "read" | "drop") => {
        if (use === "drop") close(reply.descriptors);
        const reading = use === "read" ? reply.descriptors.map(readPipe) : [];
        if (reply.reply.pipeid !== 0) await client.call("FinishPipe", reply.reply.pipeid);
        await Promise.all(reading);
      };
      const round = async (client: ProxyClient, image: string) => {
        const { value } = (await client.call("OpenImage", image)).reply;
        assert.equal(typeof value, "number", image);
        for (const method of ["GetManifest", "GetFullConfig", "GetLayerInfoPiped"]) {
          await finish(client, await client.call(method, value), "read");
        }
        const { reply } = await client.call("GetLayerInfo", value);
        const layers: readonly { readonly digest: string; readonly size: number }[] = Object(reply.value);
        assert.ok(layers.length > 0);
        for (const { digest, size } of layers) {
          for (const use of ["read", "drop"] as const) {
            await finish(client, await client.call("GetBlob", value, digest, size), use);
            await finish(client, await client.call("GetRawBlob", value, digest), use);
          }
        }
        assert.equal((await client.call("CloseImage", value)).reply.success, true);
      };

      const images = [
        () => `dir:${proxyImages()}/oci`,
        () => `dir:${proxyImages()}/docker`,
        () => `oci:${fixtures}/layouts/app-oci:1.0`,
        () => `oci-archive:${fixtures}/layouts/app.oci.tar`,
        () => `docker-archive:${fixtures}/layouts/app.docker.tar`,
        () => `docker-archive:${fixtures}/archives/compressed-layers.docker.tar`,
        () => `containers-storage:[vfs@${proxyStores()}/layers-vfs+/run]registry.example.com/layers:1.0`,
      ];
      for (const image of images) {
        const shown = image().replace(/(?<=[:@])\/[^:\]+]*\//, "");
        it(`are as many after a hundred images as after a few: ${shown}`, limit, async () => {
          const client = await start();
          await staysFlat(client, 100, () => round(client, image()));
        });
      }

      it("are as many after a hundred images of a registry as after a few", limit, async () => {
        const server = await startFaultServer({
          routes: routesOf("app", madeImage([smallLayer, largeLayer], "1.0", "")),
        });
        const client = await start("--tls-verify=false");
        await staysFlat(client, 100, () => round(client, `docker://${server.address}/app:1.0`));
        await server.stop();
      });

      it("are as many after hundreds of failures as after a few", limit, async () => {
        const client = await opened();
        const broken = (await client.call("OpenImage", `dir:${proxyImages()}/broken`)).reply.value;
        await staysFlat(client, 100, async () => {
          for (const [method, ...args] of [
            ["OpenImage", `dir:${proxyImages()}/empty`],
            ["OpenImage", `dir:${proxyImages()}/no-manifest-json`],
            ["OpenImage", `oci:${fixtures}/layouts/app-oci:none`],
            ["OpenImageOptional", `oci-archive:${fixtures}/layouts/app.oci.tar:none`],
            ["OpenImage", `docker-archive:${fixtures}/layouts/app.docker.tar:no.example/such:tag`],
            ["OpenImage", `containers-storage:[vfs@${proxyStores()}/layers-vfs+/run]registry.example.com/none:1`],
            ["VerifyImage", `dir:${proxyImages()}/oci`, "x:y"],
            ["OpenImageWithIdentity", `oci:${fixtures}/layouts/app-oci:1.0`, "x:y"],
            ["GetBlob", 1, missingDigest, 1],
            ["GetRawBlob", 1, missingDigest],
            ["GetBlob", 1, small, 5],
            ["GetBlob", broken, large, brokenLayer.length],
            ["CloseImage", 99],
          ] as const) {
            await finish(client, await client.call(method, ...args), "read");
          }
        });
      });

      it("that come with requests are closed", limit, async () => {
        const client = await opened();
        const { descriptors, reply } = await client.call("GetManifest", 1);
        await staysFlat(client, 100, async () => {
          await client.send('{"method":"GetLayerInfo","args":[1]}', descriptors);
          assert.equal((await client.receive())?.reply.success, true);
        });
        assert.notEqual(reply.pipeid, 0);
        close(descriptors);
      });
    });
  });
}
