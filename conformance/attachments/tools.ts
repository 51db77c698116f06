/** cosign, oras, skopeo and openssl, as the images of this folder need them: with one home, one key of the releases, one registry. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gnupgHome } from "../../test/support/gpg.ts";
import { fixtures } from "../../test/support/images.ts";
import { account, type DockerRegistry } from "../../test/support/registry/docker-registry.ts";
import { temporaryDirectory } from "../../test/support/temporary.ts";

export interface Programs {
  readonly cosign2: string;
  readonly cosign3: string;
  readonly oras: string;
}

const password = "test";
const gpgKey = "D20A9D88224ADAF5CBFF78963ED8CDB920858415";

export class Tools {
  /** "127.0.0.1:PORT" */
  readonly address: string;
  readonly directory: string = temporaryDirectory();
  readonly lookaside: string;
  readonly #programs: Programs;
  readonly #env: Readonly<Record<string, string>>;

  /** All of them speak TLS with the registry, and give it a password. */
  constructor(programs: Programs, registry: DockerRegistry, ca: string) {
    this.#programs = programs;
    this.address = registry.address;
    this.lookaside = join(this.directory, "lookaside");
    for (const each of ["home", "lookaside", "registries.d", "keys"]) mkdirSync(join(this.directory, each));
    const auth = Buffer.from(`${account.user}:${account.password}`).toString("base64");
    const logins = this.file("home/config.json", JSON.stringify({ auths: { [registry.address]: { auth } } }));
    this.file("registries.d/a.yaml", `default-docker:\n  sigstore-staging: file://${this.lookaside}\n`);
    const { PATH = "/usr/bin:/bin" } = process.env;
    this.#env = {
      PATH,
      HOME: join(this.directory, "home"),
      DOCKER_CONFIG: join(this.directory, "home"),
      REGISTRY_AUTH_FILE: logins,
      SSL_CERT_FILE: this.file("ca.crt", ca),
      COSIGN_PASSWORD: password,
      GNUPGHOME: gnupgHome("gpg/release-rsa4096.gpg").path,
    };
    this.run("gpg", [
      "--batch",
      "-q",
      "--import",
      join(fixtures, "keys/private-test-only/TEST-gpg-release-rsa4096.secret.asc"),
    ]);
    this.file("keys/release.pub", readFileSync(join(fixtures, "keys/sigstore/release.pub"), "utf8"));
    this.file(
      "keys/release.key",
      readFileSync(join(fixtures, "keys/private-test-only/TEST-sigstore-release.private"), "utf8"),
    );
  }

  /** Writes a file of this run; its path. */
  file(name: string, text: string): string {
    const path = join(this.directory, name);
    writeFileSync(path, text);
    return path;
  }

  at(repository: string, tag = "1.0"): string {
    return `${this.address}/vendor/${repository}:${tag}`;
  }

  by(repository: string, digest: string): string {
    return `${this.address}/vendor/${repository}@${digest}`;
  }

  key(name: string): string {
    return join(this.directory, "keys", `${name}.key`);
  }

  cosign2(args: readonly string[], env: Readonly<Record<string, string>> = {}): string {
    return this.run(this.#programs.cosign2, args, env);
  }

  cosign3(args: readonly string[]): string {
    return this.run(this.#programs.cosign3, args);
  }

  oras(...args: readonly string[]): string {
    return this.run(this.#programs.oras, args);
  }

  skopeo(...args: readonly string[]): string {
    return this.run("skopeo", ["--insecure-policy", `--registries.d=${this.directory}/registries.d`, ...args]);
  }

  /** Signs by a key, without a log, as version 2 does it. */
  sign(image: string, { key = "release", args = [] as readonly string[], env = {} } = {}): void {
    this.cosign2(["sign", "--yes", `--key=${this.key(key)}`, "--tlog-upload=false", ...args, image], env);
  }

  /** As version 3 does it by default, but for the log and the timestamps, for which it needs servers. */
  signAsBundle(image: string, ...args: readonly string[]): void {
    const services = this.file(
      "services.json",
      JSON.stringify({ mediaType: "application/vnd.dev.sigstore.signingconfig.v0.2+json" }),
    );
    this.cosign3(["sign", "--yes", `--key=${this.key("release")}`, `--signing-config=${services}`, ...args, image]);
  }

  /** Makes a key of cosign's out of one of openssl's. */
  newKey(name: string, ...options: readonly string[]): void {
    const made = join(this.directory, `${name}.pem`);
    this.run("openssl", ["genpkey", ...options, "-out", made]);
    this.cosign2([
      "import-key-pair",
      "--yes",
      `--key=${made}`,
      `--output-key-prefix=${join(this.directory, "keys", name)}`,
    ]);
  }

  /** Copies a layout of test/fixtures/layouts into the registry. */
  push(layout: "app-oci" | "multi-oci", repository: string, ...options: readonly string[]): void {
    this.skopeo(
      "copy",
      "-q",
      ...options,
      `oci:${join(fixtures, "layouts", layout)}:1.0`,
      `docker://${this.at(repository)}`,
    );
  }

  /** As `push`; and signs it by OpenPGP. */
  pushSigned(repository: string, ...options: readonly string[]): void {
    this.push("app-oci", repository, `--sign-by=${gpgKey}`, ...options);
  }

  digest(repository: string, tag = "1.0"): string {
    return this.skopeo("inspect", "--format={{.Digest}}", `docker://${this.at(repository, tag)}`).trim();
  }

  /** Of a manifest of any kind. */
  resolve(repository: string, tag = "1.0"): string {
    return this.oras("resolve", this.at(repository, tag)).trim();
  }

  run(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): string {
    const { status, stdout, stderr, error } = spawnSync(program, args, {
      cwd: this.directory,
      env: { ...this.#env, ...env },
      encoding: "utf8",
      timeout: 120_000,
    });
    if (error !== undefined) throw error;
    if (status !== 0) throw new Error(`${[program, ...args].join(" ")}: ${stdout}${stderr}`);
    return stdout;
  }
}
