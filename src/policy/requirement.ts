import { assertNever } from "../result.ts";
import type { Requirement } from "./policy.ts";
import type { ProblemList } from "./problem-list.ts";
import { emptyProblem, readItems } from "./read-value.ts";
import { readSignedBaseLayer } from "./signed-base-layer.ts";
import { readSignedBy } from "./signed-by.ts";
import { readSigstoreSigned } from "./sigstore-signed.ts";
import { readFields, readObject } from "./strict-object.ts";
import { readType, typeOnly } from "./type-key.ts";
import type { Value } from "./value.ts";

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
