import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

export const root = dirname(import.meta.dirname);

/** A policy, written to a folder, and a call that is accepted by it: a signed image by value. */
export function serveScene(
  folder: string,
  { image = "cosign-key-rsa", policy: policyName = "sigstore-rsa.json" } = {},
): { readonly call: Buffer; readonly policy: string } {
  const fixtures = join(root, "test/fixtures");
  const policy = join(folder, "policy.json");
  const text = readFileSync(join(fixtures, "policies", policyName), "utf8").replaceAll("@FIXTURES@", fixtures);
  writeFileSync(policy, text);
  const base64 = (file: string) => readFileSync(join(fixtures, "images", image, file)).toString("base64");
  const parameters = {
    identity: "docker://registry.example.com/vendor/app:1.0",
    manifest: base64("manifest.json"),
    signatures: [base64("signature-1")],
  };
  const call = Buffer.from(`${JSON.stringify({ method: "dev.sealcheck.Verify.VerifyBytes", parameters })}\0`);
  return { call, policy };
}

/** How many calls were answered a second, and how long half of them and nearly all of them took. */
export function latencyText(tookMs: readonly number[], wallMs: number): string {
  const sorted = tookMs.toSorted((left, right) => left - right);
  const at = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(2);
  return `${Math.round((tookMs.length / wallMs) * 1000)} calls/s, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`;
}

/** proc_pid_status(5): VmRSS. */
export function residentText(pid: number | undefined): string {
  const kibibytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return `${Math.round(Number(kibibytes) / 1024)} MiB resident`;
}
