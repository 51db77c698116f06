/** Servers that speak S3, as operators have them: each in a process of its own, for as long as a test needs it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { lacks } from "../gpg.ts";
import { temporaryDirectory } from "../temporary.ts";

const credentials = { AWS_ACCESS_KEY_ID: "sealcheck", AWS_SECRET_ACCESS_KEY: "a secret of this test" };

export interface S3Server {
  /** With it the bucket `evidence` can be used. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

interface Program {
  readonly name: string;
  /** It compares signatures. */
  readonly isStrict: boolean;
  args(port: number, directory: string): readonly string[];
}

const programs: readonly Program[] = [
  {
    name: "versitygw",
    isStrict: true,
    args: (port, directory) => [
      ...["--access", credentials.AWS_ACCESS_KEY_ID, "--secret", credentials.AWS_SECRET_ACCESS_KEY],
      ...["--port", `127.0.0.1:${port}`, "--quiet", "posix", "--nometa", join(directory, "buckets")],
    ],
  },
  { name: "moto_server", isStrict: false, args: (port) => ["-H", "127.0.0.1", "-p", `${port}`] },
];

export const s3Servers = programs.map((program) => ({
  ...program,
  skip: lacks(program.name),
  start: () => start(program),
}));

async function start(program: Program): Promise<S3Server> {
  const port = await freePort();
  const directory = temporaryDirectory();
  mkdirSync(join(directory, "buckets", "evidence"), { recursive: true });
  const child = spawn(program.name, program.args(port, directory), { cwd: directory, stdio: "ignore" });
  const closed = once(child, "close");
  const endpoint = `http://127.0.0.1:${port}`;
  const stop = async () => {
    child.kill("SIGKILL");
    await closed;
  };
  try {
    await answering(endpoint, () => child.exitCode !== null);
    if (!program.isStrict) await fetch(`${endpoint}/evidence`, { method: "PUT" });
  } catch (error) {
    await stop();
    throw error;
  }
  return { env: { ...credentials, AWS_ENDPOINT_URL_S3: endpoint }, stop };
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

async function answering(endpoint: string, hasEnded: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    if (hasEnded()) throw new Error("the server ended");
    try {
      await (await fetch(endpoint)).arrayBuffer();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  throw new Error("the server does not answer");
}
