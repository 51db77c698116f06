import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { python, pythonIsMissing, until } from "../../support/descriptors.ts";
import { fixtures } from "../../support/images.ts";
import { fixturePolicyFile, temporaryDirectory } from "../../support/temporary.ts";

// The thread, and the functions of C, in each form in which the program is shipped.

const root = join(import.meta.dirname, "../../..");
const tool = (name: string) => execFileSync("sh", ["scripts/tool.sh", name], { cwd: root, encoding: "utf8" }).trim();
const forms = [
  ["the executable", [join(root, "dist/sealcheck")]],
  ["the single file, on Node", [tool("node"), join(root, "dist/sealcheck.mjs")]],
  ["the single file, on Bun", [tool("bun"), join(root, "dist/sealcheck.mjs")]],
  ["the npm package", [tool("node"), join(root, "dist/lib/bin.js")]],
  ["the sources, on Node", [tool("node"), join(root, "src/bin.ts")]],
  ["the sources, on Bun", [tool("bun"), join(root, "src/bin.ts")]],
] as const;

const client = `service = socket.socket(socket.AF_UNIX)
service.connect(sys.argv[1])
call = b'{"method": "dev.sealcheck.Verify.VerifyDirectory", "parameters": {"identity": "registry.example.com/vendor/app:1.0", "directory_fd_index": 0}}\\0'
for round in range(3):
    time.sleep(0.1)
    directory = os.open(sys.argv[2], os.O_PATH)
    socket.send_fds(service, [call], [directory])
    os.close(directory)
    answer, files = b"", []
    while not answer.endswith(b"\\0"):
        piece, more, _, _ = socket.recv_fds(service, 65536, 10)
        if not piece: sys.exit("the end")
        answer, files = answer + piece, files + more
    import json
    reply = json.loads(answer[:-1])
    assert "error" not in reply, reply
    print(reply["parameters"]["verdict"]["outcome"], [len(os.pread(file, 9999, 0)) > 100 for file in files])`;

describe("a directory is sent to it, and a sealed file comes back", () => {
  for (const [name, command] of forms) {
    const program = command.at(-1) ?? "";
    it(name, { skip: existsSync(program) ? pythonIsMissing : `${program} is not built`, timeout: 60_000 }, async () => {
      const path = join(temporaryDirectory(), "socket");
      const policy = fixturePolicyFile("sigstore-key.json");
      const [executable = "", ...args] = [...command, "serve", `--listen=unix:${path}`, `--policy=${policy}`];
      const service = spawn(executable, args, { cwd: root, stdio: ["ignore", "ignore", "pipe"] });
      let told = "";
      service.stderr.on("data", (piece) => {
        told += piece;
      });
      const ended = new Promise((resolve) => service.on("exit", (code, signal) => resolve(code ?? signal)));
      await until(() => existsSync(path), "it listens");
      const image = join(fixtures, "images/sigstore-key-tag");
      const output = await python(client, { args: [path, image] }).ended;
      service.kill("SIGTERM");
      assert.equal(output, "accepted [True]\n".repeat(3), told);
      assert.equal(await ended, 0);
      assert.equal(existsSync(path), false);
    });
  }
});

describe("without koffi", () => {
  const single = join(root, "dist/sealcheck.mjs");
  const skip = existsSync(single) ? false : "dist/sealcheck.mjs is not built";
  const alone = () => {
    const copy = join(temporaryDirectory(), "sealcheck.mjs");
    copyFileSync(single, copy);
    return copy;
  };

  it("Node says what to install, and in which version", { skip }, () => {
    const { optionalDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const { status, stderr } = spawnSync(tool("node"), [alone(), "serve", "--stdio"], {
      encoding: "utf8",
      timeout: 30_000,
    });
    assert.equal(status, 2);
    assert.ok(stderr.includes(`npm install koffi@${optionalDependencies.koffi}\n`), stderr);
  });

  it("all else works", { skip }, () => {
    const args = [alone(), "verify-installable", "--identity", "registry.example.com/vendor/app:1.0"];
    args.push("--policy", fixturePolicyFile("sigstore-key.json"), join(fixtures, "images/sigstore-key-tag"));
    assert.equal(spawnSync(tool("node"), args).status, 0);
  });

  it("Bun needs none", { skip }, () => {
    const { status, stderr } = spawnSync(tool("bun"), [alone(), "serve", "--stdio"], {
      input: "",
      encoding: "utf8",
      timeout: 30_000,
    });
    assert.equal(status, 0, stderr);
  });
});
