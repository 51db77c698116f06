/**
 * How much longer one image takes to judge by a policy with 5,000 scopes than by one with a single scope, both parsed:
 * `policy.ts LIBRARY IMAGE`. Prints {"slowdown"} as JSON.
 */
import { readFileSync } from "node:fs";
import { policyText } from "./scene.ts";

const [library = "", image = ""] = process.argv.slice(2);
const { hostPathResolver, parsePolicy, prepareVerifier, readDirSource }: typeof import("../src/index.ts") =
  await import(library);

const source = readDirSource(image);
if (!source.ok) throw new Error("the fixture cannot be read");
const request = { identity: "registry.example.com/vendor/app:1.0", ...source.value, requireSigned: false };

const large = parsePolicy(Buffer.from(policyText(5000)), {});
const small = parsePolicy(Buffer.from(policyText(1)), {});
if (!large.ok || !small.ok) throw new Error("the policy is refused");
const rates = { large: 0, small: 0 };
for (let round = 0; round < 5; round++) {
  rates.large = Math.max(rates.large, await perSecond(large.value));
  rates.small = Math.max(rates.small, await perSecond(small.value));
}
console.log(JSON.stringify({ slowdown: rates.small / rates.large }));

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
