import {
  auditOriginText,
  causeText,
  leftCausesText,
  registriesText,
  signersText,
} from "../../words/audit-report-words.ts";
import { auditStatusText } from "../../words/audit-words.ts";
import { wrap, wrapLines } from "../wrap.ts";
import type { AuditFacts } from "./audit-facts.ts";

/** Text for people, in pieces: how far it is, why images were not accepted, where they are, and who signed the others. */
export function* auditTextPieces(facts: AuditFacts, isVerbose: boolean): Iterable<string> {
  const { audit, policy, status, isFinished, causes, registries, signers } = facts;
  yield `${auditStatusText(status, isFinished)}\n${wrap(auditOriginText(audit, policy), "  ")}\n`;
  for (const cause of causes.items) yield `\n${wrapLines(causeText(cause, isVerbose))}\n`;
  if (causes.left > 0) yield `\n${leftCausesText(causes.left)}\n`;
  if (registries.items.length > 0) yield `\n${registriesText(registries)}\n`;
  if (signers.items.length > 0) yield `\n${signersText(signers)}\n`;
}
