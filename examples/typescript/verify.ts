// Reads a dir: layout, and asks sealcheck's service about these bytes: no descriptors, so any language can do it.
// Usage: node verify.ts SOCKET DIRECTORY IDENTITY
// Exit code: 0 accepted, 1 rejected, 2 no verdict. Only 0 allows to install.

import { existsSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";

const longestMessage = 16 * 1024 * 1024;
const timeout = 60_000;

/** The part of the reply that decides; dev.sealcheck.Verify.varlink has the rest. */
interface Verdict {
  readonly outcome: "accepted" | "rejected";
  readonly message: string;
  readonly manifest_digest: string;
}

/** One call, and the parameters of its reply. Rejects if there is any other answer: that is no verdict. */
function call(address: string, method: string, parameters: object): Promise<{ readonly verdict: Verdict }> {
  return new Promise((resolve, reject) => {
    const service = connect(address);
    const parts: Buffer[] = [];
    let length = 0;
    service.setTimeout(timeout, () => service.destroy(new Error("the service does not answer")));
    service.on("error", reject);
    service.on("close", () => reject(new Error("the service closed the connection")));
    service.on("data", (part) => {
      parts.push(part);
      length += part.length;
      if (length > longestMessage) service.destroy(new Error("the service says too much"));
      if (part.at(-1) !== 0) return;
      try {
        const { error, parameters } = JSON.parse(Buffer.concat(parts).toString("utf8", 0, length - 1));
        if (error === undefined) resolve(parameters);
        else reject(new Error(`${error}: ${JSON.stringify(parameters)}`));
      } catch (problem) {
        reject(problem);
      }
      service.destroy();
    });
    service.write(`${JSON.stringify({ method, parameters })}\0`);
  });
}

function readSignatures(directory: string): readonly Buffer[] {
  const signatures: Buffer[] = [];
  for (let path = join(directory, "signature-1"); existsSync(path); ) {
    signatures.push(readFileSync(path));
    path = join(directory, `signature-${signatures.length + 1}`);
  }
  return signatures;
}

async function verify(address: string, directory: string, identity: string): Promise<number> {
  // Read once: what was judged is this buffer, and nothing else may be installed.
  const manifest = readFileSync(join(directory, "manifest.json"));
  const { verdict } = await call(address, "dev.sealcheck.Verify.VerifyBytes", {
    identity,
    manifest: manifest.toString("base64"),
    signatures: readSignatures(directory).map((signature) => signature.toString("base64")),
  });
  console.log(verdict.message);
  if (verdict.outcome !== "accepted") return 1;
  console.log(`Manifest to use: ${verdict.manifest_digest}, ${manifest.length} bytes`);
  return 0;
}

const [address, directory, identity] = process.argv.slice(2);
process.exitCode = 2;
if (address === undefined || directory === undefined || identity === undefined) {
  console.error("Usage: node verify.ts SOCKET DIRECTORY IDENTITY");
} else {
  try {
    process.exitCode = await verify(address, directory, identity);
  } catch (problem) {
    console.error(`no verdict: ${problem instanceof Error ? problem.message : problem}`);
  }
}
