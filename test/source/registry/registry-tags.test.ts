import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HttpClient } from "../../../src/host/http/http-client.ts";
import { parseNormalizedNamed } from "../../../src/identity/docker-reference.ts";
import { maxTagListBytes, maxTags } from "../../../src/limits.ts";
import { ok } from "../../../src/result.ts";
import { Endpoint } from "../../../src/source/registry/endpoint.ts";
import { RegistryClient } from "../../../src/source/registry/registry-client.ts";
import { listTags } from "../../../src/source/registry/registry-tags.ts";
import { Requester } from "../../../src/source/registry/requester.ts";
import { Secrets } from "../../../src/source/registry/secrets.ts";
import { type Answer, type Route, registryError, startFaultServer } from "../../support/registry/fault-server.ts";

const list = "/v2/vendor/app/tags/list";

/** The tags, or the code of the problem; and what was asked for. */
async function listed(routes: Readonly<Record<string, Route>>): Promise<{ said: unknown; asked: readonly string[] }> {
  const server = await startFaultServer({ routes: { "/v2/": { body: "{}" }, ...routes } });
  const http = new HttpClient({ connectSeconds: 5, answerSeconds: 5, bodySeconds: 5 });
  try {
    const connection = { isUnverified: true };
    const options = {
      http,
      host: server.address,
      connectionTo: () => ok(connection),
      secrets: new Secrets(),
      userAgent: "test",
      now: Date.now,
    };
    const named = parseNormalizedNamed(`${server.address}/vendor/app`);
    assert.ok(named.ok);
    const client = new RegistryClient(new Requester(options), {
      isInsecure: true,
      now: Date.now,
      onThrottled: () => {},
    });
    const [credential, namespaceProxy] = [undefined, undefined];
    const endpoint = new Endpoint({ accessed: named.value, client, credential, isLast: false, namespaceProxy });
    const tags = await listTags(endpoint, undefined);
    const asked = server.seen.map(({ target }) => target).filter((target) => target.startsWith(list));
    return { said: tags.ok ? tags.value : tags.problem.code, asked: asked.map((target) => target.slice(list.length)) };
  } finally {
    http.close();
    await server.stop();
  }
}

const page = (tags: unknown, link?: string): Answer => ({
  body: JSON.stringify({ name: "vendor/app", tags }),
  ...(link === undefined ? {} : { headers: { Link: link } }),
});

describe("one page of tags", { concurrency: 4 }, () => {
  const rows: readonly (readonly [string, Answer, unknown])[] = [
    ["some", page(["1.0", "latest"]), ["1.0", "latest"]],
    ["none", page([]), []],
    ["null", page(null), []],
    ["no field", { body: "{}" }, []],
    ["one twice", page(["a", "a"]), ["a"]],
    ["in the registry's order", page(["b", "a", "C"]), ["b", "a", "C"]],
    ["digests are passed over", page([`sha256:${"0".repeat(64)}`, "a"]), ["a"]],
    [
      "what is no tag is passed over",
      page(["", "a b", "../x", "-a", "a/b", "a\n", "ä", "x".repeat(129), "x".repeat(128)]),
      ["x".repeat(128)],
    ],
    ["keys in capitals", { body: '{"TAGS":["a"]}' }, ["a"]],
    ["the last of two lists", { body: '{"tags":["a"],"tags":["b"]}' }, ["b"]],
    ["a number in it", page([1]), "source.malformed"],
    ["a text", page("a"), "source.malformed"],
    ["a list in a list", page([["a"]]), "source.malformed"],
    ["no JSON", { body: "<html>" }, "source.malformed"],
    ["something behind it", { body: '{"tags":[]}x' }, "source.malformed"],
    ["nothing", { body: "" }, "source.malformed"],
    ["cut short", { body: '{"tags":["a"]}', contentLength: 100 }, "source.unreachable"],
    ["404", registryError(404, "NAME_UNKNOWN"), "source.not-found"],
    ["401", registryError(401, "UNAUTHORIZED"), "source.unauthorized"],
    ["500", { status: 500 }, "source.refused"],
    ["too large", { body: Buffer.alloc(maxTagListBytes + 1, " ") }, "source.malformed"],
    ["too many", { body: `{"tags":[${'"a",'.repeat(maxTags)}"b"]}` }, "source.malformed"],
  ];
  for (const [what, answer, expected] of rows) {
    it(what, async () => assert.deepEqual((await listed({ [list]: answer })).said, expected));
  }
});

describe("the next page", { concurrency: 4 }, () => {
  const rows: readonly (readonly [string, string])[] = [
    ["a path", `<${list}?last=a&n=1>; rel="next"`],
    ["another server, which is not asked", `<http://elsewhere.example.com/x?last=a&n=1>; rel="next"`],
    ["without quotes", `<${list}?last=a&n=1>; rel=next`],
    ["only a query", `<?last=a&n=1>; rel="next"`],
    ["more parameters", `<${list}?last=a&n=1>; title="x"; rel="next"`],
  ];
  for (const [what, link] of rows) {
    it(what, async () => {
      const { said, asked } = await listed({ [list]: page(["a"], link), [`${list}?last=a&n=1`]: page(["b"]) });
      assert.deepEqual(
        [said, asked],
        [
          ["a", "b"],
          ["", "?last=a&n=1"],
        ],
      );
    });
  }

  const none: readonly string[] = [
    `<${list}?last=a>; rel="prev"`,
    `<${list}>; rel="next"`,
    `${list}?last=a; rel="next"`,
    `<${list}?last=a b>; rel="next"`,
    `<${list}?last=a#b>; rel="next"`,
    "",
  ];
  for (const link of none) {
    it(`is none: ${link}`, async () => {
      assert.deepEqual(await listed({ [list]: page(["a"], link) }), { said: ["a"], asked: [""] });
    });
  }

  it("a circle is an error", async () => {
    const { said, asked } = await listed({ [list]: page(["a"], `<${list}?n=1>; rel="next"`) });
    assert.equal(said, "source.malformed");
    assert.deepEqual(asked, ["", "?n=1"]);
  });

  it("one that fails is an error, and no shorter list", async () => {
    const routes = { [list]: page(["a"], `<${list}?n=2>; rel="next"`), [`${list}?n=2`]: { status: 500 } };
    assert.equal((await listed(routes)).said, "source.refused");
  });
});
