import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { fixtures } from "./support/images.ts";
import { fixturePolicyFile, temporaryDirectory } from "./support/temporary.ts";

// The package as npm makes it and as others install it, and not as it lies here.

const root = join(import.meta.dirname, "..");
const manifest: {
  readonly version: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly man: readonly string[];
  readonly repository: { readonly url: string };
  readonly bugs: { readonly url: string };
  readonly homepage: string;
} = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const identity = "registry.example.com/vendor/app:1.0";

it("package.json says where the project is", () => {
  const { repository, bugs, homepage } = manifest;
  const project = "https://github.com/sealcheck/sealcheck";
  assert.deepEqual(
    [repository.url, bugs.url, homepage],
    [`git+${project}.git`, `${project}/issues`, `${project}#readme`],
  );
});

/**
 * It makes koffi's binary where there is none ready. For the platforms that are served there is one, in a package without a script; whoever
 * takes no scripts has koffi all the same (docs/decisions/0013-descriptors.md).
 */
const needlessScripts = ["node_modules/koffi"];

it("no package that is used here needs an install script: npm may run them in a clone", () => {
  const lock: { packages: Record<string, { hasInstallScript?: boolean }> } = JSON.parse(
    readFileSync(join(root, "package-lock.json"), "utf8"),
  );
  const { "": own, ...others } = lock.packages;
  assert.ok(own !== undefined && Object.keys(others).length > 10);
  assert.deepEqual(
    Object.entries(others).flatMap(([path, { hasInstallScript }]) => (hasInstallScript ? [path] : [])),
    needlessScripts,
  );
});

/** The environment of npm, without what an npm around this run says to its children. */
function npmEnvironment(): NodeJS.ProcessEnv {
  const kept = /^npm_config_(?:cache|registry|userconfig|offline|prefer_offline)$/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name) || kept.test(name)));
}

function npm(args: readonly string[], cwd: string) {
  const { status, stdout, stderr } = spawnSync("npm", [...args, "--no-audit", "--no-fund"], {
    cwd,
    env: npmEnvironment(),
    encoding: "utf8",
    timeout: 300_000,
  });
  return { status, stdout, stderr };
}

/** A copy of the sources as they are here, as a clone has them: nothing that git does not know or would ignore. */
function cloneOfSources(): string {
  const list = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: root });
  const clone = temporaryDirectory();
  for (const path of list.toString().split("\0")) {
    if (path === "" || !existsSync(join(root, path))) continue;
    mkdirSync(dirname(join(clone, path)), { recursive: true });
    cpSync(join(root, path), join(clone, path), { verbatimSymlinks: true });
  }
  return clone;
}

/** What a user does with a package that is in DIRECTORY/node_modules. */
function use(directory: string): void {
  const installed = join(directory, "node_modules/sealcheck");
  for (const path of [
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "SECURITY.md",
    "docs/contract.md",
    "completions",
    ...manifest.man,
  ]) {
    assert.ok(existsSync(join(installed, path)), path);
  }
  for (const path of ["src", "test", "toolchain", "node_modules/typescript"]) {
    assert.ok(!existsSync(join(installed, path)), path);
  }

  const program = `
    import { codes, parsePolicy, readDirSource } from "sealcheck";
    import policySchema from "sealcheck/policy.schema.json" with { type: "json" };
    import verdictSchema from "sealcheck/verdict.schema.json" with { type: "json" };
    const policy = parsePolicy(new TextEncoder().encode('{"default": [{"type": "reject"}]}'), {});
    console.log(policy.ok, typeof codes, typeof readDirSource, typeof policySchema, typeof verdictSchema);`;
  writeFileSync(join(directory, "use.mjs"), program);
  const options = ["--no-warnings", "use.mjs"];
  assert.equal(
    execFileSync(process.execPath, options, { cwd: directory, encoding: "utf8" }),
    "true object function object object\n",
  );

  const args = ["--identity", identity, "--policy", fixturePolicyFile("rhel-like.json")];
  const image = join(fixtures, "images/gpg-release-oci");
  const command = realpathSync(join(directory, "node_modules/.bin/sealcheck"));
  const verdict = spawnSync(process.execPath, [command, "verify-installable", ...args, image], { encoding: "utf8" });
  assert.equal(verdict.status, 0, verdict.stderr);
  assert.match(verdict.stdout, /^Accepted: /);
  // With registries.d, for which a dependency is loaded.
  const explained = spawnSync(process.execPath, [command, "policy", "show", ...args.slice(2)], { encoding: "utf8" });
  assert.equal(explained.status, 0, explained.stderr);
}

const isInGit = spawnSync("git", ["rev-parse"], { cwd: root }).status === 0;

describe("npm pack", { skip: isInGit ? false : "git is not installed, or these sources are not in it" }, () => {
  const directory = temporaryDirectory();

  it("makes a package that works where it is installed", { timeout: 300_000 }, () => {
    const clone = cloneOfSources();
    // What `npm ci` would bring.
    symlinkSync(join(root, "node_modules"), join(clone, "node_modules"));
    const packed = npm(["pack", "--json", "--pack-destination", directory], clone);
    assert.equal(packed.status, 0, packed.stderr);
    const [{ filename }]: [{ filename: string }] = JSON.parse(packed.stdout);
    assert.equal(filename, `sealcheck-${manifest.version}.tgz`);

    // The dependencies from here, so that nothing needs the network; to install takes no script either.
    const dependencies = Object.keys(manifest.dependencies).map((name) => [
      name,
      `file:${join(root, "node_modules", name)}`,
    ]);
    const own = { private: true, dependencies: Object.fromEntries(dependencies) };
    writeFileSync(join(directory, "package.json"), JSON.stringify(own));
    const installed = npm(["install", "--offline", "--ignore-scripts", `./${filename}`], directory);
    assert.equal(installed.status, 0, installed.stderr);
    use(directory);
  });

  it("with types that a strict compiler takes, in both ways to find modules", () => {
    const program = `
      import { explain, parsePolicy, type RequirementOutcome, readDirSource, type Verdict } from "sealcheck";
      export function signers(verdict: Verdict): readonly string[] {
        const of = ({ signatures }: RequirementOutcome) => signatures.flatMap(({ signer }) => signer?.kind ?? []);
        return verdict.outcome === "accepted" ? verdict.requirements.flatMap(of) : [explain(verdict)];
      }
      const source = readDirSource("dir:download");
      if (!source.ok) throw new Error(source.problem.code);
      const policy = parsePolicy(source.value.manifest, {});
      // @ts-expect-error: there is no policy before "ok" was looked at.
      policy.value;`;
    writeFileSync(join(directory, "use.mts"), program);
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    for (const [module, resolution] of [
      ["nodenext", "nodenext"],
      ["esnext", "bundler"],
    ]) {
      const options = ["--noEmit", "--strict", "--skipLibCheck", "false", "--target", "es2022", "--types", ""];
      const args = [compiler, ...options, "--module", module ?? "", "--moduleResolution", resolution ?? "", "use.mts"];
      const { status, stdout } = spawnSync(process.execPath, args, { cwd: directory, encoding: "utf8" });
      assert.equal(status, 0, stdout);
    }
  });

  it("npm install git+file:…, as from any git repository", { timeout: 600_000 }, (context) => {
    const clone = cloneOfSources();
    const git = (...args: readonly string[]) =>
      execFileSync("git", ["-c", "user.name=x", "-c", "user.email=x@example.com", ...args], {
        cwd: clone,
        stdio: "pipe",
      });
    git("init", "--quiet");
    git("add", "--all");
    git("commit", "--quiet", "--message", "x");
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "package.json"), '{"private": true}');
    // npm fetches the lock file's packages once more, from its cache if they are there.
    const installed = npm(["install", "--prefer-offline", `git+file://${clone}`], directory);
    if (/ENOTCACHED|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT/.test(installed.stderr)) {
      context.skip("the npm registry cannot be reached");
      return;
    }
    assert.equal(installed.status, 0, installed.stderr);
    use(directory);
  });
});

it("the SBOM names all that is shipped, and nothing that only builds and tests", () => {
  const directory = temporaryDirectory();
  execFileSync(process.execPath, [join(root, "scripts/shipped-packages.ts"), directory]);
  const bom: { components: readonly { group?: string; name: string }[] } = JSON.parse(
    execFileSync("npm", ["sbom", "--sbom-format", "cyclonedx", "--package-lock-only"], {
      cwd: directory,
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    }),
  );
  const names = bom.components.map(({ name }) => name);
  const own = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  for (const name of Object.keys({ ...own.dependencies, ...own.optionalDependencies }))
    assert.ok(names.includes(name), name);
  // Needed by pg, and by its types, which are not shipped.
  assert.ok(names.includes("pg-types"));
  for (const name of [...Object.keys(own.devDependencies), "@oven/bun-linux-x64"])
    assert.ok(!names.includes(name), name);
});
