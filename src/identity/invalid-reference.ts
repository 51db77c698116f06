import { fail } from "../result.ts";
import type { ReferenceFlaw, ReferenceProblem } from "./transport.ts";

export function invalidReference(flaw: ReferenceFlaw): { readonly ok: false; readonly problem: ReferenceProblem } {
  return fail({ code: "identity.reference.invalid", flaw });
}
