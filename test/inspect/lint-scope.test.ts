import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseIdentity } from "../../src/identity/identity.ts";
import type { PathResolver } from "../../src/identity/path-resolver.ts";
import { candidateScopes } from "../../src/identity/scopes.ts";
import { widerScopes } from "../../src/identity/wider-scopes.ts";
import { lintScope, lintScopeMeaning } from "../../src/inspect/lint-scope.ts";
import { fail } from "../../src/result.ts";

const paths: PathResolver = {
  resolveFully: (path) => fail({ path, errno: "ENOENT" }),
  open: (path) => fail({ path, errno: "ENOENT" }),
};
const lint = (scope: string, transport = "docker") =>
  lintScope({ transport, scope, path: [], requirements: [] }, paths);

describe("scopes that match nothing", () => {
  const rows: readonly { scope: string; trap: string; nearest: string | undefined; transport?: string }[] = [
    { scope: "busybox", trap: "short-name", nearest: "docker.io/library/busybox" },
    { scope: "busybox:1.36", trap: "short-name", nearest: "docker.io/library/busybox:1.36" },
    { scope: "library/busybox", trap: "short-name", nearest: "docker.io/library/busybox" },
    { scope: "vendor/app", trap: "short-name", nearest: "docker.io/vendor/app" },
    { scope: "docker.io/busybox:1.36", trap: "short-name", nearest: "docker.io/library/busybox:1.36" },
    { scope: "index.docker.io", trap: "alias", nearest: "docker.io" },
    { scope: "index.docker.io/library/busybox", trap: "alias", nearest: "docker.io/library/busybox" },
    { scope: "registry.example.com/", trap: "trailing-slash", nearest: "registry.example.com" },
    { scope: "registry.example.com/vendor//", trap: "trailing-slash", nearest: "registry.example.com/vendor" },
    { scope: "registry.example.com/*", trap: "wildcard", nearest: "registry.example.com" },
    { scope: "registry.example.com/app:*", trap: "wildcard", nearest: "registry.example.com/app" },
    { scope: "registry.example.com/app:v1.*", trap: "wildcard", nearest: undefined },
    { scope: "*.example.com/app", trap: "wildcard", nearest: undefined },
    { scope: "*", trap: "wildcard", nearest: undefined },
    { scope: "registry.example.com/Vendor/app", trap: "upper-case", nearest: "registry.example.com/vendor/app" },
    { scope: "registry.example.com/Vendor:Tag", trap: "upper-case", nearest: "registry.example.com/vendor:Tag" },
    { scope: "docker://registry.example.com/app", trap: "scheme", nearest: "registry.example.com/app" },
    { scope: "https://registry.example.com", trap: "scheme", nearest: "registry.example.com" },
    { scope: " registry.example.com", trap: "blank", nearest: "registry.example.com" },
    { scope: "registry.example.com app", trap: "blank", nearest: undefined },
    {
      scope: `registry.example.com/app:1@sha256:${"0".repeat(64)}`,
      trap: "tag-and-digest",
      nearest: `registry.example.com/app@sha256:${"0".repeat(64)}`,
    },
    { scope: "/var/lib/images", trap: "path", nearest: undefined },
    { scope: "./images", trap: "path", nearest: undefined },
    { scope: "registry.example.com/app@sha256:0", trap: "other", nearest: undefined },
    { scope: "busybox", trap: "short-name", nearest: "docker.io/library/busybox", transport: "docker-daemon" },
  ];
  for (const { scope, trap, nearest, transport } of rows) {
    it(`${transport ?? "docker"} ${JSON.stringify(scope)}: ${trap}`, () => {
      assert.deepEqual(lint(scope, transport), { code: "lint.scope.never-matches", scope, trap, nearest });
    });
  }
});

describe("scopes that match other images than somebody may think", () => {
  const rows: readonly { scope: string; code: string | undefined; transport?: string }[] = [
    { scope: "docker.io/nginx", code: "lint.scope.official" },
    { scope: "docker.io/library", code: undefined },
    { scope: "docker.io/library/nginx", code: undefined },
    { scope: "docker.io", code: undefined },
    { scope: "quay.io/nginx", code: undefined },
    { scope: "registry.example.com/app", code: "lint.scope.docker-daemon", transport: "docker-daemon" },
    { scope: "", code: undefined, transport: "docker-daemon" },
    { scope: "registry.example.com/app", code: undefined, transport: "atomic" },
  ];
  for (const { scope, code, transport = "docker" } of rows) {
    it(`${transport} ${JSON.stringify(scope)}: ${code}`, () => {
      assert.equal(lintScopeMeaning({ transport, scope, path: [], requirements: [] })?.code, code);
    });
  }
});

describe("scopes that match", () => {
  const scopes = ["docker.io", "localhost", "localhost:5000", "ho_st.com", "host:99999", "*.example.com", "*.com"];
  const more = ["docker.io/library", "docker.io/busybox", "registry.example.com/a/b/c:Tag", "127.0.0.1:5000/a"];
  for (const scope of [...scopes, ...more]) it(scope, () => assert.equal(lint(scope), undefined));

  it("all that are looked up for any identity", () => {
    const component = fc.stringMatching(/^[a-z0-9]{1,4}((\.|_|-)[a-z0-9]{1,3})?$/);
    const host = fc.oneof(
      fc.tuple(component, component).map(([a, b]) => `${a}.${b}`),
      fc.constantFrom("localhost", "docker.io", "a.b:5000", "x:1"),
    );
    const tail = fc.oneof(fc.constant(""), fc.stringMatching(/^:[A-Za-z0-9_][A-Za-z0-9_.-]{0,5}$/));
    const identity = fc
      .tuple(host, fc.array(component, { minLength: 1, maxLength: 4 }), tail)
      .map(([domain, path, end]) => `docker://${domain}/${path.join("/")}${end}`);
    fc.assert(
      fc.property(identity, (text) => {
        const parsed = parseIdentity(text, paths);
        fc.pre(parsed.ok);
        const candidates = candidateScopes(parsed.value);
        for (const scope of candidates) assert.equal(lint(scope), undefined, scope);
        // What is looked up after a scope is what the reference looks up after it.
        for (const [index, scope] of candidates.slice(0, -1).entries()) {
          assert.deepEqual([...widerScopes(scope), ""], candidates.slice(index + 1), scope);
        }
      }),
    );
  });

  it("says something of any text, in bounded time", () => {
    fc.assert(fc.property(fc.string({ maxLength: 200 }), (scope) => void lint(scope)));
    const started = performance.now();
    for (const piece of ["/", "*", ":", "@", "a/", "A", "a.", " ", "://"]) {
      lint(piece.repeat(50_000));
      widerScopes(piece.repeat(50_000));
    }
    assert.ok(performance.now() - started < 5000);
  });
});
