import { execFileSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fixturePolicy } from "./images.ts";

let temporary: string | undefined;

/** A new directory, gone when this process ends. */
export function temporaryDirectory(): string {
  if (temporary === undefined) {
    const path = realpathSync(mkdtempSync(join(tmpdir(), "sealcheck-test-")));
    process.on("exit", () => rmSync(path, { recursive: true, force: true }));
    temporary = path;
  }
  return mkdtempSync(join(temporary, "/"));
}

let policies: string | undefined;

/** A file with a policy of test/fixtures/policies, with the paths of this checkout in it. */
export function fixturePolicyFile(name: string): string {
  policies ??= temporaryDirectory();
  const path = join(policies, name);
  writeFileSync(path, fixturePolicy(name));
  return path;
}

/** A named pipe, which whoever opens it to read waits at. Node cannot make one. */
export function makeFifo(path: string): void {
  execFileSync("/bin/sh", ["-c", 'mkfifo "$1"', "sh", path]);
}
