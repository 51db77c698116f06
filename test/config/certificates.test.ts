import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { certificatesFor } from "../../src/config/certificates.ts";
import { newTlsMaterial } from "../support/registry/tls.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const [one, two] = [newTlsMaterial({ name: "one" }), newTlsMaterial({ name: "two" })];
const host = "host.example.com:5000";

/** Names of the authorities and the client, or "error" and which file it is about. */
function found(files: Readonly<Record<string, string>>, { directory = "", asked = host } = {}): string {
  const home = temporaryDirectory();
  for (const [name, text] of Object.entries(files)) {
    const path = join(home, name);
    if (text === directoryHere) mkdirSync(path, { recursive: true });
    else {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  }
  const result = certificatesFor(asked, {
    directory: directory === "" ? undefined : join(home, directory),
    environment: { HOME: home },
    userId: 1000,
  });
  if (!result.ok) return `error ${result.problem.path.replace(home, "").split("/").at(-1)}`;
  const { authorities, client } = result.value;
  const name = (text: string | undefined) => (text === undefined ? "-" : (known.get(text.trim()) ?? "?"));
  return `${authorities === undefined ? "-" : authorities.map(name).join("+") || "empty"} ${name(client?.certificate)}`;
}

const directoryHere = "a directory";
const known = new Map([
  [one.ca.trim(), "ca1"],
  [two.ca.trim(), "ca2"],
  [one.cert.trim(), "client1"],
  [two.cert.trim(), "client2"],
]);

describe("the files of a directory of certs.d", () => {
  const rows: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
    ["nothing", {}, "- -"],
    [".crt is an authority", { "a.crt": one.ca }, "ca1 -"],
    ["two in a file", { "a.crt": one.ca + two.ca }, "ca1+ca2 -"],
    ["two files", { "b.crt": two.ca, "a.crt": one.ca }, "ca1+ca2 -"],
    ["text around it", { "a.crt": `Subject: x\n${one.ca}\nmore\n` }, "ca1 -"],
    [".pem is passed over", { "a.pem": one.ca }, "- -"],
    [".CRT is passed over", { "a.CRT": one.ca }, "- -"],
    ["other files are passed over", { README: "x", "a.txt": one.ca }, "- -"],
    ["a .crt without any certificate", { "a.crt": "garbage" }, "empty -"],
    ["an empty .crt", { "a.crt": "" }, "empty -"],
    [".cert and .key are a client's", { "a.cert": one.cert, "a.key": one.key }, "- client1"],
    [
      "of two clients, the first by name",
      { "b.cert": one.cert, "b.key": one.key, "a.cert": two.cert, "a.key": two.key },
      "- client2",
    ],
    ["all of them", { "a.crt": one.ca, "c.cert": two.cert, "c.key": two.key }, "ca1 client2"],
    [".cert without .key", { "a.crt": one.ca, "c.cert": two.cert }, "error c.cert"],
    [".key without .cert", { "a.crt": one.ca, "c.key": two.key }, "error c.key"],
    [".cert and .key of two names", { "a.cert": one.cert, "b.key": one.key }, "error a.cert"],
    [".cert with another's .key", { "a.cert": one.cert, "a.key": two.key }, "error a.cert"],
    ["a .cert that is none", { "a.cert": "garbage", "a.key": one.key }, "error a.cert"],
    ["a .key that is none", { "a.cert": one.cert, "a.key": "garbage" }, "error a.cert"],
    ["the second client is broken", { "a.cert": one.cert, "a.key": one.key, "b.cert": two.cert }, "error b.cert"],
  ];
  for (const [what, files, expected] of rows) {
    const below = (directory: string) =>
      Object.fromEntries(Object.entries(files).map(([name, text]) => [`${directory}/${name}`, text]));
    it(`--cert-dir: ${what}`, () =>
      assert.equal(found({ certs: directoryHere, ...below("certs") }, { directory: "certs" }), expected));
    it(`certs.d: ${what}`, () => assert.equal(found(below(`.config/containers/certs.d/${host}`)), expected));
  }
});

describe("which directory", () => {
  const place = ".config/containers/certs.d";
  const rows: readonly (readonly [
    string,
    Readonly<Record<string, string>>,
    { directory?: string; asked?: string },
    string,
  ])[] = [
    ["exactly the host and port", { [`${place}/${host}/a.crt`]: one.ca }, {}, "ca1 -"],
    ["not the host alone", { [`${place}/host.example.com/a.crt`]: one.ca }, {}, "- -"],
    ["not another port", { [`${place}/host.example.com:5001/a.crt`]: one.ca }, {}, "- -"],
    ["not a domain above", { [`${place}/example.com:5000/a.crt`]: one.ca }, {}, "- -"],
    [
      "the host alone, asked so",
      { [`${place}/host.example.com/a.crt`]: one.ca },
      { asked: "host.example.com" },
      "ca1 -",
    ],
    [
      "--cert-dir hides certs.d",
      { [`${place}/${host}/a.crt`]: one.ca, "x/b.crt": two.ca },
      { directory: "x" },
      "ca2 -",
    ],
    ["--cert-dir that is not there", { [`${place}/${host}/a.crt`]: one.ca }, { directory: "nowhere" }, "- -"],
    ["--cert-dir that is a file", { x: "" }, { directory: "x" }, "error x"],
    ["a directory that is empty", { [`${place}/${host}`]: directoryHere }, {}, "- -"],
  ];
  for (const [what, files, options, expected] of rows) {
    it(what, () => assert.equal(found(files, options), expected));
  }
});
