import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { lookasideOf, signatureAddress } from "../../src/config/lookaside.ts";
import { readRegistries } from "../../src/config/registries-d.ts";
import { parseDigest } from "../../src/encoding/digest.ts";
import { parseNormalizedNamed } from "../../src/identity/docker-reference.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const hex = "ab".repeat(32);
const file = `@sha256=${hex}/signature-2`;

interface Row {
  readonly yaml: string;
  /** `a.example/x/app:1`, if it is not said. */
  readonly image?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly userId?: number;
  /** Attachments, then the address: a path, `PROTOCOL HOST PORT TARGET [AUTHORIZATION]`, or what is wrong. */
  readonly expected: string | RegExp;
}

/** The address of the second signature. */
async function address({ yaml, image = "a.example/x/app:1", environment = {}, userId = 0 }: Row): Promise<string> {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "a.yaml"), yaml);
  const config = await readRegistries(directory, {});
  assert.ok(config.ok, JSON.stringify(config));
  const reference = parseNormalizedNamed(image);
  const digest = parseDigest(`sha256:${hex}`);
  assert.ok(reference.ok && digest !== undefined);
  const lookaside = lookasideOf(config.value, reference.value, { environment, userId });
  if (!lookaside.ok) return `never: ${lookaside.problem.reason}`;
  const attachments = lookaside.value.useSigstoreAttachments ? "attachments " : "";
  const found = signatureAddress(lookaside.value, digest, 2);
  if (!found.ok) {
    assert.equal(found.problem.code, "config.registries-d.invalid");
    assert.equal(found.problem.path, join(directory, "a.yaml"));
    return `${attachments}unread: ${found.problem.reason}`;
  }
  if (found.value.kind === "file") return `${attachments}${found.value.path}`;
  const { protocol, host, port, target, authorization } = found.value;
  return `${attachments}${[protocol, host, port, target, ...(authorization === undefined ? [] : [authorization])].join(" ")}`;
}

const at = (url: string) => `default-docker: {lookaside: '${url}'}`;
const tail = `/x/app${file}`;

// Each of these, but those that are said to be stricter, was asked of containers/image v5.42.1.
describe("the address of a signature", () => {
  const rows: readonly Row[] = [
    // No lookaside.
    { yaml: "", expected: `/var/lib/containers/sigstore${tail}` },
    { yaml: "docker: {b.example: {lookaside: 'https://s'}}", expected: `/var/lib/containers/sigstore${tail}` },
    {
      yaml: "",
      userId: 1000,
      environment: { HOME: "/home/u" },
      expected: `/home/u/.local/share/containers/sigstore${tail}`,
    },
    {
      yaml: "",
      environment: { HOME: "/home/u", _CONTAINERS_ROOTLESS_UID: "1000" },
      expected: `/home/u/.local/share/containers/sigstore${tail}`,
    },
    {
      yaml: "",
      userId: 1000,
      environment: { _CONTAINERS_ROOTLESS_UID: "0" },
      expected: `/var/lib/containers/sigstore${tail}`,
    },
    {
      yaml: "default-docker: {use-sigstore-attachments: true}",
      expected: `attachments /var/lib/containers/sigstore${tail}`,
    },
    // Stricter: there it depends on where one stands.
    { yaml: "", userId: 1000, environment: { HOME: "home" }, expected: /^never: not an absolute path/ },
    // By the name that is accessed; each setting by itself.
    { yaml: at("https://s"), expected: `https: s 443 ${tail}` },
    { yaml: at("https://s"), image: `a.example/app@sha256:${"c".repeat(64)}`, expected: `https: s 443 /app${file}` },
    { yaml: at("https://s"), image: "busybox:1", expected: `https: s 443 /library/busybox${file}` },
    { yaml: at("https://s"), image: "ho_st.com/app:1", expected: `https: s 443 /ho_st.com/app${file}` },
    { yaml: "docker: {a.example/x/app:1: {lookaside: 'https://s'}}", expected: `https: s 443 ${tail}` },
    {
      yaml: "docker: {a.example: {use-sigstore-attachments: true}, a.example/x: {lookaside: 'https://s'}}",
      expected: `attachments https: s 443 ${tail}`,
    },
    {
      yaml: "docker: {a.example: {use-sigstore-attachments: true, lookaside: 'https://s'}, a.example/x: {use-sigstore-attachments: false}}",
      expected: `https: s 443 ${tail}`,
    },
    { yaml: "docker: {'*.example': {lookaside: 'https://s'}, a.example: null}", expected: `https: s 443 ${tail}` },
    { yaml: "default-docker: {sigstore: 'https://old'}", expected: `https: old 443 ${tail}` },
    { yaml: "default-docker: {sigstore: 'https://old', lookaside: 'https://new'}", expected: `https: new 443 ${tail}` },
    { yaml: "default-docker: {lookaside-staging: 'https://w'}", expected: `/var/lib/containers/sigstore${tail}` },
    // What of a URL counts.
    { yaml: at("HTTP://S:8080/a?x=1"), expected: `http: S 8080 /a${tail}?x=1` },
    { yaml: at("https://s/a/?"), expected: `https: s 443 /a/${tail}?` },
    { yaml: at("https://s/a#b"), expected: `https: s 443 /a${tail}` },
    { yaml: at("https://s/a/../b"), expected: `https: s 443 /a/../b${tail}` },
    { yaml: at("https://s/a%2Fb%20c d%ff"), expected: `https: s 443 /a/b%20c%20d%FF${tail}` },
    { yaml: at("https://s/é(x)!"), expected: `https: s 443 /%C3%A9%28x%29%21${tail}` },
    { yaml: at("https://[::1]:80/a"), expected: `https: ::1 80 /a${tail}` },
    { yaml: at("https://s:/a"), expected: `https: s 443 /a${tail}` },
    { yaml: at("https://u:p@s"), expected: `https: s 443 ${tail} Basic dTpw` },
    { yaml: at("https://u:p%40q@s"), expected: `https: s 443 ${tail} Basic dTpwQHE=` },
    { yaml: at("https://u@s"), expected: `https: s 443 ${tail} Basic dTo=` },
    { yaml: at("https://a@b:c@s"), expected: `https: s 443 ${tail} Basic YUBiOmM=` },
    { yaml: at("file:///a b%20c"), expected: `/a b c${tail}` },
    { yaml: at("file:///a/"), expected: `/a/${tail}` },
    { yaml: at("file://host/a"), expected: `/a${tail}` },
    { yaml: at("file:/a"), expected: `/a${tail}` },
    { yaml: at("file:a"), expected: tail },
    // Only what reads signatures finds that it cannot.
    { yaml: at("s3://bucket/a"), expected: /^unread: the lookaside has the scheme s3/ },
    { yaml: at("/var/lib/x"), expected: /^unread: the lookaside has no scheme/ },
    { yaml: at("s.example/x"), expected: /^unread: the lookaside has no scheme/ },
    { yaml: `use: 1\n${at("https:s/a")}`, expected: /^unread: the lookaside has no host/ },
    { yaml: at("https:///a"), expected: /^unread: the lookaside has no host/ },
    { yaml: at("https://s:65536"), expected: /^unread: the port/ },
    // Stricter: what HTTP has no form for, and a file name that is not UTF-8.
    { yaml: at("https://s?a b"), expected: /^unread: the query/ },
    { yaml: at("file:///%ff"), expected: /^unread: the path of the lookaside is not UTF-8/ },
    // Stricter: hosts that are not ASCII, which Go translates.
    { yaml: at("https://é.example"), expected: /^unread: the lookaside has no host, or/ },
    // Nothing is asked there at all.
    { yaml: at("https://s/%zz"), expected: /^never: .*hexadecimal/ },
    { yaml: at("https://s#%zz"), expected: /^never: .*hexadecimal/ },
    { yaml: at("https://s:x"), expected: /^never: .*port/ },
    { yaml: at("https://s:1:2"), expected: /^never: .*port/ },
    { yaml: at("https://s%41"), expected: /^never: .*host/ },
    { yaml: at("https://s t"), expected: /^never: .*host/ },
    { yaml: at("https://[1.2.3.4]"), expected: /^never: .*host/ },
    { yaml: at("https://[::1"), expected: /^never: .*host/ },
    { yaml: at("https://u v@s"), expected: /^never: .*user name/ },
    { yaml: at(":s"), expected: /^never: .*colon/ },
    { yaml: at("1:s"), expected: /^never: .*colon/ },
    { yaml: 'default-docker: {lookaside: "https://s/\\x01"}', expected: /^never: .*control/ },
    // Stricter: a zone.
    { yaml: at("https://[fe80::1%25eth0]"), expected: /^never: .*host/ },
  ];
  for (const row of rows) {
    const { yaml, image = "", userId = "", environment = {}, expected } = row;
    it(`${JSON.stringify(yaml)} ${image} ${userId} ${Object.values(environment)}`, async () => {
      const found = await address(row);
      if (typeof expected === "string") assert.equal(found, expected);
      else assert.match(found, expected);
    });
  }
});

describe("a password of a lookaside", () => {
  const rows: readonly { url: string; shown: string }[] = [
    { url: "https://u:geheim@s/a?x=1", shown: `https://u:xxxxx@s/a${tail}?x=1` },
    { url: "https://u:@s", shown: `https://u:xxxxx@s${tail}` },
    { url: "http://a%40b:geheim@s:80", shown: `http://a%40b:xxxxx@s:80${tail}` },
  ];
  for (const { url, shown } of rows) {
    it(`${url} is shown without it`, async () => {
      const directory = temporaryDirectory();
      writeFileSync(join(directory, "a.yaml"), at(url));
      const config = await readRegistries(directory, {});
      const reference = parseNormalizedNamed("a.example/x/app:1");
      const digest = parseDigest(`sha256:${hex}`);
      assert.ok(config.ok && reference.ok && digest !== undefined);
      const lookaside = lookasideOf(config.value, reference.value, { environment: {}, userId: 0 });
      assert.ok(lookaside.ok);
      const found = signatureAddress(lookaside.value, digest, 2);
      assert.ok(found.ok && found.value.kind === "http");
      assert.equal(found.value.shown, shown);
    });
  }

  for (const url of ["https://u:geheim@s:x", "https://u:geheim%zz@s", "https://u:geheim@s t", "geheim://u:geheim@s"]) {
    it(`${url} is in no reason`, async () => {
      const said = await address({ yaml: at(url), expected: "" });
      assert.match(said, /^(never|unread): /);
      assert.doesNotMatch(said, /u:geheim/);
    });
  }
});

describe("readRegistries, of several directories,", () => {
  const rows: readonly {
    what: string;
    files: readonly string[];
    environment?: Readonly<Record<string, string>>;
    userId?: number;
    expected: readonly string[];
  }[] = [
    {
      what: "takes of files with the same name the user's",
      files: ["home/.config/containers/registries.d/a.yaml", "etc/containers/registries.d/a.yaml"],
      expected: ["home/.config/containers/registries.d/a.yaml"],
    },
    {
      what: "reads those for root",
      files: ["etc/containers/registries.rootful.d/r.yaml", "etc/containers/registries.rootless.d/u.yaml"],
      expected: ["etc/containers/registries.rootful.d/r.yaml"],
    },
    {
      what: "reads those for the user outside of podman unshare",
      files: ["etc/containers/registries.rootful.d/r.yaml", "etc/containers/registries.rootless.d/1000/u.yaml"],
      environment: { _CONTAINERS_ROOTLESS_UID: "1000" },
      expected: ["etc/containers/registries.rootless.d/1000/u.yaml"],
    },
  ];
  for (const { what, files, environment = {}, userId = 0, expected } of rows) {
    it(what, async () => {
      const root = temporaryDirectory();
      for (const name of files) {
        mkdirSync(dirname(join(root, name)), { recursive: true });
        writeFileSync(join(root, name), "");
      }
      const config = await readRegistries(undefined, { HOME: join(root, "home"), ...environment }, userId, root);
      assert.ok(config.ok);
      assert.deepEqual(
        config.value.files,
        expected.map((name) => join(root, name)),
      );
    });
  }

  it("does not look below a relative HOME", async () => {
    const config = await readRegistries(undefined, { HOME: "home" }, 0, temporaryDirectory());
    assert.ok(!config.ok);
    assert.match(config.problem.reason, /not an absolute path/);
  });
});
