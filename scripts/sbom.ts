// Completes the SBOM that npm writes: the runtime inside the executable belongs to it, and the same sources must give the
// same bytes, so the time is that of the commit and there is no serial number.
// Usage: npm sbom … | node scripts/sbom.ts COMMIT-TIME

import { readFileSync } from "node:fs";

interface Bom {
  serialNumber?: string;
  metadata: { timestamp: string; component: { name: string } };
  components: object[];
}

const [, , commitTime] = process.argv;
if (commitTime === undefined) throw new Error("usage: sbom.ts COMMIT-TIME");
const bom: Bom = JSON.parse(readFileSync(0, "utf8"));
const toolchain: { optionalDependencies: Record<string, string> } = JSON.parse(
  readFileSync(new URL("../toolchain/package.json", import.meta.url), "utf8"),
);
const bun = toolchain.optionalDependencies["@oven/bun-linux-x64"];
if (bun === undefined) throw new Error("the toolchain names no Bun");

delete bom.serialNumber;
bom.metadata.timestamp = commitTime;
bom.metadata.component.name = "sealcheck";
bom.components.push({
  "bom-ref": `bun@${bun}`,
  type: "platform",
  name: "bun",
  version: bun,
  scope: "required",
  description: "The JavaScript runtime inside the standalone executable",
  purl: `pkg:npm/bun@${bun}`,
  licenses: [{ license: { id: "MIT" } }],
});
console.log(JSON.stringify(bom, null, 2));
