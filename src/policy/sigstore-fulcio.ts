import type { SigstoreTrust } from "./policy.ts";
import type { ProblemList } from "./problem-list.ts";
import { type Member, readFields, readObject } from "./strict-object.ts";
import { readSources, reportNone, reportSeveral } from "./trust-source.ts";
import { readNonEmptyString } from "./values.ts";

const caShapes = { caPath: "path", caData: "data" } as const;
const caFields = ["caPath", "caData"] as const;

/** REFERENCE: signature/policy_config_sigstore.go `prSigstoreSignedFulcio.UnmarshalJSON`, `newPRSigstoreSignedFulcio`. */
export function readFulcio(problems: ProblemList, value: Member): SigstoreTrust | undefined {
  const object = readObject(problems, value);
  if (object === undefined) return undefined;
  const fields = readFields(problems, object, { required: ["oidcIssuer", "subjectEmail"], optional: caFields });
  const { set, unset } = readSources(problems, fields, caShapes);
  if (set.length === 0) reportNone(problems, object, unset, caFields);
  reportSeveral(
    problems,
    set.map(({ member }) => member),
  );

  const issuerMember = fields.get("oidcIssuer");
  const emailMember = fields.get("subjectEmail");
  const oidcIssuer = issuerMember && readNonEmptyString(problems, issuerMember);
  const subjectEmail = emailMember && readNonEmptyString(problems, emailMember);
  const ca = set[0]?.source;
  if (ca === undefined || oidcIssuer === undefined || subjectEmail === undefined) return undefined;
  return { kind: "fulcio", ca, oidcIssuer, subjectEmail };
}
