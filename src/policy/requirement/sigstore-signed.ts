import type { SigstoreSigned, SigstoreTrust, TrustSource } from "../policy.ts";
import type { ProblemList } from "../reader/problem-list.ts";
import { emptyProblem } from "../reader/read-value.ts";
import { type Fields, keys, readFields, type StrictObject } from "../reader/strict-object.ts";
import type { Member } from "../reader/value.ts";
import { defaultSignedIdentity, readSignedIdentity } from "./signed-identity.ts";
import { readFulcio } from "./sigstore-fulcio.ts";
import { readPki } from "./sigstore-pki.ts";
import { readSources, reportNone, reportSeveral } from "./trust-source.ts";

const keySources = [
  ["keyPath", "path"],
  ["keyPaths", "paths"],
  ["keyData", "data"],
  ["keyDatas", "datas"],
] as const;
const rekorSources = [
  ["rekorPublicKeyPath", "path"],
  ["rekorPublicKeyPaths", "paths"],
  ["rekorPublicKeyData", "data"],
  ["rekorPublicKeyDatas", "datas"],
] as const;
const trustKeys = [...keySources.map(([key]) => key), "fulcio", "pki"] as const;
const rekorKeys = rekorSources.map(([key]) => key);
const fieldKeys = keys(["type"], [...trustKeys, ...rekorKeys, "signedIdentity"]);

/** Empty ones are refused; signedBy takes them, and so do fields of data, where an empty list of numbers means no bytes. */
const listKeys = ["keyPaths", "keyDatas", "rekorPublicKeyPaths", "rekorPublicKeyDatas"] as const;

/** REFERENCE: signature/policy_config_sigstore.go `prSigstoreSigned.UnmarshalJSON`, `newPRSigstoreSigned`. */
export function readSigstoreSigned(problems: ProblemList, object: StrictObject): SigstoreSigned | undefined {
  const fields = readFields(problems, object, fieldKeys);
  const identityMember = fields.get("signedIdentity");
  const signedIdentity = identityMember ? readSignedIdentity(problems, identityMember) : defaultSignedIdentity;

  const keySource = readSources(problems, fields, keySources);
  const rekor = readSources(problems, fields, rekorSources);
  for (const key of listKeys) {
    const member = fields.get(key);
    if (member?.node.kind === "array" && member.node.items.length === 0) emptyProblem(problems, member, key);
  }
  // fulcio and pki count even if what they hold is wrong.
  const fulcio = fields.get("fulcio");
  const pki = fields.get("pki");
  const trusts = [...keySource.set, ...(fulcio ? [fulcio] : []), ...(pki ? [pki] : [])];
  if (trusts.length === 0) reportNone(problems, object, keySource.unset, trustKeys);
  reportSeveral(problems, trusts);
  reportRekor(problems, fields, rekor.set);

  const trust = readTrust(problems, fields, keySource.first);
  if (trust === undefined || signedIdentity === undefined) return undefined;
  return { type: "sigstoreSigned", trust, rekor: rekor.first, signedIdentity };
}

function readTrust(
  problems: ProblemList,
  fields: Fields<"fulcio" | "pki">,
  keySource: TrustSource | undefined,
): SigstoreTrust | undefined {
  const fulcioMember = fields.get("fulcio");
  const fulcio = fulcioMember && readFulcio(problems, fulcioMember);
  const pkiMember = fields.get("pki");
  const pki = pkiMember && readPki(problems, pkiMember);
  return keySource ? { kind: "keys", keys: keySource } : (fulcio ?? pki);
}

function reportRekor(problems: ProblemList, fields: Fields<"fulcio" | "pki">, rekor: readonly Member[]): void {
  reportSeveral(problems, rekor);
  const fulcio = fields.get("fulcio");
  const first = rekor[0];
  if (fulcio !== undefined && first === undefined) problems.addAtKey(fulcio, { code: "policy.rekor.missing" });
  if (fields.get("pki") !== undefined && first !== undefined) {
    problems.addAtKey(first, { code: "policy.rekor.unsupported" });
  }
}
