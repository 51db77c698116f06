import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseIdentity } from "../../src/identity/identity.ts";
import type { PathResolver } from "../../src/identity/path-resolver.ts";
import { missedScopes } from "../../src/judge/missed-scopes.ts";
import { selectScope } from "../../src/judge/select-scope.ts";
import { parsePolicy } from "../../src/policy/parse-policy.ts";
import { explain } from "../../src/report/explain.ts";
import type { MissedScope } from "../../src/verdict/missed-scope.ts";
import { rejected } from "../words/verdicts.ts";

const paths: PathResolver = {
  resolveFully: (path) => ({ ok: true, value: path }),
  open: () => ({ ok: true, value: undefined }),
};

interface Row {
  readonly identity: string;
  /** transport → scopes, all of which reject. */
  readonly transports: Readonly<Record<string, readonly string[]>>;
  readonly missed: readonly MissedScope[];
  readonly said?: RegExp;
}

const app = "r.example/team/app:1";
const rows: readonly Row[] = [
  { identity: app, transports: {}, missed: [] },
  { identity: app, transports: { docker: ["other.example"] }, missed: [] },
  {
    identity: app,
    transports: { atomic: ["r.example/team"] },
    missed: [{ kind: "other-transport", transport: "atomic", scope: "r.example/team", meant: "docker" }],
    said: /has "r\.example\/team" in transport atomic, and this image is of transport docker/,
  },
  {
    identity: app,
    transports: { dcoker: ["r.example"] },
    missed: [{ kind: "no-transport", transport: "dcoker", scope: "r.example", meant: "docker" }],
    said: /has "r\.example" in a section "dcoker", which is no transport; docker was probably meant/,
  },
  {
    identity: app,
    transports: { Docker: [""] },
    missed: [{ kind: "no-transport", transport: "Docker", scope: "", meant: "docker" }],
    said: /has a section "Docker", which is no transport/,
  },
  {
    identity: app,
    transports: { registry: ["r.example"] },
    missed: [{ kind: "no-transport", transport: "registry", scope: "r.example", meant: undefined }],
    said: /a section "registry", which is no transport\./,
  },
  { identity: app, transports: { registry: [""] }, missed: [] },
  {
    identity: "busybox",
    transports: { docker: ["docker.io/busybox"] },
    missed: [{ kind: "spelling", scope: "docker.io/busybox", meant: "docker.io/library/busybox" }],
    said: /has "docker\.io\/busybox", and images are looked up as "docker\.io\/library\/busybox"/,
  },
  {
    identity: "docker://busybox:1",
    transports: { docker: ["docker.io", "busybox:1"] },
    missed: [{ kind: "spelling", scope: "busybox:1", meant: "docker.io/library/busybox:1" }],
  },
  {
    identity: "team/app",
    transports: { docker: ["team/app"] },
    missed: [{ kind: "spelling", scope: "team/app", meant: "docker.io/team/app" }],
  },
  {
    identity: app,
    transports: { docker: ["r.example/*", "r.example"] },
    missed: [],
  },
  {
    identity: app,
    transports: { docker: ["r.example/team/*", "r.example"] },
    missed: [{ kind: "spelling", scope: "r.example/team/*", meant: "r.example/team" }],
  },
  // What decides is more specific than what could have been meant.
  { identity: "busybox", transports: { docker: ["docker.io/library/busybox", "docker.io/busybox"] }, missed: [] },
  { identity: app, transports: { docker: ["r.example/team"], atomic: ["r.example"] }, missed: [] },
  {
    identity: "dir:/images/app",
    transports: { docker: ["/images"] },
    missed: [{ kind: "other-transport", transport: "docker", scope: "/images", meant: "dir" }],
  },
];

describe("scopes that were meant for an image, and are not looked up for it", () => {
  for (const { identity: text, transports, missed, said } of rows) {
    it(`${text} under ${JSON.stringify(transports)}`, () => {
      const reject = [{ type: "reject" }];
      const sections = Object.entries(transports).map(([transport, scopes]) => [
        transport,
        Object.fromEntries(scopes.map((scope) => [scope, reject])),
      ]);
      const policy = parsePolicy(
        Buffer.from(JSON.stringify({ default: reject, transports: Object.fromEntries(sections) })),
        { path: "policy.json" },
      );
      const identity = parseIdentity(text, paths);
      assert.ok(policy.ok && identity.ok, JSON.stringify(policy));
      const { scope } = selectScope(policy.value, identity.value);
      const found = missedScopes(policy.value, identity.value, scope);
      assert.deepEqual(found, missed);
      const verdict = {
        ...rejected({ code: "requirement.reject" }),
        identity: identity.value,
        policy: { path: "policy.json", scope },
        missedScopes: found,
      };
      const words = explain(verdict).replace(/\s+/g, " ");
      if (said !== undefined) assert.match(words, said);
      assert.equal(/It has no scope for this image\. Looked up, in transport/.test(words), scope.kind === "default");
      if (scope.kind === "default") assert.ok(words.includes(`"${identity.value.policyIdentity}"`));
    });
  }
});
