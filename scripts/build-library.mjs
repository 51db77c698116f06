// Makes dist/lib, the npm package's code. npm runs this (`prepare`) before it packs, and when the package is installed from
// a git repository; `make build` runs it too. Plain JavaScript and nothing of a shell: any Node 20 will do.
// Says nothing but errors: `npm pack --json` must stay JSON.

import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const compiler = join(root, "node_modules/typescript/bin/tsc");

// A fresh clone: `npm pack` installs nothing itself. (Where npm is installing, what is needed is there already.)
if (!existsSync(compiler)) {
  run("npm", ["ci", "--ignore-scripts", "--include=dev", "--no-dry-run", "--no-json", "--loglevel=error"], "npm ci");
}
rmSync(join(root, "dist/lib"), { recursive: true, force: true });
run(process.execPath, [compiler, "-p", "tsconfig.build.json"], "the TypeScript compiler");
chmodSync(join(root, "dist/lib/bin.js"), 0o755);

/** @type {(program: string, args: readonly string[], name: string) => void} */
function run(program, args, name) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: ["ignore", 2, 2] });
  if (status === 0) return;
  console.error(`sealcheck: ${name} failed${error === undefined ? "" : `: ${error.message}`}`);
  process.exit(1);
}
