/**
 * A policy with 5,000 scopes: how long it takes to parse in a process that has just started, and how much longer one image
 * takes to judge by it than by a policy with one scope. Prints {"parseMs", "slowdown"} as JSON.
 */
import { readFileSync } from "node:fs";

const [library = "", image = ""] = process.argv.slice(2);
const { hostPathResolver, parsePolicy, prepareVerifier, readDirSource }: typeof import("../src/index.ts") =
  await import(library);

const source = readDirSource(image);
if (!source.ok) throw new Error("the fixture cannot be read");
const request = { identity: "registry.example.com/vendor/app:1.0", ...source.value, requireSigned: false };

const large = Buffer.from(policyText(5000));
const start = performance.now();
const parsed = parsePolicy(large, {});
const parseMs = performance.now() - start;
if (!parsed.ok) throw new Error("the policy is refused");

const small = parsePolicy(Buffer.from(policyText(1)), {});
if (!small.ok) throw new Error("the policy is refused");
const rates = { large: 0, small: 0 };
for (let round = 0; round < 5; round++) {
  rates.large = Math.max(rates.large, await perSecond(parsed.value));
  rates.small = Math.max(rates.small, await perSecond(small.value));
}
console.log(JSON.stringify({ parseMs, slowdown: rates.small / rates.large }));

function policyText(scopes: number): string {
  const accept = [{ type: "insecureAcceptAnything" }];
  const others = Array.from(
    { length: scopes },
    (_, i) => [`registry-${i}.example.com/team-${i % 50}`, accept] as const,
  );
  const docker = Object.fromEntries([...others, ["registry.example.com/vendor", accept]]);
  return JSON.stringify({ default: [{ type: "reject" }], transports: { docker } });
}

async function perSecond(policy: Parameters<typeof prepareVerifier>[0]): Promise<number> {
  const host = {
    readFile: (path: string) => readFileSync(path),
    now: () => Date.now() / 1000,
    paths: hostPathResolver(undefined),
  };
  const verifier = prepareVerifier(policy, host);
  const before = process.cpuUsage();
  for (let i = 0; i < 3000; i++) {
    const { outcome } = await verifier.verify(request);
    if (outcome !== "accepted") throw new Error(outcome);
  }
  const { user, system } = process.cpuUsage(before);
  return 3000 / ((user + system) / 1e6);
}
