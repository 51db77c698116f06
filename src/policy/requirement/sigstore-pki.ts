import type { SigstoreTrust } from "../policy.ts";
import type { ProblemList } from "../reader/problem-list.ts";
import { readString } from "../reader/read-value.ts";
import { type Fields, keys, readFields, readObject, type StrictObject } from "../reader/strict-object.ts";
import type { Value } from "../reader/value.ts";
import { readSources, reportNone, reportSeveral, reportUnset } from "./trust-source.ts";

const rootSources = [
  ["caRootsPath", "path"],
  ["caRootsData", "data"],
] as const;
const intermediateSources = [
  ["caIntermediatesPath", "path"],
  ["caIntermediatesData", "data"],
] as const;
const rootKeys = rootSources.map(([key]) => key);
const subjectKeys = ["subjectEmail", "subjectHostname"] as const;
const fieldKeys = keys([], [...rootKeys, ...intermediateSources.map(([key]) => key), ...subjectKeys]);

/** REFERENCE: signature/policy_config_sigstore.go `prSigstoreSignedPKI.UnmarshalJSON`, `newPRSigstoreSignedPKI`. */
export function readPki(problems: ProblemList, value: Value): SigstoreTrust | undefined {
  const object = readObject(problems, value);
  if (object === undefined) return undefined;
  const fields = readFields(problems, object, fieldKeys);
  const roots = readSources(problems, fields, rootSources);
  if (roots.set.length === 0) reportNone(problems, object, roots.unset, rootKeys);
  reportSeveral(problems, roots.set);
  const intermediates = readSources(problems, fields, intermediateSources);
  reportSeveral(problems, intermediates.set);

  const subjectEmail = readSubject(problems, fields, "subjectEmail");
  const subjectHostname = readSubject(problems, fields, "subjectHostname");
  if (subjectEmail === undefined && subjectHostname === undefined) reportNoSubject(problems, object, fields);
  if (roots.first === undefined) return undefined;
  return { kind: "pki", roots: roots.first, intermediates: intermediates.first, subjectEmail, subjectHostname };
}

type SubjectKey = (typeof subjectKeys)[number];

/** "" and null ask for nothing. */
function readSubject(problems: ProblemList, fields: Fields<SubjectKey>, key: SubjectKey): string | undefined {
  const member = fields.get(key);
  const text = member && readString(problems, member);
  return text === "" ? undefined : text;
}

/** At least one of the two must ask for something. */
function reportNoSubject(problems: ProblemList, object: StrictObject, fields: Fields<SubjectKey>): void {
  const members = subjectKeys.flatMap((key) => fields.get(key) ?? []);
  const [key, alternative] = subjectKeys;
  if (members.length === 0) problems.add(object.value, { code: "policy.key.missing", key, alternative });
  for (const member of members) {
    // Values of other types have been reported.
    if (member.node.kind === "null" || member.node.kind === "string") reportUnset(problems, member);
  }
}
