import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bucketAddress } from "../../../src/audit/evidence/bucket-address.ts";
import { openBucketStore } from "../../../src/audit/evidence/bucket-store.ts";
import { type EvidenceStore, StoreFailed } from "../../../src/audit/evidence/evidence.ts";
import { openEvidenceStore } from "../../../src/audit/evidence/open-store.ts";
import { errorText } from "../../../src/result.ts";
import { keyOf } from "../../support/audit/contents.ts";
import { s3Servers } from "../../support/audit/s3-server.ts";
import { type Answer, headerOf, type Route, startFaultServer } from "../../support/registry/fault-server.ts";

const content = Buffer.from("a manifest");
const key = keyOf(content);
const place = "s3://evidence/fleet/2026";
const pathOf = (of: string) => `/evidence/fleet/2026/sha256/${of.slice(0, 2)}/${of.slice(2)}`;
const now = () => Date.now();

for (const { name, skip, isStrict, start } of s3Servers) {
  describe(`a bucket of ${name}`, { skip }, () => {
    it("keeps contents by their digests, for all that use it", async () => {
      const server = await start();
      try {
        const { env } = server;
        const store = await openEvidenceStore(place, { environment: env, now });
        const other = openBucketStore(`${place}/`, { environment: env, now });
        const elsewhere = openBucketStore("s3://evidence", { environment: env, now });
        assert.equal(await store.get(key), undefined);
        assert.equal(await store.put(content), key);
        assert.deepEqual(await other.get(key), content);
        assert.equal(await elsewhere.get(key), undefined);
        const large = Buffer.alloc(3_000_000, "a large manifest ");
        const contents = [
          new Uint8Array(),
          large,
          ...Array.from({ length: 20 }, (_, at) => Buffer.from(`signature ${at}`)),
        ];
        const keys = await Promise.all(contents.map((each) => store.put(each)));
        assert.deepEqual(keys, contents.map(keyOf));
        for (const [at, each] of contents.entries())
          assert.deepEqual(await other.get(keys[at] ?? ""), Buffer.from(each));
        for (const each of [store, other, elsewhere]) each.close();
      } finally {
        await server.stop();
      }
    });

    it("that is not there, or not for this user, is no empty one", async () => {
      const server = await start();
      try {
        const { env } = server;
        const nowhere = openBucketStore("s3://nowhere", { environment: env, now });
        await assert.rejects(nowhere.get(key), /NoSuchBucket/);
        await assert.rejects(nowhere.put(content), /NoSuchBucket/);
        nowhere.close();
        if (!isStrict) return;
        const stranger = openBucketStore(place, { environment: { ...env, AWS_SECRET_ACCESS_KEY: "guessed" }, now });
        await assert.rejects(stranger.get(key), /SignatureDoesNotMatch/);
        await assert.rejects(stranger.put(content), /SignatureDoesNotMatch/);
        stranger.close();
      } finally {
        await server.stop();
      }
    });
  });
}

/** A server of a script, and what it was asked. */
async function scripted(
  routes: Readonly<Record<string, Route>>,
  work: (store: EvidenceStore, again: () => EvidenceStore) => Promise<void>,
  environment: Readonly<Record<string, string>> = {},
) {
  const server = await startFaultServer({ routes });
  const env = {
    ...{ AWS_ENDPOINT_URL: `http://${server.address}`, AWS_ACCESS_KEY_ID: "who", AWS_SECRET_ACCESS_KEY: "the secret" },
    ...environment,
  };
  const stores: EvidenceStore[] = [];
  const open = () => {
    const store = openBucketStore(place, { environment: env, now });
    stores.push(store);
    return store;
  };
  try {
    await work(open(), open);
    return server.seen;
  } finally {
    for (const store of stores) store.close();
    await server.stop();
  }
}

const s3Error = (status: number, code: string): Answer => ({
  status,
  headers: { "Content-Type": "application/xml" },
  body: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>the secret</Message></Error>`,
});
const there: Answer = { body: content };
const path = pathOf(key);

describe("what a bucket answers", { concurrency: 4 }, () => {
  it("a content that is there is not sent again", async () => {
    const seen = await scripted({ [path]: there }, async (store) => {
      await store.put(content);
      await store.put(content);
    });
    assert.deepEqual(
      seen.map(({ method }) => method),
      ["HEAD"],
    );
  });

  it("one that is not is sent once, whole and signed with what it is", async () => {
    const routes = { [`HEAD ${path}`]: { status: 404 }, [`PUT ${path}`]: {} };
    const seen = await scripted(
      routes,
      async (store) => {
        await store.put(content);
        await store.put(content);
      },
      { AWS_SESSION_TOKEN: "for a session", AWS_REGION: "eu-north-1" },
    );
    assert.deepEqual(
      seen.map(({ method }) => method),
      ["HEAD", "PUT"],
    );
    const [, put] = seen;
    assert.ok(put !== undefined);
    assert.equal(put.body, content.toString());
    assert.equal(headerOf(put, "x-amz-content-sha256"), key);
    assert.equal(headerOf(put, "x-amz-security-token"), "for a session");
    assert.match(
      headerOf(put, "authorization") ?? "",
      /^AWS4-HMAC-SHA256 Credential=who\/\d{8}\/eu-north-1\/s3\/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token, Signature=[0-9a-f]{64}$/,
    );
  });

  const reads: readonly (readonly [string, Route, RegExp | "found" | "missing"])[] = [
    ["busy, then there", [s3Error(503, "SlowDown"), s3Error(500, "InternalError"), there], "found"],
    ["reset, then there", [{ raw: "", ending: "reset" }, there], "found"],
    ["broken off, then there", [{ ...there, cutAfter: 3 }, there], "found"],
    ["busy for ever", s3Error(503, "SlowDown"), /503 \(SlowDown\)/],
    ["broken off each time", { ...there, cutAfter: 3 }, /breaks off/],
    ["no such key", s3Error(404, "NoSuchKey"), "missing"],
    ["no such bucket", s3Error(404, "NoSuchBucket"), /404 \(NoSuchBucket\)/],
    ["404 of something else", { status: 404, body: "<html>" }, /404/],
    ["forbidden", s3Error(403, "AccessDenied"), /403 \(AccessDenied\)/],
    [
      "another region",
      { ...s3Error(301, "PermanentRedirect"), headers: { Location: "http://127.0.0.1:1/" } },
      /301 \(PermanentRedirect\)/,
    ],
    ["no content", { status: 204 }, /204/],
    ["a part of it", { ...there, status: 206 }, /206/],
    ["other bytes", { body: "A manifest" }, /something else/],
    ["more than anybody keeps", { body: Buffer.alloc(1_000_000), isEndless: true }, /too large/],
    ["no HTTP", { raw: "garbage\n\n", ending: "close" }, /s3:\/\/evidence/],
  ];
  for (const [what, route, wanted] of reads) {
    it(`to a reader: ${what}`, async () => {
      await scripted({ [`GET ${path}`]: route }, async (store) => {
        if (wanted === "found") assert.deepEqual(await store.get(key), content);
        else if (wanted === "missing") assert.equal(await store.get(key), undefined);
        else {
          await assert.rejects(store.get(key), (error) => {
            assert.ok(error instanceof StoreFailed);
            assert.match(errorText(error), wanted);
            // Of one content only, and not of the server: that one is fetched again, and the others are judged.
            assert.equal(error.isOfOne, ["other bytes", "more than anybody keeps"].includes(what));
            assert.doesNotMatch(errorText(error), /the secret/);
            return true;
          });
        }
      });
    });
  }

  const writes: readonly (readonly [string, Readonly<Record<string, Route>>, RegExp | "kept"])[] = [
    ["busy, then kept", { [`HEAD ${path}`]: { status: 404 }, [`PUT ${path}`]: [s3Error(503, "SlowDown"), {}] }, "kept"],
    ["another size is there", { [`HEAD ${path}`]: { body: "short" }, [`PUT ${path}`]: {} }, "kept"],
    ["it may not be looked at", { [`HEAD ${path}`]: { status: 403 }, [`PUT ${path}`]: {} }, "kept"],
    ["forbidden", { [`HEAD ${path}`]: { status: 403 }, [`PUT ${path}`]: s3Error(403, "AccessDenied") }, /AccessDenied/],
    [
      "changed on the way",
      { [`HEAD ${path}`]: { status: 404 }, [`PUT ${path}`]: s3Error(400, "XAmzContentSHA256Mismatch") },
      /XAmzContent/,
    ],
    ["redirected", { [`HEAD ${path}`]: { status: 307, headers: { Location: path } } }, /307/],
  ];
  for (const [what, routes, wanted] of writes) {
    it(`to a writer: ${what}`, async () => {
      await scripted(routes, async (store) => {
        if (wanted === "kept") assert.equal(await store.put(content), key);
        else await assert.rejects(store.put(content), wanted);
      });
    });
  }

  it("what was found to be something else is written anew", async () => {
    const routes = { [`GET ${path}`]: [{ body: "A manifest" }, there], [`HEAD ${path}`]: there, [`PUT ${path}`]: {} };
    const seen = await scripted(routes, async (store) => {
      await store.put(content);
      await assert.rejects(store.get(key), StoreFailed);
      await store.put(content);
      assert.deepEqual(await store.get(key), content);
    });
    assert.deepEqual(
      seen.map(({ method }) => method),
      ["HEAD", "GET", "PUT", "GET"],
    );
  });

  it("a key that is none is asked of nobody", async () => {
    const seen = await scripted({}, async (store) => {
      for (const none of ["", "../x", key.toUpperCase()]) await assert.rejects(store.get(none), StoreFailed);
    });
    assert.deepEqual(seen, []);
  });
});

describe("where a bucket is", () => {
  const none = "0".repeat(64);
  const rows: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
    ["s3://evidence", {}, "https://s3.us-east-1.amazonaws.com/evidence/sha256/"],
    ["s3://evidence/", { AWS_REGION: "eu-north-1" }, "https://s3.eu-north-1.amazonaws.com/evidence/sha256/"],
    ["s3://evidence/a/b/", { AWS_ENDPOINT_URL: "http://a:9000/" }, "http://a:9000/evidence/a/b/sha256/"],
    [
      "s3://evidence",
      { AWS_ENDPOINT_URL: "http://a", AWS_ENDPOINT_URL_S3: "http://b/s3" },
      "http://b/s3/evidence/sha256/",
    ],
    ["s3://evidence", { AWS_ENDPOINT_URL: "http://a", AWS_ENDPOINT_URL_S3: "" }, "http://a/evidence/sha256/"],
  ];
  for (const [url, environment, wanted] of rows) {
    it(`${url} with ${JSON.stringify(environment)}`, () => {
      assert.equal(bucketAddress(url, environment).urlOf(none).href, `${wanted}00/${"0".repeat(62)}`);
    });
  }

  const wrong: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ...["s3://", "s3:///a", "s3://Evidence", "s3://a", "s3://a..b", "s3://user:word@host", "s3://evidence?x"].map(
      (url) => [url, {}] as const,
    ),
    ...["s3://evidence//a", "s3://evidence/../a", "s3://evidence/a b", "s3://evidence/%41", "s3://evidence/a\n"].map(
      (url) => [url, {}] as const,
    ),
    ...["a", "ftp://a", "http://user:word@a", "http://a?b", "http://a#b"].map(
      (AWS_ENDPOINT_URL) => ["s3://evidence", { AWS_ENDPOINT_URL }] as const,
    ),
    ["s3://evidence", { AWS_REGION: "evil.example.com/" }],
  ];
  for (const [url, environment] of wrong) {
    it(`nowhere: ${url} with ${JSON.stringify(environment)}`, () => {
      assert.throws(
        () => bucketAddress(url, environment),
        (error) => error instanceof StoreFailed && !/user:word/.test(error.message),
      );
    });
  }

  it("without credentials nothing is asked", async () => {
    for (const environment of [{}, { AWS_ACCESS_KEY_ID: "a" }, { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "" }]) {
      await assert.rejects(openEvidenceStore(place, { environment, now }), /AWS_ACCESS_KEY_ID/);
    }
  });
});
