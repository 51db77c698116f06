import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { TestCase } from "./cases.ts";
import { expectedExitCodes, type ReferenceAnswers } from "./rule.ts";

/**
 * Writes selected cases to one file per category, for a test that replays them without the reference:
 *
 *     { recordedAt, files: { PATH: text or { base64 } }, cases: [{ id, mutations, identity, source, policy, reference, … }] }
 *
 * Paths of the cases, and those inside policies and identities, begin with `@VECTORS@`: the directory that `files` are
 * unpacked to. Only cases on which both sides agree are recorded, so that a vector never fixes a bug in place.
 */
export function record(
  agreed: readonly TestCase[],
  reference: ReadonlyMap<string, ReferenceAnswers>,
  directory: string,
  destination: string,
): void {
  mkdirSync(destination, { recursive: true });
  const root = directory.startsWith("/") ? directory : join(process.cwd(), directory);
  const categories = [...new Set(agreed.map((one) => one.category))];
  for (const category of categories) {
    const file = join(destination, `${category}.json`);
    const chosen = choose(
      agreed.filter((one) => one.category === category && isPortable(one, root)),
      reference,
      category === "openpgp" || category.startsWith("pgp") ? casesOfOpenPGP : casesPerCategory,
    );
    rmSync(file, { force: true });
    writeFileSync(file, `${JSON.stringify(pack(chosen, reference, root), undefined, 1)}\n`);
    console.log(`recorded ${chosen.length} cases of ${category} in ${file} (${statSync(file).size} bytes)`);
  }
}

const casesPerCategory = 80;
/** OpenPGP has the most kinds of change, and the most ways to differ. */
const casesOfOpenPGP = 200;
const largestCaseBytes = 12_000;
const placeholder = "@VECTORS@";

/** The files of a case: its directory, its policy, and the key files that the policy names. */
function filesOf(one: TestCase, root: string): string[] {
  const policy = readFileSync(one.policy, "latin1");
  const keys = policy.split(`${root}/keys/`).slice(1);
  const named = keys.map((tail) => join(root, "keys", /^[0-9a-z.]*/.exec(tail)?.[0] ?? ""));
  const image = existsSync(one.source) ? readdirSync(one.source).map((name) => join(one.source, name)) : [];
  return [one.policy, ...image, ...new Set(named)].filter((path) => existsSync(path));
}

/** Whether a case means the same when unpacked elsewhere: no folder as a file, no path told in pieces, nothing large. */
function isPortable(one: TestCase, root: string): boolean {
  if (one.identity.includes(root) && !/^[^/]*\/\/?[^.]*$/.test(one.identity.replaceAll(root, "/"))) return false;
  if (one.identity.includes("tarball:") || one.identity.includes("none/")) return false;
  // A path in which something was changed, and the folders above, are elsewhere when it is unpacked.
  const first = root.split("/")[1] ?? "";
  const texts = [readFileSync(one.policy, "latin1"), one.identity, ...one.mutations];
  if (texts.some((text) => text.replaceAll(root, "").toLowerCase().includes(`/${first.toLowerCase()}`))) return false;
  const files = filesOf(one, root);
  if (files.some((path) => !statSync(path).isFile())) return false;
  return files.reduce((sum, path) => sum + statSync(path).size, 0) <= largestCaseBytes;
}

/** As many kinds of change as possible, half of them accepted. */
function choose(
  from: readonly TestCase[],
  reference: ReadonlyMap<string, ReferenceAnswers>,
  count: number,
): TestCase[] {
  const chosen: TestCase[] = [];
  for (const accepted of [true, false]) {
    const seen = new Map<string, number>();
    const half = from.filter((one) => expectedExitCodes(reference.get(one.id) ?? {}).includes(0) === accepted);
    const ranked = half.map((one, index) => {
      const kind = one.mutations.map((text) => text.replaceAll(/[0-9]+/g, "0").slice(0, 40)).join();
      const before = seen.get(kind) ?? 0;
      seen.set(kind, before + 1);
      return { one, rank: before * from.length + index };
    });
    ranked.sort((a, b) => a.rank - b.rank);
    chosen.push(...ranked.slice(0, count / 2).map(({ one }) => one));
  }
  return chosen;
}

type PackedFile = string | { readonly base64: string };

function packFile(path: string, root: string): PackedFile {
  const bytes = Buffer.from(readFileSync(path, "latin1").replaceAll(root, placeholder), "latin1");
  const text = bytes.toString("utf8");
  return Buffer.from(text, "utf8").equals(bytes) ? text : { base64: bytes.toString("base64") };
}

function pack(chosen: readonly TestCase[], reference: ReadonlyMap<string, ReferenceAnswers>, root: string) {
  const files: Record<string, PackedFile> = {};
  for (const path of chosen.flatMap((one) => filesOf(one, root))) files[relative(root, path)] ??= packFile(path, root);
  return {
    recordedAt: new Date().toISOString(),
    files,
    cases: chosen.map((one) => {
      const answers = reference.get(one.id) ?? {};
      return {
        id: one.id,
        mutations: one.mutations.map((text) => text.replaceAll(root, placeholder)),
        identity: one.identity.replaceAll(root, placeholder),
        source: one.source.replaceAll(root, placeholder),
        policy: one.policy.replaceAll(root, placeholder),
        ...(one.requireSigned === true ? { requireSigned: true } : {}),
        ...(one.volatile === true ? { volatile: true } : {}),
        ...(one.policyForGoCrypto === undefined ? {} : { severalBlocks: true }),
        reference: Object.fromEntries(
          Object.entries(answers).map(([backEnd, { verdict, error }]) => [
            backEnd,
            { verdict, error: error?.replaceAll(root, placeholder) ?? null },
          ]),
        ),
        exitCodes: expectedExitCodes(answers),
      };
    }),
  };
}
