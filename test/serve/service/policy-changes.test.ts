import assert from "node:assert/strict";
import {
  cpSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { fixtures } from "../../support/images.ts";
import { runtimes } from "../../support/run.ts";
import { makeFifo, temporaryDirectory } from "../../support/temporary.ts";
import { endRunning, RunningService, type ServiceClient } from "../../support/varlink/running-service.ts";
import { identity, parameters } from "../../support/varlink/signed-call.ts";

const sigstoreKeys = join(fixtures, "keys", "sigstore");

/** Files of one size, so that nothing but their content tells them apart. */
const size = 1200;
const padded = (content: string | Uint8Array): string => Buffer.from(content).toString().padEnd(size, "\n");
const key = padded(readFileSync(join(sigstoreKeys, "rsa.pub")));
const otherKey = padded(readFileSync(join(sigstoreKeys, "release.pub")));
const brokenKey = padded("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----");
const simple = (type: string): string => padded(JSON.stringify({ default: [{ type }] }));
const accepting = simple("insecureAcceptAnything");
const rejecting = simple("reject");
const brokenPolicy = padded('{"default": [');

/** Ways to put another content in a file's place. */
const ways: readonly (readonly [string, (path: string, content: string) => void])[] = [
  ["written anew", (path, content) => writeFileSync(path, content)],
  [
    "written anew, with its time set back",
    (path, content) => {
      const { atime, mtime } = statSync(path);
      writeFileSync(path, content);
      utimesSync(path, atime, mtime);
    },
  ],
  [
    "replaced by rename, with the time of the one before",
    (path, content) => {
      const { atime, mtime } = statSync(path);
      writeFileSync(`${path}.next`, content);
      utimesSync(`${path}.next`, atime, mtime);
      renameSync(`${path}.next`, path);
    },
  ],
  [
    "removed and made again",
    (path, content) => {
      unlinkSync(path);
      writeFileSync(path, content);
    },
  ],
  [
    "a link that is pointed elsewhere",
    (path, content) => {
      const target = join(temporaryDirectory(), "target");
      writeFileSync(target, content);
      symlinkSync(target, `${path}.next`);
      renameSync(`${path}.next`, path);
    },
  ],
  [
    "in a directory that is a link, and is pointed elsewhere",
    (path, content) => {
      const directory = dirname(path);
      const next = temporaryDirectory();
      cpSync(directory, next, { recursive: true, dereference: true });
      writeFileSync(join(next, basename(path)), content);
      symlinkSync(next, `${directory}.next`);
      renameSync(`${directory}.next`, directory);
    },
  ],
];

/** What may be where a policy or a key was. */
const losses: readonly (readonly [string, (path: string) => void])[] = [
  ["removed", () => {}],
  ["a directory in its place", (path) => void mkdirSync(path)],
  ["a named pipe in its place", makeFifo],
  ["a link to nothing in its place", (path) => symlinkSync("nothing", path)],
  ["empty", (path) => writeFileSync(path, "")],
  ["over the limit", (path) => writeFileSync(path, Buffer.alloc(64 * 1024 * 1024, " "))],
];

for (const runtime of runtimes) {
  describe(`a policy that changes, ${runtime.name}`, () => {
    const directory = join(temporaryDirectory(), "current");
    const policyPath = join(directory, "policy.json");
    const keyPath = join(directory, "key.pub");
    const signing = padded(JSON.stringify({ default: [{ type: "sigstoreSigned", keyPath }] }));
    let service: RunningService;
    let client: ServiceClient;

    beforeEach(() => {
      rmSync(directory, { recursive: true, force: true });
      const place = temporaryDirectory();
      writeFileSync(join(place, "policy.json"), signing);
      writeFileSync(join(place, "key.pub"), key);
      symlinkSync(place, directory);
    });
    before(async () => {
      service = await RunningService.start(runtime, [`--policy=${policyPath}`], { abstract: true });
      client = service.connect();
    });
    after(async () => {
      client.close();
      assert.equal(await service.stop(), 0, service.stderr);
    });
    after(endRunning);

    /** What the very next call says: an outcome, or an error. */
    async function told(from = client): Promise<string> {
      const answer = await from.call("Verify.VerifyBytes", parameters);
      if (answer.error === undefined) return `${answer.parameters?.verdict?.outcome}`;
      return answer.error.slice("dev.sealcheck.Verify.".length);
    }

    for (const [name, put] of ways) {
      it(`the policy: ${name}`, async () => {
        for (const [content, expected] of [
          [signing, "accepted"],
          [rejecting, "rejected"],
          [accepting, "accepted"],
          [brokenPolicy, "PolicyUnusable"],
          [rejecting, "rejected"],
          [signing, "accepted"],
        ] as const) {
          put(policyPath, content);
          assert.equal(await told(), expected);
        }
      });

      it(`a key: ${name}`, async () => {
        for (const [content, expected] of [
          [key, "accepted"],
          [otherKey, "rejected"],
          [brokenKey, "PolicyUnusable"],
          [key, "accepted"],
          [brokenKey, "PolicyUnusable"],
          [otherKey, "rejected"],
        ] as const) {
          put(keyPath, content);
          assert.equal(await told(), expected);
        }
      });
    }

    for (const [what, path, good] of [
      ["policy", policyPath, signing],
      ["key", keyPath, key],
    ] as const) {
      for (const [name, put] of losses) {
        it(`no ${what}, ${name}: PolicyUnusable at each call, and no more once it is there again`, async () => {
          assert.equal(await told(), "accepted");
          unlinkSync(path);
          put(path);
          for (let count = 0; count < 3; count++) assert.equal(await told(), "PolicyUnusable");
          rmSync(path, { recursive: true, force: true });
          writeFileSync(path, good);
          assert.equal(await told(), "accepted");
        });
      }
    }

    it("is seen by each call, however fast they follow each other", async () => {
      for (let round = 0; round < 100; round++) {
        writeFileSync(policyPath, round % 2 === 0 ? rejecting : signing);
        assert.equal(await told(), round % 2 === 0 ? "rejected" : "accepted");
        writeFileSync(keyPath, round % 2 === 0 ? key : otherKey);
        assert.equal(await told(), "rejected");
        writeFileSync(keyPath, key);
      }
    });

    it("is seen by connections that were there before, and by every method", async () => {
      const other = service.connect();
      assert.equal(await told(other), "accepted");
      writeFileSync(policyPath, rejecting);
      assert.equal(await told(other), "rejected");
      const explained = await other.call("Verify.ExplainIdentity", { identity });
      assert.deepEqual(
        explained.parameters?.requirements?.map(({ kind }) => kind),
        ["reject"],
      );
      const open = { open: [join(fixtures, "images", "cosign-key-rsa")] };
      const directory = { identity, directory_fd_index: 0 };
      for (const method of ["Verify.VerifyDirectory", "Image.Open"]) {
        const { parameters: given } = await other.call(method, directory, open);
        assert.equal(given?.verdict?.outcome, "rejected");
      }
      writeFileSync(policyPath, brokenPolicy);
      for (const method of ["Verify.VerifyDirectory", "Image.Open"]) {
        assert.match(`${(await other.call(method, directory, open)).error}`, /\.PolicyUnusable$/);
      }
      assert.match(`${(await other.call("Verify.ExplainIdentity", { identity })).error}`, /\.PolicyUnusable$/);
      const more = { flags: { more: true } };
      const many = await other.call("Verify.VerifyMany", { requests: [parameters] }, more);
      assert.equal(many.parameters?.failure?.kind, "policy");
      other.close();
    });

    it("status: that there is none in force, and why, and since when there is one again", async () => {
      const status = async () => (await client.call("Verify.GetStatus")).parameters ?? {};
      const first = await status();
      assert.equal(first.policy_path, policyPath);
      assert.equal(first.policy_failure, null);
      writeFileSync(policyPath, brokenPolicy);
      const second = await status();
      assert.equal(second.policy_loaded_at_seconds, null);
      assert.equal(second.policy_failure?.kind, "policy");
      assert.match(`${second.policy_failure?.code}`, /^policy\./);
      writeFileSync(policyPath, signing);
      const third = await status();
      assert.equal(third.policy_failure, null);
      assert.ok(Number(third.policy_loaded_at_seconds) >= Number(first.policy_loaded_at_seconds));
    });

    it("the user's own, where none is named", async () => {
      const home = temporaryDirectory();
      const own = join(home, ".config", "containers", "policy.json");
      mkdirSync(dirname(own), { recursive: true });
      const unnamed = await RunningService.start(runtime, [], { abstract: true, env: { HOME: home } });
      const from = unnamed.connect();
      for (const [content, expected] of [
        [accepting, "accepted"],
        [rejecting, "rejected"],
        [brokenPolicy, "PolicyUnusable"],
        [accepting, "accepted"],
      ] as const) {
        writeFileSync(own, content);
        assert.equal(await told(from), expected);
      }
      from.close();
      assert.equal(await unnamed.stop(), 0, unnamed.stderr);
    });
  });
}
