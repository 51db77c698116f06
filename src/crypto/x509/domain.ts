/** Domain names and mailboxes of SANs and name constraints, with Go's leniency. Texts are ASCII, one char a byte. */

/** ASCII letters only: what Go's toLowerCaseASCII does, and its strings.ToLower on ASCII. */
export function lowerCaseAscii(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/**
 * go: crypto/x509 domainNameValid: labels are not empty and of visible ASCII; lengths are not checked, and "" is valid.
 * A constraint may begin with a dot.
 */
export function isDomainNameValid(domain: string, { isConstraint }: { readonly isConstraint: boolean }): boolean {
  if (domain === "") return true;
  if (domain.endsWith(".")) return false;
  const labels = (isConstraint && domain.startsWith(".") ? domain.slice(1) : domain).split(".");
  return labels.every((label) => label !== "" && /^[!-~]*$/.test(label));
}

export interface Mailbox {
  /** Without quotes and backslashes. */
  readonly local: string;
  readonly domain: string;
}

/** RFC 2821's Mailbox, in the reading of Go (go: crypto/x509 parseRFC2821Mailbox). */
export function parseMailbox(text: string): Mailbox | undefined {
  const local = text.startsWith('"') ? readQuotedString(text) : readAtoms(text);
  if (local === undefined || text[local.end] !== "@") return undefined;
  const domain = text.slice(local.end + 1);
  return isDomainNameValid(domain, { isConstraint: false }) ? { local: local.value, domain } : undefined;
}

interface LocalPart {
  readonly value: string;
  readonly end: number;
}

function readQuotedString(text: string): LocalPart | undefined {
  let value = "";
  for (let i = 1; i < text.length; i++) {
    let char = text.charAt(i);
    if (char === '"') return { value, end: i + 1 };
    if (char === "\\") {
      i += 1;
      char = text.charAt(i);
      if (!/^[\x01-\x09\x0b\x0c\x0e-\x7f]$/.test(char)) return undefined;
    } else if (!/^[\x01-\x08\x0b\x0c\x0e-\x21\x23-\x5b\x5d-\x7f]$/.test(char)) {
      return undefined;
    }
    value += char;
  }
  return undefined;
}

/** Atoms and dots; a backslash takes the next character whatever it is (examples in RFC 3696). */
function readAtoms(text: string): LocalPart | undefined {
  let value = "";
  let i = 0;
  for (; i < text.length; i++) {
    let char = text.charAt(i);
    if (char === "\\") {
      i += 1;
      char = text.charAt(i);
      if (char === "") return undefined;
    } else if (!/^[0-9A-Za-z!#$%&'*+\-/=?^_`{|}~.]$/.test(char)) {
      break;
    }
    value += char;
  }
  if (value === "" || value.startsWith(".") || value.endsWith(".") || value.includes("..")) return undefined;
  return { value, end: i };
}
