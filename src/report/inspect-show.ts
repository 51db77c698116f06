import { canVerify } from "../crypto/openpgp/listing.ts";
import type { Material } from "../inspect/material.ts";
import type { TrustRow } from "../inspect/show-policy.ts";
import { dayText } from "../words/inspect-words.ts";
import { line, plain } from "../words/quote.ts";
import { requirementText } from "../words/requirement-words.ts";
import { materialDocument, publicKeyText } from "./inspect-material.ts";

const headings = ["TRANSPORT", "NAME", "TYPE", "ID", "UNTIL", "STORE"] as const;

/** What `policy show` prints, for people: a table, with the columns of `podman image trust show` and the expiry. */
export function trustTable(rows: readonly TrustRow[]): string {
  const cells = [headings, ...rows.map(rowCells)];
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function rowCells({ transport, scope, requirement, material, store }: TrustRow): readonly string[] {
  const isDefault = transport === undefined;
  const stored =
    requirement.type === "signedBy"
      ? (store?.lookaside ?? "")
      : requirement.type === "sigstoreSigned" && store !== undefined
        ? store.useSigstoreAttachments
          ? "attachments"
          : "none"
        : "";
  return [
    isDefault ? "all" : plain(transport),
    isDefault || scope === "" ? "default" : plain(scope),
    requirement.type === "insecureAcceptAnything" ? "accept" : requirement.type,
    idText(material.materials, material.problem !== undefined),
    untilText(material.materials),
    stored === "" ? "" : plain(stored),
  ];
}

const maxOwners = 2;

/** Who holds the keys: email addresses or subjects where they are known, otherwise the kind of key. */
function idText(materials: readonly Material[], hasProblem: boolean): string {
  const isBad = hasProblem || materials.some(({ content }) => !content.ok);
  const owners = [...new Set(materials.filter(({ role }) => role !== "rekor").flatMap(ownersOf))];
  const shown = owners.slice(0, maxOwners).join(", ");
  const more = owners.length > maxOwners ? ` and ${owners.length - maxOwners} more` : "";
  return `${shown}${more}${isBad ? `${owners.length > 0 ? ", " : ""}NOT USABLE` : ""}`;
}

function ownersOf({ content }: Material): readonly string[] {
  if (!content.ok) return [];
  const { value } = content;
  switch (value.kind) {
    case "keyring":
      return value.listing.keys.map(({ userIds, fingerprint }) => ownerText(userIds[0]) ?? fingerprint.slice(-16));
    case "public-key":
      return [`${publicKeyText(value.key)} ${value.keySha256.slice(0, 16)}`];
    case "certificates":
      return value.certificates.map(({ subjectText }) => line(subjectText));
  }
}

/** The address of a user ID, as podman shows it, or the whole. */
function ownerText(userId: string | undefined): string | undefined {
  if (userId === undefined) return undefined;
  const address = /<([^<>]*)>$/.exec(userId.slice(-256))?.[1];
  return line(address ?? userId);
}

/** The first day on which something of it is over. */
function untilText(materials: readonly Material[]): string {
  const ends = materials.flatMap(({ content }) => {
    if (!content.ok) return [];
    const { value } = content;
    if (value.kind === "certificates") return value.certificates.map(({ notAfterSeconds }) => notAfterSeconds);
    if (value.kind === "public-key") return [];
    return value.listing.keys.flatMap(({ parts }) =>
      parts.filter(canVerify).flatMap((part) => part.expiresAtSeconds ?? []),
    );
  });
  let first = Number.POSITIVE_INFINITY;
  for (const end of ends) first = Math.min(first, end);
  return ends.length === 0 ? "" : dayText(first);
}

/** What `policy show --format json` prints: docs/policy-tools.md. */
export function trustDocument(policyPath: string, rows: readonly TrustRow[]): object {
  return {
    version: 1,
    policy: { path: policyPath },
    requirements: rows.map(({ transport, scope, requirement, material, store }) => ({
      transport: transport ?? "",
      scope,
      type: requirement.type,
      message: requirementText(requirement),
      materials: material.materials.map(materialDocument),
      ...(material.problem === undefined ? {} : { code: material.problem.problem.code }),
      signatureStore:
        store === undefined
          ? null
          : { lookaside: store.lookaside ?? null, useSigstoreAttachments: store.useSigstoreAttachments },
    })),
  };
}
