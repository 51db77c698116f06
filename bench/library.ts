/**
 * How many images a prepared verifier judges in a second of processor time, and how many times a bare `crypto.verify` and
 * a SHA-256 of the same bytes can be done: `library.ts POLICY IMAGE [KEY]`. Prints {"perSecond", "barePerSecond"} as JSON.
 */
import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const [library = "", policyPath = "", image = "", keyFile] = process.argv.slice(2);
const { hostPathResolver, parsePolicy, prepareVerifier, readDirSource }: typeof import("../src/index.ts") =
  await import(library);

const policy = parsePolicy(readFileSync(policyPath), { path: policyPath });
const source = readDirSource(image);
if (!policy.ok || !source.ok) throw new Error("the fixture cannot be read");
const verifier = prepareVerifier(policy.value, {
  readFile: (path) => readFileSync(path),
  now: () => Date.now() / 1000,
  paths: hostPathResolver(undefined),
});
const request = { identity: "registry.example.com/vendor/app:1.0", ...source.value, requireSigned: false };

const rates: { judge: number; bare: number } = { judge: 0, bare: 0 };
const check = keyFile === undefined ? undefined : bareCheck(keyFile);
// In turn, the best of several: what else the machine does must not count.
for (let round = 0; round < 8; round++) {
  rates.judge = Math.max(rates.judge, await perSecond(judge));
  if (check !== undefined) rates.bare = Math.max(rates.bare, await perSecond(check));
}
console.log(JSON.stringify({ perSecond: rates.judge, barePerSecond: rates.bare }));

async function judge(): Promise<void> {
  const { outcome } = await verifier.verify(request);
  if (outcome !== "accepted") throw new Error(outcome);
}

function bareCheck(keyPath: string): () => void {
  const key = createPublicKey(readFileSync(keyPath));
  const envelope = JSON.parse(readFileSync(join(image, "signature-1"), "utf8").split("\n").slice(1).join("\n"));
  const payload = Buffer.from(envelope.payload, "base64");
  const signature = Buffer.from(envelope.annotations["dev.cosignproject.cosign/signature"], "base64");
  const manifest = readFileSync(join(image, "manifest.json"));
  return () => {
    if (!verify("sha256", payload, key, signature)) throw new Error("the signature is bad");
    createHash("sha256").update(manifest).digest("hex");
  };
}

async function perSecond(action: () => void | Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  let count = 0;
  for (const end = performance.now() + 400; performance.now() < end; count += 50) {
    for (let i = 0; i < 50; i++) await action();
  }
  const { user, system } = process.cpuUsage(before);
  return count / ((user + system) / 1e6);
}
