/**
 * Writes a package.json and its lock file without what only builds and tests: `node scripts/shipped-packages.ts DIRECTORY`. `npm sbom --omit
 * dev` leaves out a package that is shipped if something that is not needs it too.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

interface Package {
  devDependencies?: object;
  workspaces?: readonly string[];
  readonly dev?: boolean;
  readonly link?: boolean;
}

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error("usage: shipped-packages.ts DIRECTORY");
const read = (name: string) => JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), "utf8"));
const write = (name: string, value: object) => writeFileSync(join(directory, name), JSON.stringify(value, null, 2));

const own: Package = read("package.json");
delete own.devDependencies;
delete own.workspaces;
write("package.json", own);

const lock: { readonly packages: Record<string, Package> } = read("package-lock.json");
for (const [path, entry] of Object.entries(lock.packages)) {
  if (path === "") {
    delete entry.devDependencies;
    delete entry.workspaces;
  } else if (entry.dev || entry.link || !path.startsWith("node_modules/")) {
    delete lock.packages[path];
  }
}
write("package-lock.json", lock);
