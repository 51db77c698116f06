import type { SigstoreTrust } from "../policy.ts";
import type { ProblemList } from "../reader/problem-list.ts";
import { readNonEmptyString } from "../reader/read-value.ts";
import { keys, readFields, readObject } from "../reader/strict-object.ts";
import type { Value } from "../reader/value.ts";
import { readSources, reportNone, reportSeveral } from "./trust-source.ts";

const caSources = [
  ["caPath", "path"],
  ["caData", "data"],
] as const;
const caKeys = caSources.map(([key]) => key);
const fieldKeys = keys(["oidcIssuer", "subjectEmail"], caKeys);

/** REFERENCE: signature/policy_config_sigstore.go `prSigstoreSignedFulcio.UnmarshalJSON`, `newPRSigstoreSignedFulcio`. */
export function readFulcio(problems: ProblemList, value: Value): SigstoreTrust | undefined {
  const object = readObject(problems, value);
  if (object === undefined) return undefined;
  const fields = readFields(problems, object, fieldKeys);
  const ca = readSources(problems, fields, caSources);
  if (ca.set.length === 0) reportNone(problems, object, ca.unset, caKeys);
  reportSeveral(problems, ca.set);

  const issuerMember = fields.get("oidcIssuer");
  const oidcIssuer = issuerMember && readNonEmptyString(problems, issuerMember);
  const emailMember = fields.get("subjectEmail");
  const subjectEmail = emailMember && readNonEmptyString(problems, emailMember);
  if (ca.first === undefined || oidcIssuer === undefined || subjectEmail === undefined) return undefined;
  return { kind: "fulcio", ca: ca.first, oidcIssuer, subjectEmail };
}
