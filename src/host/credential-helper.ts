import { spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { credentialHelperSeconds, maxHelperOutputBytes } from "../limits.ts";
import { fail, ok, type Result } from "../result.ts";
import { errnoOf, reasonOf } from "./system-error.ts";

/** What a credential helper gave: its output, which has secrets in it, and whether it says that it failed. */
export interface HelperAnswer {
  readonly output: Uint8Array;
  readonly hasFailed: boolean;
}

/**
 * Asks a credential helper for the credentials of a registry: the program `docker-credential-NAME`, in a directory of `$PATH`, with
 * the argument `get` and the registry on its standard input (github.com/docker/docker-credential-helpers).
 */
export async function askCredentialHelper(
  name: string,
  registry: string,
  environment: { readonly PATH?: string | undefined },
): Promise<Result<HelperAnswer, string>> {
  if (name.includes("/")) return fail("its name has a slash in it");
  const program = findProgram(`docker-credential-${name}`, environment.PATH ?? "");
  if (program === undefined) return fail("there is no such program in $PATH");
  return run(program, registry);
}

/** Only in directories that are named in full: what stands where one happens to be is not meant. */
function findProgram(name: string, path: string): string | undefined {
  const places = path.split(":").filter(isAbsolute);
  return places.map((place) => join(place, name)).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch (error) {
    errnoOf(error);
    return false;
  }
}

function run(program: string, input: string): Promise<Result<HelperAnswer, string>> {
  return new Promise((resolve) => {
    const pieces: Uint8Array[] = [];
    let length = 0;
    const child = spawn(program, ["get"], { stdio: ["pipe", "pipe", "ignore"] });
    const end = (result: Result<HelperAnswer, string>): void => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      resolve(result);
    };
    const late = `it gave no answer within ${credentialHelperSeconds} seconds`;
    const timer = setTimeout(() => end(fail(late)), credentialHelperSeconds * 1000);
    child.on("error", (error) => end(fail(`it cannot be run: ${reasonOf(errnoOf(error))}`)));
    child.stdout.on("data", (piece: Uint8Array) => {
      length += piece.length;
      pieces.push(piece);
      if (length > maxHelperOutputBytes) end(fail("its answer is too large"));
    });
    child.on("close", (code) => end(ok({ output: Buffer.concat(pieces), hasFailed: code !== 0 })));
    // It need not read what it is asked.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}
