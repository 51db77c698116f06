import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import type { ArchiveFlaw, ImageProblem } from "../../../src/image/problem.ts";
import { maxArchiveHeaderBytes, maxArchiveKeptFileBytes, maxArchiveMembers } from "../../../src/limits.ts";
import { type Archive, openArchive } from "../../../src/source/archive/archive.ts";
import { gnu, pax, paxRecord, type TarEntry, tar, tarEnd, tarEntry } from "../../support/tar.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const path = join(temporaryDirectory(), "archive.tar");

async function open(bytes: Uint8Array): Promise<Archive | ImageProblem> {
  writeFileSync(path, bytes);
  const opened = await openArchive(path, { links: true, toEnd: true });
  return opened.ok ? opened.value : opened.problem;
}

async function names(bytes: Uint8Array, wanted: readonly string[]): Promise<readonly string[]> {
  const archive = await open(bytes);
  assert.ok("find" in archive, JSON.stringify(archive));
  const found: string[] = [];
  for (const name of wanted) {
    const member = archive.find(name);
    if (member?.kind === "file") found.push(`${name}=${Buffer.from(await archive.read(member))}`);
    else if (member !== undefined) found.push(`${name}: ${member.kind}`);
  }
  await archive.close();
  return found;
}

const a: TarEntry = { name: "a", content: "one" };
const long = `${"d".repeat(90)}/${"n".repeat(90)}`;

describe("what is read", () => {
  const rows: readonly (readonly [string, Uint8Array, readonly string[]])[] = [
    ["a file", tar(a), ["a=one"]],
    ["an old file, type NUL", tar({ ...a, type: "\0" }), ["a=one"]],
    ["a name with ./", tar({ ...a, name: "./a" }), ["a=one"]],
    ["a name with //", tar({ ...a, name: "b//./a" }), ["b/a=one"]],
    ["a directory, twice", tar({ name: "b/", type: "5" }, { name: "./b", type: "5" }), ["b: directory"]],
    ["the root", tar({ name: "./", type: "5" }, a), ["a=one"]],
    ["a prefix", tar({ ...a, prefix: "b/c" }), ["b/c/a=one"]],
    ["GNU's format", tar({ ...a, magic: gnu }), ["a=one"]],
    ["a long name of GNU", tar({ name: "././@LongLink", type: "L", content: `${long}\0` }, a), [`${long}=one`]],
    ["a path of pax", tar(pax(paxRecord("path", "b/ä")), a), ["b/ä=one"]],
    ["a size of pax", tar(pax(paxRecord("size", "3")), { ...a, size: "00000000000\0" }), ["a=one"]],
    ["other records of pax", tar(pax(paxRecord("mtime", "-1.5"), paxRecord("comment", "=\n")), a), ["a=one"]],
    ["a size with spaces", tar({ ...a, size: "         3 \0" }), ["a=one"]],
    ["a size in binary", tar({ ...a, size: Uint8Array.of(0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3) }), ["a=one"]],
    ["a link", tar({ name: "l/a", type: "2", target: "../a" }, a), ["a=one", "l/a: link"]],
    ["no end", tarEntry(a), ["a=one"]],
    ["half an end", Buffer.concat([tarEntry(a), Buffer.alloc(512)]), ["a=one"]],
    ["something behind the end", Buffer.concat([tar(a), tarEntry({ name: "b" })]), ["a=one"]],
    ["gzip", gzipSync(tar(a)), ["a=one"]],
    ["gzip in two parts", Buffer.concat([gzipSync(tarEntry(a)), gzipSync(tarEnd)]), ["a=one"]],
  ];
  for (const [name, bytes, expected] of rows) {
    it(name, async () => {
      assert.deepEqual(await names(bytes, ["a", "b", "b/a", "b/ä", "b/c/a", "l/a", long]), expected);
    });
  }
});

describe("members that are refused", () => {
  const rows: readonly (readonly [string, readonly TarEntry[], ArchiveFlaw])[] = [
    ["..", [{ name: "..", type: "5" }], "path"],
    ["../a", [{ name: "../a" }], "path"],
    ["b/../a, which would come back", [{ name: "b/../a" }], "path"],
    ["/a", [{ name: "/a" }], "path"],
    ["a file a/", [{ name: "a/" }], "path"],
    ["a file .", [{ name: "." }], "path"],
    ["a path of pax ../a", [pax(paxRecord("path", "../a")), a], "path"],
    ["a long name /a", [{ name: "L", type: "L", content: "/a\0" }, a], "path"],
    ["a name in latin-1", [{ name: Uint8Array.of(0xe4) }], "encoding"],
    ["a prefix in latin-1", [{ name: "a", prefix: Uint8Array.of(0xe4) }], "encoding"],
    ["half a surrogate in UTF-8", [{ name: Uint8Array.of(0xed, 0xa0, 0x80) }], "encoding"],
    ["a byte order mark, which the library leaves out", [{ name: "\ufeffa" }], "encoding"],
    ["a hard link", [a, { name: "b", type: "1", target: "a" }], "link"],
    ["a link to /a", [a, { name: "b", type: "2", target: "/a" }], "link"],
    ["a link to ../a from the root", [a, { name: "b", type: "2", target: "../a" }], "link"],
    ["a link to nothing", [{ name: "b", type: "2" }], "link"],
    ["a link to the root", [{ name: "c/b", type: "2", target: ".." }], "link"],
    ["a character device", [{ name: "a", type: "3" }], "special"],
    ["a block device", [{ name: "a", type: "4" }], "special"],
    ["a FIFO", [{ name: "a", type: "6" }], "special"],
    ["a contiguous file", [{ name: "a", type: "7" }], "special"],
    ["type V", [{ name: "a", type: "V" }], "special"],
    [
      "defaults for all, which Go passes over and others apply",
      [{ name: "g", type: "g", content: paxRecord("path", "b") }, a],
      "special",
    ],
    [
      "a sparse file of GNU",
      [{ name: "a", type: "S", magic: gnu, patch: [386, "00000000000\x0000000001000\0"] }],
      "sparse",
    ],
    ["a sparse file of pax, 0.1", [pax(paxRecord("GNU.sparse.map", "0,1")), a], "sparse"],
    [
      "a sparse file of pax, 1.0",
      [pax(paxRecord("GNU.sparse.major", "1"), paxRecord("GNU.sparse.minor", "0")), a],
      "sparse",
    ],
    ["a name twice", [a, a], "duplicate"],
    ["a and ./a", [a, { name: "./a" }], "duplicate"],
    ["a file and a directory", [a, { name: "a/", type: "5" }], "duplicate"],
    ["a file, and as a directory", [a, { name: "a/b" }], "duplicate"],
    ["a directory, and as a file", [{ name: "a/b/c" }, { name: "a/b" }], "duplicate"],
    ["a link, and as a directory", [{ name: "a", type: "2", target: "b" }, { name: "a/c" }], "duplicate"],
    ["a link and a file", [{ name: "b/a", type: "2", target: "../a" }, { name: "b/a" }], "duplicate"],
  ];
  for (const [name, entries, flaw] of rows) {
    it(name, async () => {
      const problem = await open(tar(...entries));
      assert.ok("code" in problem && problem.code === "image.archive.member", JSON.stringify(problem));
      assert.equal(problem.flaw, flaw);
    });
  }
});

describe("archives that are malformed", () => {
  const hidden = tarEntry({ name: "hidden" });
  const many = Array.from({ length: maxArchiveMembers + 1 }, (_, index) => tarEntry({ name: `${index}` }));
  const longHeader = pax(paxRecord("comment", "x".repeat(maxArchiveHeaderBytes)));
  const rows: readonly (readonly [string, Uint8Array])[] = [
    ["nothing", Buffer.alloc(0)],
    ["text", Buffer.from("this is no archive\n".repeat(100))],
    ["half a header", tarEntry(a).subarray(0, 300)],
    ["a directory with a size in pax", tar(pax(paxRecord("size", "1024")), { name: "d/", type: "5" })],
    ["a wrong checksum", tar({ ...a, wrongChecksum: true })],
    ["no format (of the seventies)", tar({ ...a, magic: "\0\0\0\0\0\0\0\0" })],
    ["another version of ustar", tar({ ...a, magic: "ustar\x0001" })],
    ["star, whose prefix is shorter", tar({ ...a, patch: [508, "tar\0"] })],
    ["a prefix in GNU's format, which old Go takes for one", tar({ ...a, magic: gnu, prefix: "b" })],
    ["a content cut off", tarEntry({ ...a, content: "x".repeat(600) }).subarray(0, 900)],
    ["a content cut off in gzip", gzipSync(tarEntry({ ...a, content: "x".repeat(600) }).subarray(0, 900))],
    ["the end of a block cut off", tarEntry(a).subarray(0, 515)],
    ["a block of zeros, then a header", Buffer.concat([Buffer.alloc(512), tar(a)])],
    ["an extended header cut off", tarEntry(pax(paxRecord("path", "b"))).subarray(0, 600)],
    ["an extended header alone", tarEntry(pax(paxRecord("path", "b")))],
    ["an extended header twice", tar(pax(paxRecord("path", "b")), pax(paxRecord("path", "c")), a)],
    [
      "a long name and a path of pax, of which readers take either",
      tar({ name: "L", type: "L", content: "b\0" }, pax(paxRecord("path", "c")), a),
    ],
    ["a path of pax and a long name", tar(pax(paxRecord("path", "c")), { name: "L", type: "L", content: "b\0" }, a)],
    ["an empty long name", tar({ name: "L", type: "L" }, { name: "b/.", type: "5" })],
    ["a long name that is a NUL", tar({ name: "L", type: "L", content: "\0b" }, { name: "b/.", type: "5" })],
    ["an empty long target", tar({ name: "K", type: "K" }, { name: "b", type: "2", target: "a" })],
    ["an extended header of 64 KiB", tar(longHeader, a)],
    ["a size with a NUL before it, 0 to some readers", tar({ ...a, size: "\0          3", content: hidden })],
    ["a size with a space inside", tar({ ...a, size: "0000000 3\0" })],
    ["a size with a letter", tar({ ...a, size: "0000000000x\0" })],
    ["a size in octal with an 8", tar({ ...a, size: "00000000008\0" })],
    ["a negative size in binary", tar({ ...a, size: new Uint8Array(12).fill(0xff) })],
    ["2^53 in binary", tar({ ...a, size: Uint8Array.of(0x80, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 0, 0) })],
    ["more than the file has", tar({ ...a, size: 2 ** 33 - 1 })],
    [
      "a link with a content, which is a header to some readers",
      tar({ name: "b", type: "2", target: "a", content: hidden }),
    ],
    ["a directory with a content", tar({ name: "b", type: "5", content: hidden })],
    ["a mode that is no number", tar({ ...a, patch: [100, "rw-r--r-"] })],
    ["more members than may be", Buffer.concat([...many, tarEnd])],
    ...[
      ["no length", " path=b\n"],
      ["a length with letters behind", paxRecord("path", "b", "10x")],
      ["a length with a sign", paxRecord("path", "b", "+11")],
      ["a length with a zero before it", paxRecord("path", "b", "012")],
      ["a length that is too short", paxRecord("path", "b", "8")],
      ["a length that is too long", paxRecord("path", "b", "99")],
      ["a length of 0", paxRecord("path", "b", "0")],
      ["no line end", "10 path=bc"],
      ["no =", "7 path\n"],
      ["no key", paxRecord("", "b")],
      ["a key twice", paxRecord("path", "b") + paxRecord("path", "c")],
      ["65 records", Array.from({ length: 65 }, (_, i) => paxRecord(`SCHILY.xattr.user.${i}`, "")).join("")],
      ["a NUL in a path", paxRecord("path", "b\0c")],
      ["an empty path, which Go passes over", paxRecord("path", "")],
      ["a size in hex", paxRecord("size", "0x3")],
      ["a negative size", paxRecord("size", "-3")],
      ["a size with letters behind, 3 to some readers", paxRecord("size", "3x")],
      ["a time that is none", paxRecord("mtime", "now")],
      ["something behind the records", `${paxRecord("path", "b")}x`],
    ].map(([name = "", content = ""]) => [`a record of pax with ${name}`, tar(pax(content), a)] as const),
  ];
  for (const [name, bytes] of rows) {
    it(name, async () => {
      const problem = await open(bytes);
      assert.equal("code" in problem ? problem.code : undefined, "image.archive.malformed", JSON.stringify(problem));
    });
  }

  it("2^53 - 1 in pax: cut", async () => {
    const problem = await open(tar(pax(paxRecord("size", `${Number.MAX_SAFE_INTEGER}`)), a));
    assert.equal("code" in problem ? problem.code : undefined, "image.archive.malformed");
  });
});

it("a compressed archive gives what it did not keep in any order, some of it several times, and parts", async () => {
  const full = Array.from({ length: 9 }, (_, i) => ({
    name: `full-${i}`,
    content: Buffer.alloc(maxArchiveKeptFileBytes),
  }));
  const small = ["a", "b", "c"].map((name) => ({ name, content: name.repeat(600_000) }));
  const archive = await open(gzipSync(tar(...full, ...small)));
  assert.ok("find" in archive);
  const member = (name: string) => {
    const found = archive.find(name);
    assert.ok(found?.kind === "file" && found.content === undefined, name);
    return found;
  };
  const orders = ["abc", "cba", "aabbcc", "acb"];
  for (const name of orders.join("")) {
    assert.equal(Buffer.from(await archive.read(member(name))).toString(), name.repeat(600_000));
  }
  for await (const piece of archive.contents(member("a"))) {
    assert.equal(piece[0], 0x61);
    break;
  }
  assert.equal((await archive.read(member("a"))).length, 600_000);
  assert.equal((await archive.read(member("b"))).at(-1), 0x62);
  // At the same time, each with a reader of its own.
  const both = await Promise.all([archive.read(member("c")), archive.read(member("a"))]);
  assert.deepEqual(
    both.map((bytes) => bytes.at(-1)),
    [0x63, 0x61],
  );
  await archive.close();
});
