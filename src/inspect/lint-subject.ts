import { isUriSubject } from "../judge/uri-subject.ts";
import type { SigstoreTrust } from "../policy/policy.ts";
import type { JsonPath } from "../policy/problem.ts";
import type { Lint } from "./findings.ts";

interface Located {
  readonly lint: Lint;
  /** From the requirement. */
  readonly field: JsonPath;
}

/** Whom certificates must be for: all of it is compared as it is written, with email and DNS names only. */
export function lintSubjects(trust: SigstoreTrust): readonly Located[] {
  if (trust.kind === "keys") return [];
  const found: Located[] = [];
  const { subjectEmail } = trust;
  const why = subjectEmail === undefined ? undefined : emailTrap(subjectEmail);
  if (subjectEmail !== undefined && why !== undefined) {
    found.push({
      lint: { code: "lint.subject.email", value: subjectEmail, why },
      field: [trust.kind, "subjectEmail"],
    });
  }
  if (trust.kind === "fulcio" && !isIssuer(trust.oidcIssuer)) {
    found.push({ lint: { code: "lint.subject.issuer", value: trust.oidcIssuer }, field: ["fulcio", "oidcIssuer"] });
  }
  if (trust.kind === "pki" && trust.subjectHostname !== undefined && !isHostname(trust.subjectHostname)) {
    found.push({
      lint: { code: "lint.subject.hostname", value: trust.subjectHostname },
      field: ["pki", "subjectHostname"],
    });
  }
  return found;
}

/** Whether no certificate can be for it: Fulcio and other CAs put a URI where only URIs are, and only email addresses are compared. */
export function isNoEmail(trust: SigstoreTrust): boolean {
  return trust.kind !== "keys" && trust.subjectEmail !== undefined && emailTrap(trust.subjectEmail) === "uri";
}

/** What people write where other tools take it: the URI of a workflow, a regular expression, a wildcard. */
const patternCharacters = /[*^$\\()[\]{}|?]/;

function emailTrap(email: string): "uri" | "pattern" | "other" | undefined {
  if (isUriSubject(email)) return "uri";
  if (patternCharacters.test(email)) return "pattern";
  return /^[^@\s]+@[^@\s]+$/.test(email) ? undefined : "other";
}

/** Fulcio writes the issuer's URL into certificates. */
function isIssuer(issuer: string): boolean {
  return /^https?:\/\/[^/\s]/.test(issuer) && !patternCharacters.test(issuer.split("?", 1)[0] ?? "");
}

/** A DNS name, a final dot included, or an IP address with or without brackets. */
function isHostname(host: string): boolean {
  return /^[A-Za-z0-9_.-]+$/.test(host) || /^\[?[0-9A-Fa-f:.]+\]?$/.test(host);
}
