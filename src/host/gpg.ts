import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { maxGpgOutputBytes } from "../limits.ts";
import { fail, ok, type Result } from "../result.ts";
import { errnoOf, reasonOf } from "./system-error.ts";

/** Why GnuPG did not do what it was asked. `reason` may hold words of gpg's, and so of whoever made a key: escape it. */
export type GpgProblem =
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "too-large" }
  /** There is no such key, or none that may be used. */
  | { readonly kind: "no-key" };

/** Where GnuPG keeps the user's keys, for messages. */
export function gnupgHome(environment: {
  readonly GNUPGHOME?: string | undefined;
  readonly HOME?: string | undefined;
}): string {
  return environment.GNUPGHOME || join(environment.HOME || "~", ".gnupg");
}

/**
 * The public keys of the user's keyring that match, whole, as GnuPG exports them; not those that the user's trust database
 * says are never to be trusted, as signatures by these are refused by the reference (mechanism_gpgme.go ValidityNever).
 *
 * @param ids fingerprints or key IDs in hex
 */
export function exportPublicKeys(ids: readonly string[]): Result<Uint8Array, GpgProblem> {
  const keys = listKeys("--list-keys", ids);
  if (!keys.ok) return keys;
  const usable = keys.value.filter(({ validity }) => validity !== "n").map(({ fingerprint }) => fingerprint);
  if (usable.length === 0) return fail({ kind: "no-key" });
  // Whole, whatever gpg.conf says: a revocation must not be left out.
  const whole = ["--no-armor", "--export-options", "no-export-minimal,no-export-clean"];
  const exported = runGpg([...whole, "--export", "--", ...usable]);
  if (!exported.ok) return exported;
  return exported.value.code === 0 ? ok(exported.value.stdout) : fail(failure(exported.value));
}

/**
 * Signs with a secret key of the user's, giving a binary OpenPGP message that holds `content`.
 *
 * @param request.keyId whatever names exactly one secret key to GnuPG
 * @param request.passphrase without a line break; if absent, GnuPG's agent asks the user
 */
export function signMessage(request: {
  readonly content: Uint8Array;
  readonly keyId: string;
  readonly passphrase: string | undefined;
}): Result<Uint8Array, GpgProblem> {
  const keys = listKeys("--list-secret-keys", [request.keyId]);
  if (!keys.ok) return keys;
  const [key, ...others] = keys.value;
  if (key === undefined) return fail({ kind: "no-key" });
  if (others.length > 0) return fail({ kind: "failed", reason: "there are several secret keys of that name" });
  const { passphrase, content } = request;
  // gpg reads the passphrase up to the line break, octet by octet, and what follows is the content.
  const secret = passphrase === undefined ? [] : ["--pinentry-mode", "loopback", "--passphrase-fd", "0"];
  const input = passphrase === undefined ? content : Buffer.concat([Buffer.from(`${passphrase}\n`), content]);
  const signed = runGpg([...secret, "--no-armor", "--local-user", key.fingerprint, "--sign"], input);
  if (!signed.ok) return signed;
  return signed.value.code === 0 ? ok(signed.value.stdout) : fail(failure(signed.value));
}

interface ListedKey {
  /** Of the primary key. */
  readonly fingerprint: string;
  /** GnuPG: doc/DETAILS, field 2 of a pub record: `n` is never. */
  readonly validity: string;
}

/** Those of `ids` that are there; what is missing is left out, as gpg does. */
function listKeys(
  command: "--list-keys" | "--list-secret-keys",
  ids: readonly string[],
): Result<readonly ListedKey[], GpgProblem> {
  const listed = runGpg(["--with-colons", command, "--", ...ids]);
  if (!listed.ok) return listed;
  const keys = new Map<string, ListedKey>();
  let primary: { readonly validity: string } | undefined;
  for (const line of Buffer.from(listed.value.stdout).toString("utf8").split("\n")) {
    const [record = "", validity = "", , , , , , , , fingerprint = ""] = line.split(":");
    if (record === "pub" || record === "sec") primary = { validity };
    if (record !== "fpr" || primary === undefined) continue;
    keys.set(fingerprint, { fingerprint, ...primary });
    primary = undefined;
  }
  return ok([...keys.values()]);
}

interface GpgOutcome {
  readonly code: number | null;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

/** Without a shell, and with the environment of this process: it says where the user's keys are. */
function runGpg(args: readonly string[], input: Uint8Array = new Uint8Array()): Result<GpgOutcome, GpgProblem> {
  const { error, status, stdout, stderr } = spawnSync("gpg", ["--batch", "--no-tty", ...args], {
    input,
    maxBuffer: maxGpgOutputBytes,
  });
  if (error === undefined && stdout.length <= maxGpgOutputBytes) return ok({ code: status, stdout, stderr });
  const errno = error === undefined ? "ENOBUFS" : errnoOf(error);
  if (errno === "ENOBUFS") return fail({ kind: "too-large" });
  const reason = errno === "ENOENT" ? "there is no gpg (GnuPG) in PATH" : `gpg cannot be run: ${reasonOf(errno)}`;
  return fail({ kind: "failed", reason });
}

/** The last thing that gpg said. */
function failure({ code, stderr }: GpgOutcome): GpgProblem {
  const lines = Buffer.from(stderr).toString("utf8").split("\n");
  const last = lines.findLast((line) => line.startsWith("gpg: "))?.slice("gpg: ".length);
  return { kind: "failed", reason: last ?? `gpg ended with code ${code}` };
}
