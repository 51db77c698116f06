/** Starts stub-registry.ts beside this process. */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "../temporary.ts";
import { newSigstoreKey } from "./sign.ts";

export interface StubRegistry {
  readonly address: string;
  readonly pid: number;
  /** PEM of the key that all its images are signed with, for registry.example.com/REPOSITORY:1.0. */
  readonly publicPem: string;
  counts(): Promise<Readonly<Record<string, number>>>;
  /** From now on the most requests in a second are counted anew. */
  countAnew(): Promise<void>;
  /** How it answers from now on. */
  behave(as: "well" | "dead" | "throttled"): Promise<void>;
  stop(): Promise<void>;
}

/** @param key of another, so that one policy is for both */
export async function startStubRegistry(
  key: ReturnType<typeof newSigstoreKey> = newSigstoreKey(),
): Promise<StubRegistry> {
  const path = join(temporaryDirectory(), "key.pem");
  writeFileSync(path, key.privateKey.export({ type: "pkcs8", format: "pem" }));
  const child = spawn(process.execPath, [join(import.meta.dirname, "stub-registry.ts"), path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const end = () => child.kill("SIGKILL");
  process.on("exit", end);
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout.setEncoding("utf8").once("data", (text: string) => resolve(Number(text)));
    child.once("error", reject);
    child.once("close", (code) => reject(new Error(`the stub registry ended with ${code}`)));
  });
  const address = `127.0.0.1:${port}`;
  return {
    address,
    pid: child.pid ?? 0,
    publicPem: key.publicPem,
    counts: async () => JSON.parse(await (await fetch(`http://${address}/counts`)).text()),
    countAnew: async () => {
      await fetch(`http://${address}/counts?anew`);
    },
    behave: async (as) => {
      await fetch(`http://${address}/behave?as=${as}`);
    },
    stop: async () => {
      process.off("exit", end);
      const ended = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGTERM");
      await ended;
    },
  };
}
