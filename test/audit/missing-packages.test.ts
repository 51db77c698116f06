import assert from "node:assert/strict";
import { cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { pathToFileURL } from "node:url";
import { temporaryDirectory } from "../support/temporary.ts";

const root = join(import.meta.dirname, "../..");
const built = join(root, "dist/lib");
const skip = existsSync(built) ? false : "dist/lib is not built";

it("without the packages for PostgreSQL it is said what to install, and in which versions", { skip }, async () => {
  const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const alone = join(temporaryDirectory(), "lib");
  cpSync(built, alone, { recursive: true });
  const { openAuditDatabase } = await import(pathToFileURL(join(alone, "audit/database/open-database.js")).href);
  await assert.rejects(openAuditDatabase("postgres://u@localhost/x", { environment: {} }), {
    problem: {
      kind: "system",
      reason: `PostgreSQL needs the packages pg and pg-boss, which are not installed: npm install pg@${dependencies.pg} pg-boss@${dependencies["pg-boss"]}`,
    },
  });
});
