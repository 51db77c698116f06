import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What is measured on: images, keys and policies of the test fixtures, in a folder of its own. */
export interface Scene {
  readonly identity: string;
  readonly sigstore: { readonly image: string; readonly policy: string; readonly key: string };
  readonly openpgp: { readonly image: string; readonly policy: string; readonly fingerprint: string };
  /** A GnuPG home with the key. */
  readonly gnupgHome: string;
}

/** @param folder a short path: GnuPG puts sockets there. */
export function makeScene(fixtures: string, folder: string): Scene {
  const gnupgHome = join(folder, "gnupg");
  mkdirSync(gnupgHome, { recursive: true, mode: 0o700 });
  const gpg = (...args: string[]) =>
    execFileSync("gpg", ["--homedir", gnupgHome, "--batch", "--quiet", "--no-autostart", ...args], {
      encoding: "utf8",
    });
  gpg("--import", join(fixtures, "keys/gpg/release-rsa4096.gpg"));
  const fingerprint = /^fpr:+([0-9A-F]+):/m.exec(gpg("--with-colons", "--list-keys"))?.[1] ?? "";
  return {
    identity: "registry.example.com/vendor/app:1.0",
    sigstore: {
      image: join(fixtures, "images/sigstore-key-tag"),
      policy: policyFile("sigstore-key.json"),
      key: join(fixtures, "keys/sigstore/release.pub"),
    },
    openpgp: { image: join(fixtures, "images/gpg-release-oci"), policy: policyFile("rhel-like.json"), fingerprint },
    gnupgHome,
  };

  function policyFile(name: string): string {
    const text = readFileSync(join(fixtures, "policies", name), "utf8").replaceAll("@FIXTURES@", fixtures);
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  }
}

/** A policy that accepts the scene's identity by one of its scopes, of which there are `scopes` more. */
export function policyText(scopes: number): string {
  const accept = [{ type: "insecureAcceptAnything" }];
  const others = Array.from(
    { length: scopes },
    (_, i) => [`registry-${i}.example.com/team-${i % 50}`, accept] as const,
  );
  const docker = Object.fromEntries([...others, ["registry.example.com/vendor", accept]]);
  return JSON.stringify({ default: [{ type: "reject" }], transports: { docker } });
}

/** What ext4 allows of links to one file is 65,000. */
const linksPerCopy = 50_000;

/** Directories with the same image, as hard links to a few copies, and the requests of a batch over them. */
export function makeDirectories(image: string, folder: string, count: number): readonly string[] {
  const names = readdirSync(image);
  let copy = "";
  return Array.from({ length: count }, (_, i) => {
    if (i % linksPerCopy === 0) {
      copy = join(folder, `copy-${i}`);
      mkdirSync(copy, { recursive: true });
      for (const name of names) writeFileSync(join(copy, name), readFileSync(join(image, name)));
    }
    const directory = join(folder, String(i % 100), String(i));
    mkdirSync(directory, { recursive: true });
    for (const name of names) linkSync(join(copy, name), join(directory, name));
    return directory;
  });
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
