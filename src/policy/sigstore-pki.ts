import type { SigstoreTrust } from "./policy.ts";
import type { ProblemList } from "./problem-list.ts";
import { type Member, readFields, readObject, type StrictObject } from "./strict-object.ts";
import { readSources, reportNone, reportSeveral, reportUnset } from "./trust-source.ts";
import { readString } from "./values.ts";

const rootsShapes = { caRootsPath: "path", caRootsData: "data" } as const;
const rootsFields = ["caRootsPath", "caRootsData"] as const;
const intermediatesShapes = { caIntermediatesPath: "path", caIntermediatesData: "data" } as const;
const intermediatesFields = ["caIntermediatesPath", "caIntermediatesData"] as const;
const subjectFields = ["subjectEmail", "subjectHostname"] as const;

/** REFERENCE: signature/policy_config_sigstore.go `prSigstoreSignedPKI.UnmarshalJSON`, `newPRSigstoreSignedPKI`. */
export function readPki(problems: ProblemList, value: Member): SigstoreTrust | undefined {
  const object = readObject(problems, value);
  if (object === undefined) return undefined;
  const fields = readFields(problems, object, {
    required: [],
    optional: [...rootsFields, ...intermediatesFields, ...subjectFields],
  });
  const roots = readSources(problems, fields, rootsShapes);
  if (roots.set.length === 0) reportNone(problems, object, roots.unset, rootsFields);
  reportSeveral(
    problems,
    roots.set.map(({ member }) => member),
  );
  const intermediates = readSources(problems, fields, intermediatesShapes);
  reportSeveral(
    problems,
    intermediates.set.map(({ member }) => member),
  );
  const subject = readSubject(problems, object, fields);

  const rootsSource = roots.set[0]?.source;
  if (rootsSource === undefined) return undefined;
  return { kind: "pki", roots: rootsSource, intermediates: intermediates.set[0]?.source, ...subject };
}

/** "" and null say nothing, and at least one of the two must say something. */
function readSubject(
  problems: ProblemList,
  object: StrictObject,
  fields: { get(key: (typeof subjectFields)[number]): Member | undefined },
): { readonly subjectEmail: string | undefined; readonly subjectHostname: string | undefined } {
  const members = subjectFields.flatMap((key) => fields.get(key) ?? []);
  const [subjectEmail, subjectHostname] = subjectFields.map((key) => {
    const member = fields.get(key);
    return (member && readString(problems, member)) || undefined;
  });
  const saysNothing = members.every(
    ({ node }) => node.kind === "null" || (node.kind === "string" && node.value === ""),
  );
  if (members.length === 0) {
    const [key, alternative] = subjectFields;
    problems.add(object.at, object.path, { code: "policy.key.missing", key, alternative });
  } else if (saysNothing) {
    for (const member of members) reportUnset(problems, member);
  }
  return { subjectEmail, subjectHostname };
}
