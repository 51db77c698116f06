import { assertNever } from "../../result.ts";
import type { Requirement } from "../policy.ts";
import type { ProblemList } from "../reader/problem-list.ts";
import { emptyProblem, readItems } from "../reader/read-value.ts";
import { readFields, readObject } from "../reader/strict-object.ts";
import { readType, typeOnly } from "../reader/type-key.ts";
import type { Value } from "../reader/value.ts";
import { readSignedBaseLayer } from "./signed-base-layer.ts";
import { readSignedBy } from "./signed-by.ts";
import { readSigstoreSigned } from "./sigstore-signed.ts";

const requirementTypes = ["insecureAcceptAnything", "reject", "signedBy", "signedBaseLayer", "sigstoreSigned"] as const;

/** The requirements of the default or of a scope: at least one. */
export function readRequirements(problems: ProblemList, value: Value): readonly Requirement[] | undefined {
  const requirements = readItems(problems, value, readRequirement);
  return requirements?.length === 0 ? emptyProblem(problems, value, "requirements") : requirements;
}

function readRequirement(problems: ProblemList, value: Value): Requirement | undefined {
  const object = readObject(problems, value);
  if (object === undefined) return undefined;
  const type = readType(problems, object, requirementTypes);
  switch (type) {
    case undefined:
      return undefined;
    case "insecureAcceptAnything":
    case "reject":
      readFields(problems, object, typeOnly);
      return { type };
    case "signedBy":
      return readSignedBy(problems, object);
    case "signedBaseLayer":
      return readSignedBaseLayer(problems, object);
    case "sigstoreSigned":
      return readSigstoreSigned(problems, object);
    default:
      return assertNever(type);
  }
}
