/** What is only looked at with `--blobs=head`: the reference has no such thing, so the situations do not say. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Route } from "../../support/registry/fault-server.ts";
import { runAside } from "../../support/registry/run-aside.ts";
import { buildScene } from "../../support/registry/situation.ts";
import * as c from "../../support/registry/situations/common.ts";
import { addUrls } from "../../support/registry/situations/contents.ts";
import { runtimes } from "../../support/run.ts";

const place = "http://layers.example.com/l";
const { layer } = addUrls([place]);

describe("a layer that is elsewhere, looked at", { concurrency: 4 }, () => {
  const rows: readonly (readonly [
    what: string,
    P: Readonly<Record<string, Route>>,
    code: string,
    asked: readonly string[],
  ])[] = [
    ["is there", { [place]: { body: layer } }, "accepted", [`HEAD ${place}`]],
    ["has another size", { [place]: { body: "another" } }, "image.blob.corrupt", [`HEAD ${place}`]],
    [
      "where HEAD is not known",
      { [`HEAD ${place}`]: { status: 405 }, [`GET ${place}`]: { body: layer } },
      "accepted",
      [`HEAD ${place}`, `GET ${place}`],
    ],
    ["is not there", {}, "image.blob.missing", [`HEAD ${place}`, `GET ${place}`]],
    ["is refused", { [place]: { status: 403 } }, "source.refused", [`HEAD ${place}`, `GET ${place}`]],
  ];
  for (const { name: runtime, command } of runtimes) {
    for (const [what, P, code, asked] of rows) {
      it(`${what} (${runtime})`, async () => {
        const scene = await buildScene(
          c.situation("", {
            policy: c.acceptAnything,
            servers: { A: c.primary(addUrls([place], { isThere: true }).image), P: { routes: P } },
            env: { HTTP_PROXY: "http://@P@" },
          }),
        );
        try {
          const words = scene.args.filter((word) => word !== "--blobs" && word !== "none");
          const ended = await runAside(
            [...command, ...words.slice(0, -1), "--blobs=head", ...words.slice(-1)],
            scene.env,
          );
          const verdict = JSON.parse(ended.stdout) as { code: string };
          const { P: seen = [] } = scene.requests();
          assert.deepEqual([verdict.code, seen], [code, asked], ended.stdout + ended.stderr);
        } finally {
          await scene.stop();
        }
      });
    }
  }
});
