/** What a host program may hand in by mistake or worse, to every public function: no acceptance, no exception that was not promised. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { runInNewContext } from "node:vm";
import * as library from "../../src/index.ts";
import { fixtureImage, fixtures } from "../support/images.ts";

/** The library as JavaScript sees it: without types. */
const untyped = library as unknown as Readonly<
  Record<keyof typeof library, (...values: readonly unknown[]) => unknown>
>;
const { codes, errorVerdict, exitCodeOf, explain, parseIdentity, parsePolicy, prepareVerifier, verdictDocument } =
  library;

const identity = "docker://registry.example.com/vendor/app:1.0";
const none = () => ({ ok: false, problem: { path: "", errno: "ENOENT" } }) as const;
const host = {
  readFile: (path: string): Uint8Array => readFileSync(path),
  now: () => 1.8e9,
  paths: { resolveFully: none, open: none },
};

function policyOf(...requirements: readonly object[]) {
  const policy = parsePolicy(Buffer.from(JSON.stringify({ default: requirements })));
  assert.ok(policy.ok);
  return policy.value;
}

const anything = policyOf({ type: "insecureAcceptAnything" });
const gpgPolicy = policyOf({
  type: "signedBy",
  keyType: "GPGKeys",
  keyPath: join(fixtures, "keys/gpg/release-rsa4096.gpg"),
});
const sigstorePolicy = policyOf({ type: "sigstoreSigned", keyPath: join(fixtures, "keys/sigstore/release.pub") });

const image = fixtureImage("gpg-release-oci");
const request = { identity, ...image, requireSigned: false };

/** Values of every kind, none of which is what is asked for anywhere. */
const throwing = (what: string) => (): never => {
  throw new Error(what);
};
const evil: Readonly<Record<string, unknown>> = {
  undefined: undefined,
  null: null,
  "a number": 42,
  NaN: Number.NaN,
  "a bigint": 10n,
  "a symbol": Symbol("s"),
  true: true,
  "an empty object": {},
  "an object without prototype": Object.create(null),
  "a function": () => "accepted",
  "a promise": Promise.resolve(new Uint8Array(1)),
  "a Date": new Date(),
  "a DataView": new DataView(new ArrayBuffer(8)),
  "an ArrayBuffer": new ArrayBuffer(8),
  "a Uint16Array": new Uint16Array(4),
  "a String object": new String("x"),
  "an object that says it is bytes": { length: 3, byteLength: 3, 0: 1, 1: 2, 2: 3, [Symbol.toStringTag]: "Uint8Array" },
  "an object with the prototype of bytes": Object.create(Uint8Array.prototype),
  "a proxy of bytes": new Proxy(new Uint8Array(3), {}),
  "a proxy that throws": new Proxy(
    {},
    { get: throwing("get"), has: throwing("has"), ownKeys: throwing("ownKeys"), getPrototypeOf: throwing("prototype") },
  ),
  "an object whose every look throws": {
    toString: throwing("toString"),
    get length() {
      return throwing("length")();
    },
  },
};

/** Bytes whose memory has gone to somebody else. */
function detached(): Uint8Array {
  const bytes = new Uint8Array(8);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}

const verify = (given: unknown, policy = anything, on: object = host) =>
  (prepareVerifier(policy, on as typeof host) as { verify(request: unknown): Promise<library.Verdict> }).verify(given);

async function codeOf(given: unknown, policy = anything, on: object = host): Promise<string> {
  const verdict = await verify(given, policy, on);
  assert.equal(verdict.outcome === "accepted", verdict.code === "accepted");
  assert.equal(verdictDocument(verdict).code, verdict.code);
  assert.equal(typeof explain(verdict), "string");
  return verdict.code;
}

describe("verify()", () => {
  it("what these rows are made from is accepted", async () => {
    assert.equal(await codeOf(request), "accepted");
    assert.equal(await codeOf(request, gpgPolicy), "accepted");
    assert.equal(await codeOf({ ...request, ...fixtureImage("sigstore-key-tag") }, sigstorePolicy), "accepted");
  });

  it("without arguments", async () => {
    const verifier = prepareVerifier(anything, host) as unknown as { verify(): Promise<library.Verdict> };
    const verdict = await verifier.verify();
    assert.equal(verdict.code, "internal.error");
    // Nor as a function without its verifier.
    const { verify: alone } = verifier;
    assert.equal((await alone()).code, "internal.error");
  });

  for (const [what, value] of Object.entries(evil)) {
    it(`${what} as the request`, async () => assert.equal(await codeOf(value), "internal.error"));

    for (const field of ["identity", "manifest", "signatures", "requireSigned"] as const) {
      if (field === "requireSigned" && value === true) continue;
      it(`${what} as ${field}`, async () => {
        for (const policy of [anything, gpgPolicy]) {
          assert.equal(await codeOf({ ...request, [field]: value }, policy), "internal.error");
        }
      });
    }
    it(`${what} as one of the signatures`, async () => {
      assert.equal(await codeOf({ ...request, signatures: [value] }), "internal.error");
      assert.equal(await codeOf({ ...request, signatures: { ok: true, value: [value] } }), "internal.error");
    });
    it(`${what} as the value, or the problem, of signatures`, async () => {
      assert.equal(await codeOf({ ...request, signatures: { ok: true, value } }), "internal.error");
      assert.equal(await codeOf({ ...request, signatures: { ok: false, problem: value } }), "internal.error");
      assert.equal(
        await codeOf({ ...request, signatures: { ok: value, value: [] } }),
        value === true ? "accepted" : "internal.error",
      );
    });
  }

  for (const field of ["identity", "manifest", "signatures", "requireSigned"] as const) {
    it(`no ${field}`, async () => {
      const { [field]: _, ...rest } = request;
      for (const policy of [anything, gpgPolicy]) assert.equal(await codeOf(rest, policy), "internal.error");
    });

    it(`${field} that throws when it is read`, async () => {
      for (const thrown of [
        new Error("no"),
        null,
        Object.create(null),
        {
          get message() {
            return throwing("message")();
          },
        },
      ]) {
        const given = Object.defineProperty({ ...request }, field, {
          get: () => {
            throw thrown;
          },
        });
        assert.equal(await codeOf(given), "internal.error");
      }
    });
  }

  it("each field is read once", async () => {
    const reads: string[] = [];
    const given = new Proxy(request, {
      get: (target, name, receiver) => {
        reads.push(String(name));
        return Reflect.get(target, name, receiver);
      },
    });
    assert.equal(await codeOf(given, gpgPolicy), "accepted");
    assert.deepEqual(reads.sort(), [
      "findInstances",
      "identity",
      "manifest",
      "manifestDigest",
      "requireSigned",
      "signatures",
    ]);
  });

  const rows: readonly [what: string, change: object, code: string][] = [
    ["a word for requireSigned", { requireSigned: "false" }, "internal.error"],
    ["0 for requireSigned", { requireSigned: 0 }, "internal.error"],
    ["a detached manifest", { manifest: detached() }, "internal.error"],
    ["a list of numbers as the manifest", { manifest: [123, 125] }, "internal.error"],
    ["text as the manifest", { manifest: "{}" }, "internal.error"],
    ["text as a signature", { signatures: ["x"] }, "internal.error"],
    ["a set of signatures", { signatures: new Set(image.signatures) }, "internal.error"],
    ["a list with a gap", { signatures: Object.assign(new Array(2), { 1: image.signatures[0] }) }, "internal.error"],
    [
      "a problem with the code of success",
      { signatures: { ok: false, problem: { code: "accepted" } } },
      "internal.error",
    ],
    [
      "a problem of another kind",
      { signatures: { ok: false, problem: { code: "requirement.reject" } } },
      "internal.error",
    ],
    [
      "a problem whose code is a property of all objects",
      { signatures: { ok: false, problem: { code: "toString" } } },
      "internal.error",
    ],
    [
      "an identity without its scopes",
      { identity: { transport: "docker", text: identity, policyIdentity: "" } },
      "internal.error",
    ],
    [
      "an identity whose scopes are text",
      { identity: { transport: "docker", text: identity, policyIdentity: "", policyNamespaces: "x" } },
      "internal.error",
    ],
    [
      "an identity whose digest is none",
      {
        identity: {
          ...{ transport: "docker", text: identity, policyIdentity: "", policyNamespaces: [] },
          dockerReference: { domain: "a", path: "b", name: "a/b", digest: {} },
        },
      },
      "internal.error",
    ],
    ["an empty identity", { identity: "" }, "identity.empty"],
    ["a manifest that is too large", { manifest: new Uint8Array(4 * 1024 * 1024 + 1) }, "image.manifest.too-large"],
  ];
  for (const [what, change, code] of rows) {
    it(what, async () => assert.equal(await codeOf({ ...request, ...change }), code));
  }

  it("signatures that are too large, or too many, matter where signatures do", async () => {
    const large = new Uint8Array(4 * 1024 * 1024 + 1);
    const full = new Uint8Array(4 * 1024 * 1024);
    const cases: readonly [readonly Uint8Array[], string][] = [
      [[large], "image.signature.too-large"],
      [Array.from({ length: 17 }, () => full), "image.signature.too-large"],
      [Array.from({ length: 1001 }, () => new Uint8Array(1)), "image.signature.too-many"],
    ];
    for (const [signatures, code] of cases) {
      assert.equal(await codeOf({ ...request, signatures }, gpgPolicy), code);
      assert.equal(await codeOf({ ...request, signatures: { ok: true, value: signatures } }, gpgPolicy), code);
      assert.equal(await codeOf({ ...request, signatures }), "accepted");
    }
  });

  it("a findInstances that is no function is no request, and what one gives decides nothing", async () => {
    for (const [what, value] of Object.entries(evil)) {
      if (value === undefined || what === "a function") continue;
      assert.equal(await codeOf({ ...request, findInstances: value }), "internal.error", what);
    }
    const index = fixtureImage("gpg-index-only-instances-signed");
    for (const [what, value] of Object.entries({ ...evil, numbers: { present: 1, signed: 1 } })) {
      const found = await codeOf({ ...request, ...index, findInstances: () => value }, gpgPolicy);
      assert.equal(found, "requirement.signature.missing", what);
    }
    const found = await codeOf({ ...request, ...index, findInstances: throwing("no") }, gpgPolicy);
    assert.equal(found, "requirement.signature.missing");
  });

  describe("sound, if odd", () => {
    const [signature = new Uint8Array()] = image.signatures;
    class Liar extends Uint8Array {
      override get length(): number {
        return 0;
      }
      override slice(): Uint8Array<ArrayBuffer> {
        return new Uint8Array(1);
      }
      static get [Symbol.species](): Uint8ArrayConstructor {
        return throwing("species")();
      }
    }
    const parsed = parseIdentity(identity, host.paths);
    assert.ok(parsed.ok);
    const accepted: Readonly<Record<string, object>> = {
      "no prototype": Object.assign(Object.create(null), request),
      "more fields than are known": { ...request, requireUnsigned: true },
      "a parsed identity": { ...request, identity: parsed.value },
      "a list that was read": { ...request, signatures: { ok: true, value: image.signatures } },
      "a frozen request": Object.freeze({ ...request }),
      "bytes that lie about themselves": { ...request, signatures: [Liar.from(signature)] },
      "bytes of another realm": {
        ...request,
        signatures: [runInNewContext("Uint8Array.from(list)", { list: [...signature] })],
      },
      getters: Object.defineProperties(
        {},
        Object.fromEntries(Object.entries(request).map(([name, value]) => [name, { get: () => value }])),
      ),
    };
    for (const [what, given] of Object.entries(accepted)) {
      it(what, async () => assert.equal(await codeOf(given, gpgPolicy), "accepted"));
    }
  });
});

describe("host.now()", () => {
  const times: Readonly<Record<string, unknown>> = {
    ...Object.fromEntries(Object.entries(evil).filter(([, value]) => value !== 42)),
    Infinity: Number.POSITIVE_INFINITY,
    "-Infinity": Number.NEGATIVE_INFINITY,
    "a number as text": "1800000000",
    "a list with a number": [1.8e9],
  };
  for (const [what, value] of Object.entries(times)) {
    it(what, async () => {
      // Keys and signatures that have expired seem to be good at a time that nothing can be compared with.
      const expired = policyOf({
        type: "signedBy",
        keyType: "GPGKeys",
        keyPath: join(fixtures, "keys/gpg/expired.gpg"),
      });
      const on = { ...host, now: () => value };
      const asked = { ...request, ...fixtureImage("gpg-expired-key") };
      assert.equal(await codeOf(asked, expired, on), "internal.error");
      assert.equal(await codeOf(request, anything, on), "internal.error");
    });
  }
  it("one that throws", async () => {
    for (const thrown of [new Error("no clock"), null, Object.create(null)]) {
      const now = () => {
        throw thrown;
      };
      assert.equal(await codeOf(request, anything, { ...host, now }), "internal.error");
    }
  });
});

/** As good as a promise, and broken by this. */
function thenable(why: unknown): object {
  // biome-ignore lint/suspicious/noThenProperty: that is what it is for
  return Object.fromEntries([["then", (_: unknown, no: (why: unknown) => void) => no(why)]]);
}

describe("host.readFile()", () => {
  const asked: readonly [object, typeof anything][] = [
    [request, gpgPolicy],
    [{ ...request, ...fixtureImage("sigstore-key-tag") }, sigstorePolicy],
  ];
  const given: Readonly<Record<string, unknown>> = {
    ...Object.fromEntries(Object.entries(evil).filter(([what]) => what !== "a promise")),
    text: readFileSync(join(fixtures, "keys/sigstore/release.pub"), "utf8"),
    "a promise of text": Promise.resolve("text"),
    "a promise of nothing": Promise.resolve(),
    "a promise that is broken": thenable(new Error("no")),
    "a promise that is broken by nothing": thenable(undefined),
    "a list of bytes": [new Uint8Array(1)],
  };
  for (const [what, value] of Object.entries(given)) {
    it(what, async () => {
      for (const [image, policy] of asked) {
        assert.equal(await codeOf(image, policy, { ...host, readFile: () => value }), "policy.trust.unreadable");
      }
    });
  }

  const thrown: readonly [what: string, value: unknown, code: string][] = [
    ["an error", new Error("no"), "policy.trust.unreadable"],
    ["nothing", undefined, "policy.trust.unreadable"],
    ["an object without prototype", Object.create(null), "policy.trust.unreadable"],
    [
      "an error whose message throws",
      Object.defineProperty(new Error(), "message", { get: throwing("no") }),
      "policy.trust.unreadable",
    ],
    [
      "an error whose code throws",
      Object.defineProperty(new Error(), "code", { get: throwing("no") }),
      "policy.trust.unreadable",
    ],
    ["the code of success", Object.assign(new Error("no"), { code: "accepted" }), "policy.trust.unreadable"],
    ["a code of ours", Object.assign(new Error("no"), { code: "policy.trust.too-large" }), "policy.trust.too-large"],
    ["the other code of ours", Object.assign(new Error("no"), { code: "policy.trust.empty" }), "policy.trust.empty"],
  ];
  for (const [what, value, code] of thrown) {
    it(`that throws ${what}`, async () => {
      const readFile = () => {
        throw value;
      };
      for (const [image, policy] of asked) assert.equal(await codeOf(image, policy, { ...host, readFile }), code);
    });
  }

  it("more than is read of a key file", async () => {
    const readFile = () => new Uint8Array(32 * 1024 * 1024 + 1);
    assert.equal(await codeOf(request, gpgPolicy, { ...host, readFile }), "policy.trust.too-large");
  });

  it("a promise of bytes, and bytes of shared memory", async () => {
    const shared = (path: string) => {
      const file = readFileSync(path);
      const bytes = new Uint8Array(new SharedArrayBuffer(file.length));
      bytes.set(file);
      return Promise.resolve(bytes);
    };
    for (const [image, policy] of asked)
      assert.equal(await codeOf(image, policy, { ...host, readFile: shared }), "accepted");
  });

  it("a method that needs its object", async () => {
    class Host {
      readonly #now = 1.8e9;
      readonly paths = host.paths;
      readFile(path: string): Uint8Array {
        return this.#now > 0 ? readFileSync(path) : new Uint8Array();
      }
      now(): number {
        return this.#now;
      }
    }
    assert.equal(await codeOf(request, gpgPolicy, new Host()), "accepted");
  });
});

describe("host.paths", () => {
  for (const [what, value] of Object.entries({
    ...evil,
    "no value": { ok: true },
    "a value of another type": { ok: true, value: 1 },
    "no problem": { ok: false },
    text: "/a",
  })) {
    it(`resolveFully gives ${what}`, async () => {
      const paths = { resolveFully: () => value, open: none };
      assert.equal(await codeOf({ ...request, identity: "dir:/a" }, anything, { ...host, paths }), "internal.error");
    });
  }
  it("throws", async () => {
    const paths = { resolveFully: throwing("no"), open: none };
    assert.equal(await codeOf({ ...request, identity: "dir:/a" }, anything, { ...host, paths }), "internal.error");
  });
  it("resolves", async () => {
    const paths = { resolveFully: () => ({ ok: true, value: "/a" }), open: none };
    assert.equal(await codeOf({ ...request, identity: "dir:/a" }, anything, { ...host, paths }), "accepted");
  });
});

describe("prepareVerifier()", () => {
  const { prepareVerifier: prepare } = untyped;
  for (const [what, value] of Object.entries({
    ...evil,
    "a result": { ok: true, value: anything },
    "transports that are no map": { ...anything, transports: {} },
    "scopes that are no map": { ...anything, transports: new Map([["docker", {}]]) },
    "requirements that are no list": { ...anything, default: "insecureAcceptAnything" },
    "a path that is none": { ...anything, path: 1 },
  })) {
    it(`${what} as the policy`, () => assert.throws(() => prepare(value, host), Error));
  }
  for (const [what, value] of Object.entries(evil)) {
    it(`${what} as the host, or as a part of it`, () => {
      assert.throws(() => prepare(anything, value), Error);
      for (const part of ["readFile", "now", "paths"]) {
        if (what === "a function" && part !== "paths") continue;
        assert.throws(() => prepare(anything, { ...host, [part]: value }), Error);
      }
    });
  }
  for (const [what, value] of Object.entries({
    ...evil,
    text: "gnupg",
    "no back end": [],
    "one that is none": ["gnupg", "pgp"],
  })) {
    it(`${what} as the list of back ends`, () => {
      if (value === undefined) return assert.ok(prepare(anything, host, { openPgp: value }));
      return assert.throws(() => prepare(anything, host, { openPgp: value }), Error);
    });
  }
  it("nothing at all", () => assert.throws(() => prepare(), TypeError));

  it("a policy put together by hand, with what is no requirement", async () => {
    for (const requirement of [{}, null, "insecureAcceptAnything", { type: "constructor" }, { type: "signedBy" }]) {
      const policy = { path: undefined, default: [requirement], transports: new Map() };
      const verdict = await verify(request, policy as unknown as typeof anything);
      assert.equal(verdict.outcome, "error");
      assert.match(explain(verdict), /^Not verified/);
    }
    const empty = { path: undefined, default: [], transports: new Map() };
    assert.equal(await codeOf(request, empty), "requirement.reject");
  });
});

describe("parsePolicy()", () => {
  const { parsePolicy: parse } = untyped;
  for (const [what, value] of Object.entries({
    ...evil,
    text: '{"default": [{"type": "insecureAcceptAnything"}]}',
    detached: detached(),
  })) {
    it(what, () => assert.throws(() => parse(value, {}), TypeError));
    if (value === undefined) continue;
    it(`${what} as the path`, () =>
      assert.throws(
        () => parse(Buffer.from("{}"), { path: what === "text" || what === "detached" ? 1 : value }),
        TypeError,
      ));
  }
  it("more than is read of a policy", () => {
    const parsed = parsePolicy(new Uint8Array(16 * 1024 * 1024 + 1));
    assert.ok(!parsed.ok);
    assert.deepEqual(
      parsed.problem.map(({ code }) => code),
      ["policy.too-large"],
    );
    const [first] = parsed.problem;
    assert.ok(first);
    assert.match(explain(errorVerdict({ code: first.code, problems: parsed.problem })), /larger than 16 MiB/);
  });
  it("shared memory", () => {
    const text = Buffer.from('{"default": [{"type": "reject"}]}');
    const bytes = new Uint8Array(new SharedArrayBuffer(text.length));
    bytes.set(text);
    assert.ok(parsePolicy(bytes).ok);
  });
});

describe("the other functions that take something in", () => {
  const { parseIdentity: parse, readDirSource, hostPathResolver } = untyped;
  for (const [what, value] of Object.entries(evil)) {
    it(what, async () => {
      assert.throws(() => parse(value, host.paths), TypeError);
      assert.throws(() => readDirSource(value), TypeError);
      const paths = hostPathResolver(value);
      assert.match(
        await codeOf({ ...request, identity: "dir:/nonexistent/a/b" }, anything, { ...host, paths }),
        /^identity[.]path/,
      );
    });
  }
  it("a path with NUL", () => assert.deepEqual((readDirSource("/a\0b") as { ok: boolean }).ok, false));
});

describe("what a verdict passes through never throws, and never makes one of success", () => {
  const { explain: tell, verdictDocument: document, errorVerdict: made } = untyped;
  const verdicts: Readonly<Record<string, unknown>> = {
    ...evil,
    text: "verified",
    "an outcome and nothing else": { outcome: "accepted" },
    "an acceptance with nothing in it": { outcome: "accepted", code: "accepted" },
    "an acceptance with the code of a rejection": { outcome: "accepted", code: "requirement.reject" },
    "an error with the code of success": { ...errorVerdict({ code: "internal.error", detail: "" }), code: "accepted" },
    "a rejection with the code of success": { outcome: "rejected", code: "accepted" },
    "an outcome that every object has": { outcome: "toString", code: "internal.error" },
    "a code that every object has": { outcome: "error", code: "toString" },
    "a code that is none": { outcome: "error", code: "image.nothing" },
    "a problem with nothing in it": { outcome: "error", code: "policy.missing", problem: { code: "policy.missing" } },
    "a result": { ok: true, value: { outcome: "accepted" } },
    "a promise of a verdict": verify(request),
  };
  for (const [what, value] of Object.entries(verdicts)) {
    it(`${what} as a verdict`, () => {
      assert.match(String(tell(value)), /^Not verified/);
      const { outcome, code, exitCode } = document(value) as library.VerdictDocument;
      assert.deepEqual([outcome, code, exitCode], ["error", "internal.error", 70]);
    });
    it(`${what} as a problem`, () => {
      const verdict = made(value) as library.Verdict;
      assert.equal(verdict.outcome, "error");
      assert.notEqual(exitCodeOf(verdict.code), 0);
      assert.match(explain(verdict), /^Not verified/);
      assert.notEqual(verdictDocument(verdict).exitCode, 0);
      assert.equal((made({ code: "internal.error", detail: "" }, value) as library.Verdict).outcome, "error");
    });
    it(`${what} as a code`, () => assert.equal(untyped.exitCodeOf(value), 70));
    it(`${what} as options`, async () => {
      assert.match(String(tell(await verify(request), value)), /^(?:Accepted|Not verified)/);
    });
  }

  for (const code of [
    "accepted",
    "signature.accepted",
    "requirement.satisfied",
    "requirement.reject",
    "__proto__",
    "constructor",
  ]) {
    it(`${code} as the code of an error`, () => {
      const verdict = made({ code }) as library.Verdict;
      assert.deepEqual([verdict.outcome, verdict.code], ["error", "internal.error"]);
    });
  }

  it("what every object has is no code", () => {
    for (const name of ["toString", "constructor", "__proto__", "hasOwnProperty", ""]) {
      assert.equal(exitCodeOf(name as library.Code), 70);
    }
  });

  it("the codes stay as they are", () => {
    assert.throws(() => Object.assign(codes["requirement.reject"], { exitCode: 0 }), TypeError);
    assert.throws(() => Object.assign(codes, { "requirement.reject": codes.accepted }), TypeError);
  });
});
