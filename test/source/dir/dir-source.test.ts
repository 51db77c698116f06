import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, renameSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { readBoundedFile } from "../../../src/host/bounded-file.ts";
import { readDirSource } from "../../../src/index.ts";
import { maxManifestBytes, maxSignatureBytes, maxSignatures, maxSignaturesBytes } from "../../../src/limits.ts";
import { openedDirectory } from "../../support/directories.ts";
import { makeFifo, temporaryDirectory } from "../../support/temporary.ts";

const manifest = '{"schemaVersion":2}';

/** A directory with a manifest, and whatever `change` does to it. */
function directory(change: (path: string) => void = () => {}): string {
  const path = temporaryDirectory();
  writeFileSync(join(path, "manifest.json"), manifest);
  change(path);
  return path;
}

function file(name: string, content: string | Uint8Array = name): (path: string) => void {
  return (path) => writeFileSync(join(path, name), content);
}

/** A file without content that says it has some. */
function sparse(name: string, sizeBytes: number): (path: string) => void {
  return (path) => {
    writeFileSync(join(path, name), "");
    truncateSync(join(path, name), sizeBytes);
  };
}

function link(name: string, target: string): (path: string) => void {
  return (path) => symlinkSync(target, join(path, name));
}

function without(name: string, make: (path: string) => void): (path: string) => void {
  return (path) => {
    renameSync(join(path, name), join(path, "elsewhere"));
    make(path);
  };
}

function fifo(name: string): (path: string) => void {
  return (path) => makeFifo(join(path, name));
}

function socket(name: string): (path: string) => void {
  return (path) => {
    const script = "const s=require('net').createServer().listen(process.argv[1],()=>process.exit())";
    assert.equal(spawnSync(process.execPath, ["-e", script, join(path, name)]).status, 0);
  };
}

function all(...changes: readonly ((path: string) => void)[]): (path: string) => void {
  return (path) => {
    for (const change of changes) change(path);
  };
}

const version = (number: string): string => `Directory Transport Version: ${number}\n`;

describe("readDirSource reads", () => {
  const rows: readonly { what: string; change: (path: string) => void; signatures: readonly string[] }[] = [
    { what: "a manifest alone", change: () => {}, signatures: [] },
    { what: "a known version", change: file("version", version("1.1")), signatures: [] },
    {
      what: "signatures in order",
      change: all(file("signature-2"), file("signature-1")),
      signatures: ["signature-1", "signature-2"],
    },
    { what: "up to the first gap", change: all(file("signature-1"), file("signature-3")), signatures: ["signature-1"] },
    { what: "from 1", change: file("signature-0"), signatures: [] },
    { what: "in numbers without zeros", change: file("signature-01"), signatures: [] },
    { what: "an empty signature", change: file("signature-1", ""), signatures: [""] },
  ];
  for (const { what, change, signatures } of rows) {
    it(what, () => {
      const source = readDirSource(directory(change));
      assert.ok(source.ok);
      assert.equal(Buffer.from(source.value.manifest).toString(), manifest);
      assert.ok(source.value.signatures.ok);
      assert.deepEqual(
        source.value.signatures.value.map((bytes) => Buffer.from(bytes).toString()),
        signatures,
      );
    });
  }

  it("more than nine signatures in the order of their numbers", () => {
    const names = Array.from({ length: 12 }, (_, index) => `signature-${index + 1}`);
    const source = readDirSource(directory(all(...names.map((name) => file(name)))));
    assert.ok(source.ok && source.value.signatures.ok);
    assert.deepEqual(
      source.value.signatures.value.map((bytes) => Buffer.from(bytes).toString()),
      names,
    );
  });

  it("through links to the directory", () => {
    const links = temporaryDirectory();
    symlinkSync(directory(), join(links, "link"));
    assert.ok(readDirSource(join(links, "link")).ok);
  });

  it("what the command takes as SOURCE: with its transport, and with colons in the path behind it", () => {
    const path = directory();
    assert.ok(readDirSource(`dir:${path}`).ok);
    const colons = join(temporaryDirectory(), "dir:x");
    symlinkSync(path, colons);
    assert.ok(readDirSource(`dir:${colons}`).ok);
    const [registry, other] = [readDirSource("docker://registry.example.com/app"), readDirSource(`oci:${path}`)];
    assert.equal(!registry.ok && registry.problem.code, "usage.source.registry");
    assert.equal(!other.ok && other.problem.code, "usage.source.unsupported");
  });

  it("a manifest of exactly the bound", () => {
    const source = readDirSource(directory(file("manifest.json", Buffer.alloc(maxManifestBytes))));
    assert.ok(source.ok && source.value.manifest.length === maxManifestBytes);
  });
});

describe("readDirSource refuses", () => {
  const rows: readonly { what: string; change: (path: string) => void; code: string }[] = [
    { what: "no manifest", change: without("manifest.json", () => {}), code: "image.manifest.missing" },
    {
      what: "a manifest that is a link",
      change: without("manifest.json", link("manifest.json", "elsewhere")),
      code: "image.file.symlink",
    },
    {
      what: "a manifest that is a dangling link",
      change: without("manifest.json", link("manifest.json", "nowhere")),
      code: "image.file.symlink",
    },
    {
      what: "a manifest that is a link to a device",
      change: without("manifest.json", link("manifest.json", "/dev/zero")),
      code: "image.file.symlink",
    },
    {
      what: "a manifest that is a FIFO",
      change: without("manifest.json", fifo("manifest.json")),
      code: "image.file.special",
    },
    {
      what: "a manifest that is a socket",
      change: without("manifest.json", socket("manifest.json")),
      code: "image.file.special",
    },
    {
      what: "a manifest that is a directory",
      change: without("manifest.json", (path) => mkdirSync(join(path, "manifest.json"))),
      code: "image.file.special",
    },
    {
      what: "a manifest one byte too large",
      change: sparse("manifest.json", maxManifestBytes + 1),
      code: "image.manifest.too-large",
    },
    { what: "a manifest of a terabyte", change: sparse("manifest.json", 2 ** 40), code: "image.manifest.too-large" },
    { what: "a newer version", change: file("version", version("1.3")), code: "image.version.unsupported" },
    { what: "an empty version", change: file("version", ""), code: "image.version.unsupported" },
    { what: "a long version", change: file("version", version("1.1").repeat(1000)), code: "image.version.unsupported" },
    {
      what: "a version that is a link",
      change: all(file("other", version("1.1")), link("version", "other")),
      code: "image.file.symlink",
    },
    {
      what: "a version that is a directory",
      change: (path) => mkdirSync(join(path, "version")),
      code: "image.file.special",
    },
  ];
  for (const { what, change, code } of rows) {
    it(what, () => {
      const source = readDirSource(directory(change));
      assert.equal(source.ok ? "read" : source.problem.code, code);
    });
  }

  const places: readonly { path: string; why: string }[] = [
    { path: "", why: "an empty path is no working directory" },
    { path: "/nonexistent/image", why: "nothing there" },
    { path: "/dev/null", why: "a device" },
    { path: "/etc/hostname", why: "a file" },
    { path: "/tmp/a\0b", why: "a NUL character would cut it off" },
    { path: `/${"x".repeat(5000)}`, why: "longer than the system takes" },
  ];
  for (const { path, why } of places) {
    it(`${JSON.stringify(path.slice(0, 40))}: ${why}`, () => {
      const source = readDirSource(path);
      assert.equal(source.ok ? "read" : source.problem.code, "image.source.unreadable");
    });
  }
});

describe("readDirSource gives the manifest, and refuses as signature", () => {
  const first = file("signature-1");
  const rows: readonly { what: string; change: (path: string) => void; code: string }[] = [
    { what: "a link", change: all(first, link("signature-2", "signature-1")), code: "image.file.symlink" },
    {
      what: "a dangling link, where the reference ends the list",
      change: all(first, link("signature-2", "nowhere")),
      code: "image.file.symlink",
    },
    { what: "a loop of links", change: link("signature-1", "signature-1"), code: "image.file.symlink" },
    {
      what: "a directory",
      change: all(first, (path) => mkdirSync(join(path, "signature-2"))),
      code: "image.file.special",
    },
    { what: "a FIFO", change: fifo("signature-1"), code: "image.file.special" },
    { what: "a socket", change: socket("signature-1"), code: "image.file.special" },
    {
      what: "one byte too much",
      change: sparse("signature-1", maxSignatureBytes + 1),
      code: "image.signature.too-large",
    },
    {
      what: "too much in all",
      change: all(
        ...Array.from({ length: maxSignaturesBytes / maxSignatureBytes + 1 }, (_, index) =>
          sparse(`signature-${index + 1}`, maxSignatureBytes),
        ),
      ),
      code: "image.signature.too-large",
    },
    {
      what: "one too many",
      change: all(...Array.from({ length: maxSignatures + 1 }, (_, index) => file(`signature-${index + 1}`))),
      code: "image.signature.too-many",
    },
  ];
  for (const { what, change, code } of rows) {
    it(what, () => {
      const source = readDirSource(directory(change));
      assert.ok(source.ok);
      assert.equal(Buffer.from(source.value.manifest).toString(), manifest);
      assert.equal(source.value.signatures.ok ? "read" : source.value.signatures.problem.code, code);
    });
  }
});

describe("an open directory stays the one that was opened", () => {
  it("when another is put in its place", () => {
    const parent = temporaryDirectory();
    mkdirSync(join(parent, "image"));
    file("name", "first")(join(parent, "image"));
    const opened = openedDirectory(join(parent, "image"));
    renameSync(join(parent, "image"), join(parent, "moved"));
    mkdirSync(join(parent, "image"));
    file("name", "second")(join(parent, "image"));
    const content = opened.readFile("name", 100);
    opened.close();
    assert.ok(content.ok && Buffer.from(content.value).toString() === "first");
  });

  it("or says that it is not, where descriptors cannot be seen as files", () => {
    const parent = temporaryDirectory();
    mkdirSync(join(parent, "image"));
    file("name", "first")(join(parent, "image"));
    const opened = openedDirectory(join(parent, "image"), "/nonexistent");
    const before = opened.readFile("name", 100);
    renameSync(join(parent, "image"), join(parent, "moved"));
    mkdirSync(join(parent, "image"));
    file("name", "second")(join(parent, "image"));
    const after = opened.readFile("name", 100);
    opened.close();
    assert.ok(before.ok && Buffer.from(before.value).toString() === "first");
    assert.deepEqual(after, { ok: false, problem: { kind: "system", errno: "ESTALE" } });
  });
});

describe("readBoundedFile", () => {
  it("reads to the end, whatever the size says: files of /proc say 0", () => {
    const content = readBoundedFile("/proc/self/status", { maxBytes: 100_000, followLinks: false });
    assert.ok(content.ok && Buffer.from(content.value).toString().endsWith("\n"));
  });

  it("and stops at the bound all the same", () => {
    const content = readBoundedFile("/proc/self/status", { maxBytes: 100, followLinks: false });
    assert.deepEqual(content, { ok: false, problem: { kind: "too-large" } });
  });

  it("follows links where that is asked for", () => {
    const path = directory(link("link", "manifest.json"));
    const content = readBoundedFile(join(path, "link"), { maxBytes: 100, followLinks: true });
    assert.ok(content.ok && Buffer.from(content.value).toString() === manifest);
  });
});

describe("findInstances counts the images of an index that lie beside it, and those with a signature", () => {
  const hex = (digit: string) => digit.repeat(64);
  const digests = [
    { algorithm: "sha256", hex: hex("a") },
    { algorithm: "sha256", hex: hex("b") },
    { algorithm: "sha512", hex: hex("c").repeat(2) },
  ] as const;
  const rows: readonly { what: string; change: (path: string) => void; found: object }[] = [
    { what: "none", change: () => {}, found: { present: 0, signed: 0 } },
    {
      what: "one with, one without",
      change: all(
        file(`${hex("a")}.manifest.json`),
        file(`${hex("a")}.signature-1`),
        file(`${hex("b")}.manifest.json`),
        file(`${hex("d")}.manifest.json`),
      ),
      found: { present: 2, signed: 1 },
    },
    {
      what: "of another algorithm",
      change: all(file(`sha512-${hex("c").repeat(2)}.manifest.json`), file(`sha512-${hex("c").repeat(2)}.signature-1`)),
      found: { present: 1, signed: 1 },
    },
    {
      what: "a signature without its manifest",
      change: file(`${hex("a")}.signature-1`),
      found: { present: 0, signed: 0 },
    },
    {
      what: "links, which are not followed",
      change: all(
        link(`${hex("a")}.manifest.json`, "manifest.json"),
        link(`${hex("b")}.manifest.json`, "/nonexistent"),
      ),
      found: { present: 0, signed: 0 },
    },
  ];
  for (const { what, change, found } of rows) {
    it(what, () => {
      const source = readDirSource(directory(change));
      assert.ok(source.ok);
      assert.deepEqual(source.value.findInstances(digests), found);
    });
  }

  it("a directory that is gone by then is a failure for whoever asks", () => {
    const path = directory();
    const source = readDirSource(path);
    assert.ok(source.ok);
    renameSync(path, `${path}-gone`);
    assert.throws(() => source.value.findInstances(digests));
  });
});

it("an OCI layout is called so", () => {
  const read = readDirSource(directory(without("manifest.json", file("index.json"))));
  assert.deepEqual(read.ok ? undefined : { ...read.problem, path: "" }, {
    code: "image.manifest.missing",
    path: "",
    layout: "oci",
  });
});
