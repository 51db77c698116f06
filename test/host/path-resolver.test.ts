import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { hostPathResolver } from "../../src/host/path-resolver.ts";
import { cleanPath } from "../../src/identity/path.ts";

const top = realpathSync(mkdtempSync(join(tmpdir(), "path-resolver-")));
after(() => rmSync(top, { recursive: true }));

mkdirSync(join(top, "d/sub"), { recursive: true });
mkdirSync(join(top, "elsewhere/deep"), { recursive: true });
writeFileSync(join(top, "file"), "");
const links: Readonly<Record<string, string>> = {
  link: "d/sub",
  absolute: join(top, "d"),
  dangling: "nothing",
  loop: "loop",
  "to-file": "file",
  "to-file-slash": "file/",
  "d/away": "../elsewhere/deep",
  "up-after-link": "d/away/..",
};
for (const [name, target] of Object.entries(links)) symlinkSync(target, join(top, name));
/** Chains of links that end in a directory; Linux itself follows no more than 40. */
for (const [name, length] of [
  ["long", 255],
  ["too-long", 256],
] as const) {
  mkdirSync(join(top, `${name}-0`));
  for (let at = 1; at <= length; at++) symlinkSync(`${name}-${at - 1}`, join(top, `${name}-${at}`));
}

describe("paths resolve", () => {
  const rows: readonly { path: string; expected: string; why: string }[] = [
    { path: "d/sub", expected: "d/sub", why: "as it is" },
    { path: "d//./sub/", expected: "d/sub", why: "cleaned" },
    { path: "link", expected: "d/sub", why: "a link" },
    { path: "link/", expected: "d/sub", why: "a link with a slash" },
    { path: "link/new", expected: "d/sub/new", why: "the last part need not exist" },
    { path: "absolute/sub", expected: "d/sub", why: "an absolute link" },
    { path: "link/..", expected: "", why: ".. is taken from the text, not behind the link" },
    { path: "link/../new", expected: "new", why: ".. is taken from the text, not behind the link" },
    {
      path: "up-after-link",
      expected: "elsewhere",
      why: "but in the target of a link it counts behind the link before it",
    },
    { path: "nothing/../new", expected: "new", why: "what .. takes away need not exist, if the last part does not" },
    { path: "to-file", expected: "file", why: "a link to a file" },
    { path: "long-255", expected: "long-0", why: "as many links as Go follows" },
    { path: "new\u00e9", expected: "new\u00e9", why: "not ASCII" },
  ];
  for (const { path, expected } of rows) {
    test(JSON.stringify(path), () => {
      const resolved = hostPathResolver(undefined).resolveFully(`${top}/${path}`);
      assert.deepEqual(resolved, { ok: true, value: cleanPath(`${top}/${expected}`) });
    });
  }
});

describe("paths do not resolve", () => {
  const rows: readonly { path: string; errno: string; why: string }[] = [
    { path: "nothing/new", errno: "ENOENT", why: "the parent must exist" },
    { path: "nothing/", errno: "ENOENT", why: "with a slash it is a parent" },
    { path: "nothing/..", errno: "ENOENT", why: "the last part is .., so nothing is the parent" },
    { path: "dangling", errno: "ENOENT", why: "the link is there, its target is not" },
    { path: "dangling/new", errno: "ENOENT", why: "a parent that is a dangling link" },
    { path: "file/", errno: "ENOTDIR", why: "no directory" },
    { path: "file/new", errno: "ENOTDIR", why: "no directory" },
    { path: "to-file-slash", errno: "ENOTDIR", why: "the link says it is a directory" },
    { path: "loop", errno: "ELOOP", why: "a link to itself" },
    { path: "too-long-256", errno: "ELOOP", why: "one link more than Go follows" },
    { path: "x".repeat(256), errno: "ENAMETOOLONG", why: "too long for a name" },
    { path: "a\u0000b", errno: "EINVAL", why: "a NUL character" },
  ];
  for (const { path, errno } of rows) {
    test(JSON.stringify(path), () => {
      const resolved = hostPathResolver(undefined).resolveFully(`${top}/${path}`);
      assert.ok(!resolved.ok);
      assert.equal(resolved.problem.errno, errno);
    });
  }
});

describe("relative paths", () => {
  const before = process.cwd();
  after(() => process.chdir(before));

  const rows: readonly { shellDirectory: string | undefined; path: string; expected: string; why: string }[] = [
    { shellDirectory: undefined, path: "", expected: "d/sub", why: "the working directory" },
    { shellDirectory: undefined, path: ".", expected: "d/sub", why: "the working directory" },
    { shellDirectory: undefined, path: "new", expected: "d/sub/new", why: "in the working directory" },
    { shellDirectory: undefined, path: "../new", expected: "d/new", why: "above the real directory" },
    { shellDirectory: `${top}/link`, path: "../new", expected: "new", why: "above the link one came by" },
    { shellDirectory: `${top}/d`, path: "new", expected: "d/sub/new", why: "a PWD that is another directory" },
    { shellDirectory: `${top}/nothing`, path: "new", expected: "d/sub/new", why: "a PWD that does not exist" },
    { shellDirectory: ".", path: "new", expected: "d/sub/new", why: "a relative PWD" },
  ];
  for (const { shellDirectory, path, expected } of rows) {
    test(`${JSON.stringify(path)} with PWD=${shellDirectory?.slice(top.length)}`, () => {
      process.chdir(join(top, "d/sub"));
      assert.deepEqual(hostPathResolver(shellDirectory).resolveFully(path), { ok: true, value: join(top, expected) });
    });
  }
});

describe("opening", () => {
  test("files and directories can be opened", () => {
    for (const path of ["file", "d", "to-file"]) assert.ok(hostPathResolver(undefined).open(join(top, path)).ok);
  });

  const rows: readonly { path: string; errno: string }[] = [
    { path: "", errno: "ENOENT" },
    { path: `${top}/nothing`, errno: "ENOENT" },
    { path: `${top}/dangling`, errno: "ENOENT" },
    { path: `${top}/loop`, errno: "ELOOP" },
    { path: `${top}/file/`, errno: "ENOTDIR" },
    { path: "a\u0000b", errno: "EINVAL" },
  ];
  for (const { path, errno } of rows) {
    test(`${JSON.stringify(path.replace(top, ""))} cannot`, () => {
      assert.deepEqual(hostPathResolver(undefined).open(path), { ok: false, problem: { path, errno } });
    });
  }
});
