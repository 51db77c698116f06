import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, readdirSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, it } from "node:test";
import { cargoBuild, withoutCargo } from "./support/cargo.ts";
import { fixtures } from "./support/images.ts";
import { fixturePolicyFile, temporaryDirectory } from "./support/temporary.ts";

const root = join(import.meta.dirname, "..");
const place = temporaryDirectory();
const socket = join(place, "socket");
const flatpak = join(fixtures, "layouts-by-tool/flatpak");

/** What an example is asked about. The one for OCI layouts has others than those for dir: layouts. */
interface Images {
  readonly identity: string;
  readonly accepted: string;
  readonly rejected: string;
  readonly digest: string;
}

const directories: Images = {
  identity: "registry.example.com/vendor/app:1.0",
  accepted: join(fixtures, "images/gpg-release-oci"),
  rejected: join(fixtures, "images/gpg-unknown-key"),
  digest: "sha256:592aa109c62bb091ff31e8a5aadf98312f7e20e59355df6485245ddbee36e6c2",
};
const layouts: Images = {
  identity: "registry.example.com/app:1.0",
  accepted: join(flatpak, "app-signed"),
  rejected: join(flatpak, "app"),
  digest: "sha256:c0f5fbcd799520fd79cdc0f88717183bd171b3cc5af1b5a4d45c4c329e1dcd3b",
};

interface Example {
  readonly name: string;
  /** Why it cannot run on this machine. */
  readonly missing: string | undefined;
  /** Makes the program, of a copy of its folder; gives the reason if that is to be skipped. */
  build?(folder: string): string | undefined;
  command(folder: string): readonly string[];
  readonly images: Images;
  /** Whether it takes the manifest from a descriptor: then nothing is accepted without one. */
  readonly takesDescriptor: boolean;
}

function lacks(tool: string, ...args: readonly string[]): string | undefined {
  return spawnSync(tool, args, { stdio: "ignore" }).status === 0 ? undefined : `${[tool, ...args].join(" ")} fails`;
}

function make(folder: string): undefined {
  const made = spawnSync("make", ["-C", folder, "CFLAGS=-O1 -Wall -Wextra -Werror"], { encoding: "utf8" });
  assert.equal(made.status, 0, made.stdout + made.stderr);
}

const examples: readonly Example[] = [
  {
    name: "c",
    missing: lacks("cc", "--version") ?? lacks("make", "--version") ?? lacks("pkg-config", "--exists", "json-c"),
    build: make,
    command: (folder) => [join(folder, "verify")],
    images: directories,
    takesDescriptor: true,
  },
  {
    name: "glib",
    missing:
      lacks("cc", "--version") ??
      lacks("make", "--version") ??
      lacks("pkg-config", "--exists", "gio-unix-2.0 json-glib-1.0"),
    build: make,
    command: (folder) => [join(folder, "verify")],
    images: layouts,
    takesDescriptor: true,
  },
  {
    name: "rust",
    missing: withoutCargo(),
    build: (folder) => cargoBuild(folder),
    command: (folder) => [join(folder, "target/debug/sealcheck-verify")],
    images: directories,
    takesDescriptor: false,
  },
  {
    name: "python",
    missing: lacks("python3", "-c", "import socket; socket.send_fds"),
    command: (folder) => ["python3", join(folder, "verify.py")],
    images: directories,
    takesDescriptor: true,
  },
  {
    name: "shell",
    missing: lacks("jq", "--version") ?? lacks("varlinkctl", "--version"),
    command: (folder) => ["sh", join(folder, "verify.sh")],
    images: directories,
    takesDescriptor: false,
  },
  {
    name: "typescript",
    missing: undefined,
    command: (folder) => [process.execPath, join(folder, "verify.ts")],
    images: directories,
    takesDescriptor: false,
  },
];

it("every folder of examples/ is tested", () => {
  const folders = readdirSync(join(root, "examples"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  assert.deepEqual(folders.map(({ name }) => name).sort(), examples.map(({ name }) => name).sort());
});

it("examples/shell says so where varlinkctl is not installed", async () => {
  const words = ["/bin/sh", join(root, "examples/shell/verify.sh"), socket, directories.accepted, directories.identity];
  const { code, stdout, stderr } = await run(words, { PATH: place });
  assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
  assert.match(stderr, /^no verdict: varlinkctl is not installed /);
});

interface Outcome {
  readonly code: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run([file = "", ...words]: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(file, words, { encoding: "utf8", timeout: 30_000, env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : (error.code ?? null), stdout, stderr }),
    );
  });
}

let service: ChildProcess | undefined;

before(async () => {
  const policy = fixturePolicyFile("rhel-like.json");
  const words = [join(root, "src/bin.ts"), "serve", `--policy=${policy}`, `--listen=unix:${socket}`];
  service = spawn(process.execPath, words, { stdio: ["ignore", "ignore", "pipe"] });
  assert.ok(service.stderr);
  const lines = createInterface(service.stderr);
  await new Promise<void>((resolve, reject) => {
    lines.on("line", (line) => {
      if (line.includes("listening on")) resolve();
    });
    lines.on("close", () => reject(new Error("the service did not begin")));
  });
});

after(async () => {
  const ended = new Promise((resolve) => service?.on("exit", resolve));
  service?.kill("SIGTERM");
  assert.equal(await ended, 0);
});

for (const { name, missing, build, command, images, takesDescriptor } of examples) {
  describe(`examples/${name}`, { skip: missing ?? false }, () => {
    const folder = join(place, name);
    let reason: string | undefined;
    before(() => {
      cpSync(join(root, "examples", name), folder, {
        recursive: true,
        filter: (path) => !/\/(verify|target)$/.test(path),
      });
      reason = build?.(folder);
    });
    let count = 0;
    const output = () => join(place, `${name}-output-${count}`);
    const ask = (address: string, directory: string, identity = images.identity) => {
      count += 1;
      return run([...command(folder), address, directory, identity, ...(name === "glib" ? [output()] : [])]);
    };
    const check = (title: string, body: () => Promise<void>) =>
      it(title, async (context) => (reason === undefined ? await body() : context.skip(reason)));

    check("an accepted image: exit code 0, the explanation, and what to use", async () => {
      const { code, stdout, stderr } = await ask(socket, images.accepted);
      assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
      assert.ok(stdout.startsWith(`Accepted: ${images.identity}\n`), stdout);
      assert.ok(stdout.includes(`\nManifest to use: ${images.digest}`), stdout);
      assert.doesNotMatch(stdout, /--platform/);
    });

    check("a rejected image: exit code 1, the explanation, and nothing to use", async () => {
      const { code, stdout, stderr } = await ask(socket, images.rejected);
      assert.deepEqual({ code, stderr }, { code: 1, stderr: "" });
      assert.ok(stdout.startsWith(`Rejected: ${images.identity}\n`), stdout);
      assert.doesNotMatch(stdout, /to use/);
      assert.ok(!existsSync(output()));
    });

    const noVerdict = async (outcome: Promise<Outcome>, why: RegExp) => {
      const { code, stdout, stderr } = await outcome;
      assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
      assert.match(stderr, /no verdict: /);
      assert.match(stderr, why);
      assert.ok(!existsSync(output()));
    };

    check("no service: no verdict", () => noVerdict(ask(join(place, "nobody"), images.accepted), /./));
    check("no image: no verdict", () => noVerdict(ask(socket, join(place, "nothing")), /./));
    check("an error: no verdict, and its code", () =>
      noVerdict(ask(socket, images.accepted, "nothing:such"), /identity\.transport\.unknown/),
    );

    const verdict = { outcome: "accepted", message: "Accepted", manifest_digest: images.digest };
    const replies: readonly (readonly [title: string, reply: string])[] = [
      ["an error beside a verdict", JSON.stringify({ error: "x.y.Z", parameters: { verdict, manifest_fd_index: 0 } })],
      ["another outcome", JSON.stringify({ parameters: { verdict: { ...verdict, outcome: "Accepted" } } })],
      ["an outcome that is none", JSON.stringify({ parameters: { verdict: { ...verdict, outcome: null } } })],
      ["no verdict", JSON.stringify({ parameters: {} })],
      ["no parameters", "{}"],
      ["null", "null"],
      ["no JSON", '{"parameters": '],
      ["nothing", ""],
      ...(takesDescriptor
        ? ([
            [
              "no descriptor",
              JSON.stringify({ parameters: { verdict, image: 1, manifest_fd_index: 0, digest: images.digest } }),
            ],
          ] as const)
        : []),
    ];
    for (const [index, [title, reply]] of replies.entries()) {
      check(`a service that replies with ${title} accepts nothing`, async () => {
        const address = join(place, `${name}-${index}`);
        const server = await replyWith(reply, address);
        const { code, stdout } = await ask(address, images.accepted);
        server.close();
        assert.ok(code === 1 || code === 2, `exit code ${code}`);
        assert.doesNotMatch(stdout, /to use: .* bytes/);
      });
    }

    check("a service that ends within its reply accepts nothing", async () => {
      const address = join(place, `${name}-cut`);
      const server = await replyWith(JSON.stringify({ parameters: { verdict } }), address, "");
      const { code } = await ask(address, images.accepted);
      server.close();
      assert.equal(code, 2);
    });
  });
}

/** A service that gives every call the same reply, and closes. */
async function replyWith(reply: string, address: string, end = "\0"): Promise<Server> {
  const server = createServer((connection) => {
    connection.on("error", () => {});
    connection.on("data", (part) => {
      if (part.at(-1) === 0) connection.end(reply + end);
    });
  });
  await new Promise<void>((resolve) => server.listen(address, resolve));
  return server;
}
