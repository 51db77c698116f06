import type { KeyType, SignedBy } from "../policy.ts";
import type { ProblemList } from "../reader/problem-list.ts";
import { readWord } from "../reader/read-value.ts";
import { keys, readFields, type StrictObject } from "../reader/strict-object.ts";
import { defaultSignedIdentity, readSignedIdentity } from "./signed-identity.ts";
import { readSources, reportNone, reportSeveral, reportUnset } from "./trust-source.ts";

const keyTypes: readonly KeyType[] = ["GPGKeys", "signedByGPGKeys", "X509Certificates", "signedByX509CAs"];
/** The others are taken, and then refuse every image: nobody should be sent there. */
const implementedKeyTypes: readonly KeyType[] = ["GPGKeys"];
const keySources = [
  ["keyPath", "path"],
  ["keyPaths", "paths"],
  ["keyData", "data"],
] as const;
const keySourceKeys = keySources.map(([key]) => key);
const fieldKeys = keys(["type", "keyType"], [...keySourceKeys, "signedIdentity"]);

/** REFERENCE: signature/policy_config.go `prSignedBy.UnmarshalJSON`, `newPRSignedBy`. */
export function readSignedBy(problems: ProblemList, object: StrictObject): SignedBy | undefined {
  const fields = readFields(problems, object, fieldKeys);
  const keyTypeMember = fields.get("keyType");
  const keyType = keyTypeMember && readWord(problems, keyTypeMember, keyTypes, implementedKeyTypes);
  const identityMember = fields.get("signedIdentity");
  const signedIdentity = identityMember ? readSignedIdentity(problems, identityMember) : defaultSignedIdentity;

  // Unlike in sigstoreSigned, a field without a value counts as given, and then is not good enough.
  const { set, first, unset } = readSources(problems, fields, keySources);
  if (set.length === 0) reportNone(problems, object, unset, keySourceKeys);
  else for (const member of unset) reportUnset(problems, member);
  reportSeveral(problems, [...set, ...unset]);

  if (keyType === undefined || first === undefined || signedIdentity === undefined) return undefined;
  return { type: "signedBy", keyType, keys: first, signedIdentity };
}
