import type { SigstoreSigned, SigstoreTrust, TrustSource } from "./policy.ts";
import type { ProblemList } from "./problem-list.ts";
import { defaultSignedIdentity, readSignedIdentity } from "./signed-identity.ts";
import { readFulcio } from "./sigstore-fulcio.ts";
import { readPki } from "./sigstore-pki.ts";
import { type Member, readFields, type StrictObject } from "./strict-object.ts";
import { readSources, reportNone, reportSeveral, type Sources } from "./trust-source.ts";
import { emptyProblem } from "./values.ts";

const keyShapes = { keyPath: "path", keyPaths: "paths", keyData: "data", keyDatas: "datas" } as const;
const rekorShapes = {
  rekorPublicKeyPath: "path",
  rekorPublicKeyPaths: "paths",
  rekorPublicKeyData: "data",
  rekorPublicKeyDatas: "datas",
} as const;
const trustFields = ["keyPath", "keyPaths", "keyData", "keyDatas", "fulcio", "pki"] as const;
const rekorFields = ["rekorPublicKeyPath", "rekorPublicKeyPaths", "rekorPublicKeyData", "rekorPublicKeyDatas"] as const;

/** REFERENCE: signature/policy_config_sigstore.go `prSigstoreSigned.UnmarshalJSON`, `newPRSigstoreSigned`. */
export function readSigstoreSigned(problems: ProblemList, object: StrictObject): SigstoreSigned | undefined {
  const fields = readFields(problems, object, {
    required: ["type"],
    optional: [...trustFields, ...rekorFields, "signedIdentity"],
  });
  const identityMember = fields.get("signedIdentity");
  const signedIdentity = identityMember ? readSignedIdentity(problems, identityMember) : defaultSignedIdentity;

  const keys = readSources(problems, fields, keyShapes);
  const rekor = readSources(problems, fields, rekorShapes);
  reportEmptyLists(problems, [keys, rekor]);
  // fulcio and pki count even if what they hold is wrong.
  const fulcio = fields.get("fulcio");
  const pki = fields.get("pki");
  const trusts = [...membersOf(keys), ...(fulcio ? [fulcio] : []), ...(pki ? [pki] : [])];
  if (trusts.length === 0) reportNone(problems, object, keys.unset, trustFields);
  reportSeveral(problems, trusts);
  reportRekor(problems, { fulcio, pki, rekor: membersOf(rekor) });

  const trust = readTrust(problems, { keys: keys.set[0]?.source, fulcio, pki });
  if (trust === undefined || signedIdentity === undefined) return undefined;
  return { type: "sigstoreSigned", trust, rekor: rekor.set[0]?.source, signedIdentity };
}

function readTrust(
  problems: ProblemList,
  given: {
    readonly keys: TrustSource | undefined;
    readonly fulcio: Member | undefined;
    readonly pki: Member | undefined;
  },
): SigstoreTrust | undefined {
  const fulcio = given.fulcio && readFulcio(problems, given.fulcio);
  const pki = given.pki && readPki(problems, given.pki);
  return given.keys ? { kind: "keys", keys: given.keys } : (fulcio ?? pki);
}

/** signedBy takes them; here they are refused. An empty list of numbers is not one: it stands for empty data. */
function reportEmptyLists(problems: ProblemList, all: readonly Sources[]): void {
  for (const { member, source } of all.flatMap(({ set }) => set)) {
    const isEmpty = source?.kind === "paths" ? source.paths.length === 0 : source?.data.length === 0;
    if (isEmpty) emptyProblem(problems, member, member.key);
  }
}

function reportRekor(
  problems: ProblemList,
  given: { readonly fulcio: Member | undefined; readonly pki: Member | undefined; readonly rekor: readonly Member[] },
): void {
  const { fulcio, pki, rekor } = given;
  reportSeveral(problems, rekor);
  if (fulcio !== undefined && rekor.length === 0) {
    problems.add(fulcio.keyAt, fulcio.path, { code: "policy.rekor.missing" });
  }
  const first = rekor[0];
  if (pki !== undefined && first !== undefined) {
    problems.add(first.keyAt, first.path, { code: "policy.rekor.unsupported" });
  }
}

function membersOf(sources: Sources): readonly Member[] {
  return sources.set.map(({ member }) => member);
}
