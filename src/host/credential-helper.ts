import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { maxHelperOutputBytes, maxHelperSeconds } from "../limits.ts";
import { fail, ok, type Result } from "../result.ts";
import { errnoOf, reasonOf } from "./system-error.ts";

/** All of it: the helper gets it. */
interface Environment {
  readonly [name: string]: string | undefined;
  readonly PATH?: string | undefined;
}

/** What a credential helper did. */
export interface HelperOutcome {
  /** Whether it ended with exit code 0. */
  readonly succeeded: boolean;
  /** Its standard output: a secret, most likely. */
  readonly output: Uint8Array;
  /** For a person: how it ended. What it said on its standard error is not told: it may have the secret in it. */
  readonly account: string;
}

/**
 * Asks `docker-credential-NAME get` for what it knows of a registry: the host on its standard input (docker-credential-helpers:
 * client `Get`). Without a shell, with the environment given, and without waiting for it longer than `maxHelperSeconds`.
 *
 * Stricter on purpose: a name with a slash is refused. The reference runs that file, seen from where one stands (go: os/exec Command).
 *
 * @returns the problem as a text for a person, without a word of its standard output
 */
export async function askCredentialHelper(
  name: string,
  registry: string,
  { environment, maxSeconds = maxHelperSeconds }: { readonly environment: Environment; readonly maxSeconds?: number },
): Promise<Result<HelperOutcome, string>> {
  const program = `docker-credential-${name}`;
  if (/[/\\\0]/.test(program)) return fail("it is not the name of a program");
  const found = lookPath(program, environment.PATH ?? "");
  if (!found.ok) return found;
  let child: ChildProcess;
  try {
    const env = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined));
    child = spawn(found.value, ["get"], { argv0: program, env, stdio: ["pipe", "pipe", "ignore"] });
  } catch (error) {
    return fail(`it cannot be run: ${reasonOf(errnoOf(error))}`);
  }
  return new Promise((resolve) => new Conversation(child, resolve).begin(registry, maxSeconds));
}

/**
 * go: os/exec LookPath. The first one counts, also if it is in a directory that is named relative to where one stands: it is not run
 * then, and neither is another.
 */
function lookPath(program: string, path: string): Result<string, string> {
  for (const directory of path === "" ? [] : path.split(delimiter)) {
    const file = join(directory === "" ? "." : directory, program);
    if (!isExecutable(file)) continue;
    return isAbsolute(file)
      ? ok(file)
      : fail("it is in a directory that PATH does not name in full, and is not run from there");
  }
  return fail("there is no such program in PATH");
}

function isExecutable(file: string): boolean {
  try {
    if (statSync(file).isDirectory()) return false;
    accessSync(file, constants.X_OK);
    return true;
  } catch (error) {
    errnoOf(error);
    return false;
  }
}

/** With one child, until it has ended or is given up. */
class Conversation {
  readonly #child: ChildProcess;
  readonly #resolve: (outcome: Result<HelperOutcome, string>) => void;
  readonly #output: Uint8Array[] = [];
  #outputBytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(child: ChildProcess, resolve: (outcome: Result<HelperOutcome, string>) => void) {
    this.#child = child;
    this.#resolve = resolve;
  }

  begin(registry: string, maxSeconds: number): void {
    const { stdin, stdout } = this.#child;
    this.#timer = setTimeout(() => this.#giveUp(`it did not answer within ${maxSeconds} seconds`), maxSeconds * 1000);
    this.#child.on("error", (error) => this.#giveUp(`it cannot be run: ${reasonOf(errnoOf(error))}`));
    this.#child.on("close", (code, signal) => this.#end(code, signal));
    stdout?.on("data", (piece: Uint8Array) => {
      this.#outputBytes += piece.length;
      if (this.#outputBytes > maxHelperOutputBytes) this.#giveUp(`it printed more than ${maxHelperOutputBytes} bytes`);
      else this.#output.push(piece);
    });
    // Who does not read its input may end before it is written (go: os/exec passes over EPIPE, too).
    for (const stream of [stdin, stdout]) stream?.on("error", () => {});
    stdin?.end(registry);
  }

  #end(code: number | null, signal: string | null): void {
    clearTimeout(this.#timer);
    const account = code === null ? `it was ended by ${signal}` : `it ended with exit code ${code}`;
    this.#resolve(
      ok({
        succeeded: code === 0,
        output: Buffer.concat(this.#output),
        account,
      }),
    );
  }

  /** A program that it left behind may hold its output open: nobody waits for that. */
  #giveUp(reason: string): void {
    clearTimeout(this.#timer);
    this.#resolve(fail(reason));
    const { stdin, stdout } = this.#child;
    for (const stream of [stdin, stdout]) stream?.destroy();
    this.#child.kill("SIGKILL");
    this.#child.unref();
  }
}
