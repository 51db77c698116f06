/** What this program says, and whether that agrees with the reference. */
import { createHash, createPublicKey, X509Certificate } from "node:crypto";
import { join } from "node:path";
import { certificateDirectories, certificatesFor } from "../../src/config/certificates.ts";
import { openCredentials } from "../../src/config/credentials.ts";
import { pemBlocks } from "../../src/config/pem-certificates.ts";
import { type ProxyEnvironment, proxyFor } from "../../src/config/proxy.ts";
import { parseCertificate } from "../../src/crypto/x509/parse-certificate.ts";
import { parseNormalizedNamed } from "../../src/identity/docker-reference.ts";
import type { CertificatesQuestion } from "./generate-certificates.ts";
import type { CredentialsQuestion } from "./generate-credentials.ts";
import type { ProxyQuestion } from "./generate-proxy.ts";

/** What the reference says: see main.go. */
export interface Answer {
  readonly error?: string;
  readonly credentials?: readonly { username: string; password: string; token: string; error?: string }[];
  readonly ca?: readonly string[];
  readonly client?: readonly { chain: readonly string[]; key: string }[];
  readonly places?: readonly string[];
  readonly proxy?: {
    outcome: "none" | "ignored" | "used" | "refused";
    scheme?: string;
    host?: string;
    port?: string;
    username?: string;
    password?: string;
  };
}

/** `undefined` where both say the same; else what this program says. */
export type Difference = unknown;

const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** The question has its paths in full here. */
export async function credentialsDifference(question: CredentialsQuestion, theirs: Answer): Promise<Difference> {
  const parsed = parseNormalizedNamed(question.reference);
  if (!parsed.ok) throw new Error(question.reference);
  const { authFile, helpers, environment } = question;
  const found = await openCredentials({
    authFile,
    credentialHelpers: helpers,
    environment,
    userId: process.getuid?.() ?? 0,
  }).find(parsed.value);
  const answers = theirs.credentials ?? [];
  if (!found.ok) {
    // Stricter on purpose: names and passwords are UTF-8.
    const isBytes = found.problem.reason.endsWith("is not UTF-8");
    return answers.some(({ error, ...parts }) => error !== undefined || (isBytes && isNotUtf8(parts)))
      ? undefined
      : found.problem;
  }
  const token = found.value?.kind === "identity-token" ? found.value.token : "";
  const [username = "", password = ""] = [found.value?.username, found.value?.password];
  const base64 = (text = "") => Buffer.from(text).toString("base64");
  const isSame = answers.some(
    (answer) =>
      answer.error === undefined &&
      answer.username === base64(username) &&
      answer.password === base64(password) &&
      answer.token === base64(token),
  );
  return isSame ? undefined : found;
}

function isNotUtf8(parts: { readonly username: string; readonly password: string }): boolean {
  return [parts.username, parts.password].some(
    (text) => Buffer.from(Buffer.from(text, "base64").toString("utf8")).toString("base64") !== text,
  );
}

/** The subjects of the CAs that Go can read, and this runtime cannot. */
function unreadable({ files }: CertificatesQuestion): readonly string[] {
  const blocks = Object.values(files).flatMap((text) => pemBlocks(Buffer.from(text ?? "", "latin1")));
  return blocks.flatMap(({ bytes }) => {
    const parsed = parseCertificate(bytes);
    if (!parsed.ok) return [];
    try {
      new X509Certificate(bytes);
      return [];
    } catch {
      return [hash(parsed.value.rawSubject)];
    }
  });
}

export function certificatesDifference(question: CertificatesQuestion, directory: string, theirs: Answer): Difference {
  const found = certificatesFor("r.example", { certDir: directory, environment: {}, userId: 0 });
  if (!found.ok) {
    // Stricter, as OpenSSL is: the public half in the file of an elliptic key is looked at.
    const isStricter = found.problem.reason.startsWith("its private key cannot be read") && theirs.client !== undefined;
    return theirs.error === undefined && !isStricter ? found.problem : undefined;
  }
  if (theirs.error !== undefined) return "accepted";
  const ca = found.value.ca.map((pem) => {
    const parsed = parseCertificate(new X509Certificate(pem).raw);
    if (!parsed.ok) throw new Error(parsed.problem.detail);
    return hash(parsed.value.rawSubject);
  });
  const client = found.value.client.map(({ certificate, key }) => ({
    chain: (certificate.match(/-----BEGIN[\s\S]*?-----END CERTIFICATE-----\n/g) ?? []).map((pem) =>
      hash(Buffer.from(pem.replaceAll(/-----.*-----|\n/g, ""), "base64")),
    ),
    key: hash(createPublicKey(key).export({ type: "spki", format: "der" })),
  }));
  const ours = { ca, client };
  // Nothing is trusted for what is passed over.
  const passedOver = ca.length < (theirs.ca?.length ?? 0) ? unreadable(question) : [];
  const expected = { ca: (theirs.ca ?? []).filter((one) => !passedOver.includes(one)), client: theirs.client ?? [] };
  return JSON.stringify(ours) === JSON.stringify(expected) ? undefined : ours;
}

export function placesDifference(
  { environment, userId }: { readonly environment: Readonly<Record<string, string>>; readonly userId: number },
  theirs: Answer,
): Difference {
  const ours = certificateDirectories(environment, userId);
  // Stricter on purpose: not where one stands.
  const expected = (theirs.places ?? []).filter((path) => path !== "containers/certs.d");
  return JSON.stringify(ours) === JSON.stringify(expected.map((path) => join(path))) ? undefined : ours;
}

/** Stricter on purpose: a proxy that is ignored there, or of a strange kind, is a problem here. */
export function proxyDifference({ url, environment }: ProxyQuestion, theirs: Answer): Difference {
  const found = proxyFor(new URL(url), environment);
  const expected = theirs.proxy;
  if (expected === undefined) throw new Error("no answer");
  const ours = found.ok ? (found.value?.href ?? "none") : found.problem;
  switch (expected.outcome) {
    case "none":
      // What is ignored there is none in a CGI program, too.
      return ours === "none" || (!found.ok && (environment as ProxyEnvironment).REQUEST_METHOD) ? undefined : ours;
    case "ignored":
    case "refused":
      return found.ok ? ours : undefined;
    case "used": {
      if (!found.ok) return isStrange(expected) ? undefined : ours;
      const proxy = found.value;
      if (proxy === undefined) return ours;
      const { scheme = "", host = "", port = "", username = "", password = "" } = expected;
      const standard = scheme === "https" ? "443" : "80";
      const hostname = proxy.hostname.replace(/^\[(.*)\]$/, "$1");
      const isSame =
        proxy.protocol === `${scheme}:` &&
        hostname ===
          new URL(`http://${host.includes(":") ? `[${host}]` : host}`).hostname.replace(/^\[(.*)\]$/, "$1") &&
        (proxy.port || standard) === (String(Number(port || standard)) || standard) &&
        decodeURIComponent(proxy.username) === username &&
        decodeURIComponent(proxy.password) === password;
      return isSame ? undefined : ours;
    }
  }
}

/** What is not a plain address of a proxy: each of these is a rule of proxy-address.ts. */
function isStrange({
  scheme = "",
  host = "",
  port = "",
  username = "",
  password = "",
}: NonNullable<Answer["proxy"]>): boolean {
  if (scheme !== "http" && scheme !== "https") return true;
  if (Number(port) > 65535 || host === "" || /\ufffd/.test(username + password)) return true;
  // `http://http://a b` is a host called http there.
  if (/^(https?|socks5h?|ftp|ht tp|1http|h\+t\.t-p|http)$/i.test(host)) return true;
  // Percent signs in a host are not taken here.
  if (host === "\u00fc" || host.includes("%") || (!host.includes(":") && !/^[a-z0-9\-._~\x80-\uffff]*$/i.test(host)))
    return true;
  const bracketed = host.includes(":") ? `[${host}]` : host;
  const url = URL.parse(`http://${bracketed}`);
  if (url === null) return true;
  return /^[\0-\x7f]*$/.test(host) && !host.includes(":") && url.hostname !== host.toLowerCase();
}
