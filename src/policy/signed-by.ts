import type { KeyType, SignedBy } from "./policy.ts";
import type { ProblemList } from "./problem-list.ts";
import { defaultSignedIdentity, readSignedIdentity } from "./signed-identity.ts";
import { readFields, type StrictObject } from "./strict-object.ts";
import { readSources, reportNone, reportSeveral, reportUnset } from "./trust-source.ts";
import { readWord } from "./values.ts";

const keyTypes: readonly KeyType[] = ["GPGKeys", "signedByGPGKeys", "X509Certificates", "signedByX509CAs"];
const keyShapes = { keyPath: "path", keyPaths: "paths", keyData: "data" } as const;
const keyFields = ["keyPath", "keyPaths", "keyData"] as const;

/** REFERENCE: signature/policy_config.go `prSignedBy.UnmarshalJSON`, `newPRSignedBy`. */
export function readSignedBy(problems: ProblemList, object: StrictObject): SignedBy | undefined {
  const fields = readFields(problems, object, {
    required: ["type", "keyType"],
    optional: [...keyFields, "signedIdentity"],
  });
  const keyTypeMember = fields.get("keyType");
  const keyType = keyTypeMember && readWord(problems, keyTypeMember, keyTypes);
  const identityMember = fields.get("signedIdentity");
  const signedIdentity = identityMember ? readSignedIdentity(problems, identityMember) : defaultSignedIdentity;

  // Unlike in sigstoreSigned, a field without a value counts as given, and then is not good enough.
  const { set, unset } = readSources(problems, fields, keyShapes);
  if (set.length === 0) reportNone(problems, object, unset, keyFields);
  else for (const member of unset) reportUnset(problems, member);
  reportSeveral(problems, [...set.map(({ member }) => member), ...unset]);

  const keys = set[0]?.source;
  if (keyType === undefined || keys === undefined || signedIdentity === undefined) return undefined;
  return { type: "signedBy", keyType, keys, signedIdentity };
}
