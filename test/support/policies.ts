import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "./temporary.ts";

const place = temporaryDirectory();

/** A policy file with one requirement for everything. */
function simplePolicy(type: "insecureAcceptAnything" | "reject"): string {
  const path = join(place, `${type}.json`);
  writeFileSync(path, JSON.stringify({ default: [{ type }] }));
  return path;
}

export const acceptAnything = simplePolicy("insecureAcceptAnything");
export const rejectEverything = simplePolicy("reject");
