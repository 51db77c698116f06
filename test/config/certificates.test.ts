import assert from "node:assert/strict";
import { createPublicKey, generateKeyPairSync, type KeyObject, X509Certificate } from "node:crypto";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { connect } from "node:tls";
import { certificateDirectories, certificatesFor, systemRoots } from "../../src/config/certificates.ts";
import type { ConfigProblem } from "../../src/image/access-problem.ts";
import { maxCertificateFileBytes, maxCertificateFiles } from "../../src/limits.ts";
import type { Result } from "../../src/result.ts";
import {
  certificateDer,
  commonName,
  element,
  isCa,
  newKey,
  pem,
  sharedKey,
  subjectAltName,
} from "../support/certificates.ts";
import { makeFifo, temporaryDirectory } from "../support/temporary.ts";

/** A directory with these files; `null` is a directory. */
function directory(files: Readonly<Record<string, string | null>>): string {
  const root = temporaryDirectory();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(content === null ? join(root, name) : dirname(join(root, name)), { recursive: true });
    if (content !== null) writeFileSync(join(root, name), content, "latin1");
  }
  return root;
}

const authority = (name: string) =>
  pem("CERTIFICATE", certificateDer({ subject: commonName(name), extensions: [isCa] }));
const [a, b] = [authority("a"), authority("b")];

const leaf = pem("CERTIFICATE", certificateDer({ subject: commonName("client") }));
const pkcs8 = (key: KeyObject) => key.export({ type: "pkcs8", format: "pem" }).toString();
const sec1 = (key: KeyObject) => key.export({ type: "sec1", format: "pem" }).toString();
const key = pkcs8(sharedKey.privateKey);
const otherKey = pkcs8(newKey().privateKey);
const encryptedKey = sharedKey.privateKey
  .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "p" })
  .toString();

/** Any part of a key in a message would be one of these. */
const secrets = [key, otherKey, encryptedKey, sec1(sharedKey.privateKey)].flatMap((text) =>
  text.split("\n").filter((line) => line !== "" && !line.startsWith("-")),
);

function material(path: string) {
  const found = certificatesFor("r.example", { certDir: path, environment: {}, userId: 0 });
  if (!found.ok) {
    assert.equal(found.problem.code, "config.certificates.invalid");
    for (const part of secrets) assert.ok(!JSON.stringify(found.problem).includes(part), "a key in a message");
  }
  return found;
}

describe("certificatesFor: CAs", () => {
  const headers = a.replace("-----\n", "-----\nProc-Type: 4\n\n");
  const rows: readonly [why: string, files: Record<string, string | null>, expected: readonly string[]][] = [
    ["none", {}, []],
    ["one", { "x.crt": a }, [a]],
    ["in the order of the names", { "y.crt": a, "x.crt": b }, [b, a]],
    ["several in a file, with text around", { "x.crt": `# a\n${a}text\n${b}` }, [a, b]],
    ["each once", { "x.crt": a + a, "y.crt": a }, [a]],
    ["CRLF", { "x.crt": a.replaceAll("\n", "\r\n") }, [a]],
    ["a name that is all ending", { ".crt": a }, [a]],
    ["other names", { "x.pem": a, "x.CRT": a, "x.crt.bak": a, crt: a, "ca.cer": a }, []],
    ["garbage", { "x.crt": "garbage" }, []],
    ["DER", { "x.crt": Buffer.from(a, "base64").toString("latin1") }, []],
    ["a broken one before a good one", { "x.crt": a.replace("MII", "MIA") + b }, [b]],
    ["with headers", { "x.crt": headers + b }, [b]],
    ["of another label", { "x.crt": a.replaceAll("CERTIFICATE", "TRUSTED CERTIFICATE") + b }, [b]],
    ["a key", { "x.crt": key }, []],
  ];
  for (const [why, files, expected] of rows) {
    it(why, () => assert.deepEqual(material(directory(files)), { ok: true, value: { ca: expected, client: [] } }));
  }
});

describe("certificatesFor: a client's certificate", () => {
  const rows: readonly [why: string, certificate: string, key: string, chain: string][] = [
    ["PKCS #8", leaf, key, leaf],
    ["SEC 1", leaf, sec1(sharedKey.privateKey), leaf],
    ["any label of a private key", leaf, key.replaceAll("PRIVATE KEY", "ANY PRIVATE KEY"), leaf],
    ["with its CA behind it", leaf + a, key, leaf + a],
    ["the certificate behind other blocks", key + leaf, leaf + key, leaf],
    ["text around", `text\n${leaf}text`, `text\n${key}text`, leaf],
  ];
  for (const [why, certificate, keyText, chain] of rows) {
    it(why, () => {
      const found = material(directory({ "x.cert": certificate, "x.key": keyText }));
      assert.deepEqual(found, { ok: true, value: { ca: [], client: [{ certificate: chain, key }] } });
    });
  }

  for (const [name, pair] of [
    ["RSA", generateKeyPairSync("rsa", { modulusLength: 2048 })],
    ["Ed25519", generateKeyPairSync("ed25519")],
    ["P-521", generateKeyPairSync("ec", { namedCurve: "secp521r1" })],
  ] as const) {
    it(name, () => {
      const spki = pair.publicKey.export({ type: "spki", format: "der" });
      const certificate = pem("CERTIFICATE", certificateDer({ spki }));
      const found = material(directory({ "x.cert": certificate, "x.key": pkcs8(pair.privateKey) }));
      assert.ok(found.ok);
      assert.ok(createPublicKey(found.value.client[0]?.key ?? "").equals(pair.publicKey));
    });
  }

  it("several, in the order of their names", () => {
    const other = pem("CERTIFICATE", certificateDer({ subject: commonName("other") }));
    const found = material(directory({ "y.cert": leaf, "y.key": key, "x.cert": other, "x.key": key }));
    assert.ok(found.ok);
    assert.deepEqual(
      found.value.client.map(({ certificate }) => certificate),
      [other, leaf],
    );
  });
});

describe("certificatesFor: what is wrong is a problem", () => {
  const unknown = pem(
    "CERTIFICATE",
    certificateDer({ spki: generateKeyPairSync("x25519").publicKey.export({ type: "spki", format: "der" }) }),
  );
  const rows: readonly [why: string, files: Record<string, string | null>, path: string, reason: RegExp][] = [
    ["no key", { "x.cert": leaf }, "x.cert", /key is missing/],
    ["no certificate", { "x.key": key }, "x.key", /certificate \(\.cert\) is missing/],
    ["a CA beside a key", { "x.crt": a, "x.key": key }, "x.key", /is missing/],
    ["a key of another", { "x.cert": leaf, "x.key": otherKey }, "x.cert", /not that of the certificate/],
    ["the certificate in place of the key", { "x.cert": leaf, "x.key": leaf }, "x.cert", /no private key/],
    ["the other way round", { "x.cert": key, "x.key": leaf }, "x.cert", /no certificate/],
    ["both empty", { "x.cert": "", "x.key": "" }, "x.cert", /no certificate/],
    ["an encrypted key", { "x.cert": leaf, "x.key": encryptedKey }, "x.cert", /cannot be read, or is encrypted/],
    ["a broken key", { "x.cert": leaf, "x.key": key.replace("MI", "MA") }, "x.cert", /cannot be read/],
    ["a key cut short", { "x.cert": leaf, "x.key": key.slice(0, 90) }, "x.cert", /no private key/],
    ["a broken certificate", { "x.cert": leaf.replace("MII", "MIA"), "x.key": key }, "x.cert", /malformed/],
    ["the CA before the certificate", { "x.cert": a + leaf, "x.key": otherKey }, "x.cert", /not that/],
    ["a kind of key that is not known", { "x.cert": unknown, "x.key": key }, "x.cert", /not known/],
    ["a directory", { "x.crt": null }, "x.crt", /not a regular file/],
    ["a directory for a key", { "x.cert": leaf, "x.key": null }, "x.key", /not a regular file/],
    ["one pair of two", { "x.cert": leaf, "x.key": key, "y.cert": leaf, "y.key": otherKey }, "y.cert", /not that/],
    ["too large", { "x.crt": a.padEnd(maxCertificateFileBytes + 1) }, "x.crt", /larger than/],
  ];
  for (const [why, files, path, reason] of rows) {
    it(why, () => {
      const root = directory(files);
      const found = material(root);
      assert.ok(!found.ok);
      assert.equal(found.problem.path, join(root, path));
      assert.match(found.problem.reason, reason);
    });
  }

  it("numbers of two keys in one file: the public ones of the certificate, the secret one of another", () => {
    const mixed = {
      ...newKey().privateKey.export({ format: "jwk" }),
      ...createPublicKey(sharedKey.privateKey).export({ format: "jwk" }),
    };
    const { d, x, y } = mixed as Record<string, string>;
    const bytes = (text = "") => Buffer.from(text, "base64url");
    const point = Buffer.concat([Buffer.of(0, 4), bytes(x), bytes(y)]);
    // RFC 5915: version, private key, curve, public key.
    const parts = [
      Buffer.of(2, 1, 1),
      element(0x04, bytes(d)),
      element(0xa0, Buffer.from("06082a8648ce3d030107", "hex")),
      element(0xa1, element(0x03, point)),
    ];
    const found = material(
      directory({ "x.cert": leaf, "x.key": pem("EC PRIVATE KEY", element(0x30, Buffer.concat(parts))) }),
    );
    assert.ok(!found.ok);
  });

  it("an RSA key with something behind it, and one whose numbers do not fit", () => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const spki = publicKey.export({ type: "spki", format: "der" });
    const der = privateKey.export({ type: "pkcs1", format: "der" });
    const exponent = Buffer.from(privateKey.export({ format: "jwk" }).dp ?? "", "base64url");
    const broken = Buffer.from(der);
    broken[der.indexOf(exponent) + 20] = (broken[der.indexOf(exponent) + 20] ?? 0) ^ 1;
    const certificate = pem("CERTIFICATE", certificateDer({ spki }));
    const of = (bytes: Buffer) =>
      material(directory({ "x.cert": certificate, "x.key": pem("RSA PRIVATE KEY", bytes) }));
    assert.ok(of(der).ok);
    assert.ok(!of(broken).ok);
    assert.ok(!of(Buffer.concat([der, Buffer.of(0)])).ok);
  });

  it("a named pipe, a file in place of the directory, too many files", () => {
    const root = directory({ file: "" });
    makeFifo(join(root, "x.crt"));
    assert.ok(!material(root).ok);
    assert.ok(!material(join(root, "file")).ok);
    assert.ok(
      !material(
        directory(Object.fromEntries(Array.from({ length: maxCertificateFiles + 1 }, (_, at) => [`${at}`, ""]))),
      ).ok,
    );
  });

  it("a link to nothing is no CA, and no key", () => {
    const root = directory({ "y.crt": b });
    symlinkSync("nowhere", join(root, "x.crt"));
    assert.deepEqual(material(root), { ok: true, value: { ca: [b], client: [] } });
    writeFileSync(join(root, "x.cert"), leaf);
    symlinkSync("nowhere", join(root, "x.key"));
    assert.ok(!material(root).ok);
  });
});

describe("certificatesFor: where", () => {
  const root = directory({
    "home/.config/containers/certs.d/r.example/x.crt": a,
    "home/.config/containers/certs.d/r.example:5000/x.crt": b,
    "home/.config/containers/certs.d/file": "",
    "home/.config/containers/certs.d/x.crt": b,
    "xdg/containers/certs.d/r.example/x.crt": b,
    "named/x.crt": b,
  });
  symlinkSync("r.example", join(root, "home/.config/containers/certs.d/link.example"));
  symlinkSync("nowhere", join(root, "home/.config/containers/certs.d/dangling.example"));
  const HOME = join(root, "home");
  const of = (hostPort: string, environment: Record<string, string> = { HOME }, certDir?: string) =>
    certificatesFor(hostPort, { certDir, environment, userId: 1000 });
  const rows: readonly [why: string, found: Result<unknown, ConfigProblem>, expected: readonly string[]][] = [
    ["the host", of("r.example"), [a]],
    ["with its port", of("r.example:5000"), [b]],
    ["with another port", of("r.example:443"), []],
    ["in other letters", of("R.example"), []],
    ["a link", of("link.example"), [a]],
    ["a link to nothing", of("dangling.example"), []],
    ["XDG_CONFIG_HOME", of("r.example", { HOME, XDG_CONFIG_HOME: join(root, "xdg") }), [b]],
    ["XDG_CONFIG_HOME without it", of("r.example", { HOME, XDG_CONFIG_HOME: join(root, "none") }), []],
    ["XDG_CONFIG_HOME is empty", of("r.example", { HOME, XDG_CONFIG_HOME: "" }), []],
    ["a directory that was named, for any host", of("s.example", { HOME }, join(root, "named")), [b]],
    ["one that does not exist", of("r.example", { HOME }, join(root, "none")), []],
    ["none was named", of("r.example", { HOME }, ""), [a]],
  ];
  for (const [why, found, ca] of rows) it(why, () => assert.deepEqual(found, { ok: true, value: { ca, client: [] } }));

  for (const hostPort of ["", ".", "..", "../certs.d", "a/b", "a\0b"]) {
    it(`${JSON.stringify(hostPort)} is no host`, () => assert.ok(!of(hostPort).ok));
  }

  it("a file in the place of a directory, a relative directory", () => {
    assert.ok(!of("file").ok);
    assert.ok(!of("r.example", { HOME: "relative" }).ok);
    assert.ok(!of("r.example", { XDG_CONFIG_HOME: "relative" }).ok);
  });

  it("the directories of root and of others", () => {
    assert.deepEqual(certificateDirectories({ HOME: "/h" }, 0), [
      "/h/.config/containers/certs.d",
      "/etc/containers/certs.rootful.d",
      "/etc/containers/certs.d",
      "/usr/share/containers/certs.rootful.d",
      "/usr/share/containers/certs.d",
      "/etc/docker/certs.d",
    ]);
    assert.deepEqual(certificateDirectories({ HOME: "/h", _CONTAINERS_ROOTLESS_UID: "7" }, 0), [
      "/h/.config/containers/certs.d",
      "/etc/containers/certs.rootless.d/7",
      "/etc/containers/certs.rootless.d",
      "/etc/containers/certs.d",
      "/usr/share/containers/certs.rootless.d/7",
      "/usr/share/containers/certs.rootless.d",
      "/usr/share/containers/certs.d",
      "/etc/docker/certs.d",
    ]);
  });
});

describe("systemRoots", () => {
  const root = directory({
    "bundle.pem": `text\n${a}${b}${a}`,
    "directory/one.pem": a,
    "directory/two": b,
    "directory/three": "garbage",
    "directory/deep/x.pem": authority("deep"),
    "elsewhere/c.pem": authority("c"),
  });
  symlinkSync("two", join(root, "directory/hash.0"));
  symlinkSync("../elsewhere/c.pem", join(root, "directory/c"));
  symlinkSync("nowhere", join(root, "directory/dangling"));
  makeFifo(join(root, "directory/fifo"));
  const at = (name: string) => join(root, name);
  const none = at("none");
  const rows: readonly [environment: Record<string, string>, count: number | "problem"][] = [
    [{ SSL_CERT_FILE: at("bundle.pem"), SSL_CERT_DIR: none }, 2],
    [{ SSL_CERT_FILE: none, SSL_CERT_DIR: at("directory") }, 3],
    [{ SSL_CERT_FILE: at("directory/one.pem"), SSL_CERT_DIR: `${at("elsewhere")}:${none}::` }, 2],
    [{ SSL_CERT_FILE: none, SSL_CERT_DIR: none }, 0],
    [{ SSL_CERT_FILE: at("directory"), SSL_CERT_DIR: at("elsewhere") }, 1],
    [{ SSL_CERT_FILE: at("directory"), SSL_CERT_DIR: none }, "problem"],
    [{ SSL_CERT_FILE: none, SSL_CERT_DIR: at("bundle.pem") }, "problem"],
  ];
  for (const [environment, count] of rows) {
    it(JSON.stringify(environment).replaceAll(root, ""), () => {
      const found = systemRoots(environment)();
      assert.equal(found.ok ? found.value.length : "problem", count);
    });
  }

  it("are read when they are asked for, and once", () => {
    const late = join(temporaryDirectory(), "late.pem");
    const roots = systemRoots({ SSL_CERT_FILE: late, SSL_CERT_DIR: none });
    writeFileSync(late, a);
    const found = roots();
    assert.ok(found.ok);
    assert.equal(found.value.length, 1);
    writeFileSync(late, "");
    assert.equal(roots(), found);
  });

  it("are what Node takes for CAs", () => {
    const found = systemRoots({})();
    assert.ok(found.ok);
    for (const text of found.value) assert.ok(new X509Certificate(text).raw.length > 0);
  });
});

it("what is found makes a connection, with a client's certificate", async () => {
  const now = element(0x17, "240101000000Z");
  const later = element(0x17, "491231235959Z");
  const validity = { notBefore: now, notAfter: later };
  const ca = pem(
    "CERTIFICATE",
    certificateDer({ ...validity, issuer: commonName("ca"), subject: commonName("ca"), extensions: [isCa] }),
  );
  const forServer = certificateDer({
    ...validity,
    issuer: commonName("ca"),
    subject: commonName("server"),
    extensions: [subjectAltName(element(0x82, "localhost"))],
  });
  const forClient = certificateDer({ ...validity, issuer: commonName("ca"), subject: commonName("client") });
  const root = directory({
    "ca.crt": `garbage${ca}\n${ca}`,
    "me.cert": pem("CERTIFICATE", forClient),
    "me.key": sec1(sharedKey.privateKey),
  });
  const found = material(root);
  assert.ok(found.ok);
  const server = createServer({
    ca,
    cert: pem("CERTIFICATE", forServer),
    key,
    requestCert: true,
    rejectUnauthorized: true,
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const [client] = found.value.client;
  const socket = connect({
    port: (server.address() as AddressInfo).port,
    host: "127.0.0.1",
    servername: "localhost",
    ca: [...found.value.ca],
    cert: client?.certificate,
    key: client?.key,
  });
  await new Promise((resolve, reject) => {
    server.once("secureConnection", resolve);
    server.once("tlsClientError", reject);
    socket.once("error", reject);
  });
  assert.ok(socket.authorized);
  socket.destroy();
  server.close();
});
