import { signatureTypes } from "../algorithms.ts";
import { equal } from "../octets.ts";
import type { Keyblock, KeyblockNode } from "./keyblock.ts";
import type { GpgSignature } from "./signature.ts";

type SignatureNode = Extract<KeyblockNode, { node: "signature" }>;

/** A part of a keyblock with the signatures that follow it; `head` is absent for those of the primary key. */
interface Section {
  readonly head: Exclude<KeyblockNode, SignatureNode> | undefined;
  signatures: SignatureNode[];
}

/**
 * What becomes of a stored keyblock when the same key is imported again. New signatures come first, as GnuPG inserts them.
 * GnuPG: import.c merge_blocks, merge_sigs, merge_keysigs.
 */
export function mergeKeyblock(stored: Keyblock, added: Keyblock): Keyblock {
  const sections = split(stored.nodes);
  const others = split(added.nodes);
  for (const section of sections) {
    // A subkey may be there twice; only the first one counts.
    const other = others.find(({ head }) => isSame(section.head, head));
    if (other === undefined) continue;
    const fresh = other.signatures.filter((node) => isNew(node.signature, section, section.head?.node));
    section.signatures =
      section.head === undefined ? [...fresh.toReversed(), ...section.signatures] : [...section.signatures, ...fresh];
  }
  for (const other of others) {
    if (sections.some(({ head }) => isSame(head, other.head))) continue;
    const firstSubkey = sections.findIndex(({ head }) => head?.node === "subkey");
    const place = other.head?.node === "subkey" || firstSubkey === -1 ? sections.length : firstSubkey;
    sections.splice(place, 0, other);
  }
  const nodes = sections.flatMap(({ head, signatures }) => (head === undefined ? signatures : [head, ...signatures]));
  return { ...stored, nodes };
}

function split(nodes: readonly KeyblockNode[]): Section[] {
  const sections: Section[] = [{ head: undefined, signatures: [] }];
  for (const node of nodes) {
    if (node.node === "signature") sections.at(-1)?.signatures.push(node);
    else sections.push({ head: node, signatures: [] });
  }
  return sections;
}

function isSame(a: Section["head"], b: Section["head"]): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (a.node === "subkey") return b.node === "subkey" && a.key.fingerprint === b.key.fingerprint;
  return b.node === "user-id" && a.isAttribute === b.isAttribute && equal(a.octets, b.octets);
}

function isNew(signature: GpgSignature, into: Section, kind: "subkey" | "user-id" | undefined): boolean {
  if (kind === "subkey") {
    // A binding is new if it is newer than those of its kind that are there.
    return !into.signatures.some(
      ({ signature: other }) =>
        other.keyId === signature.keyId &&
        other.type === signature.type &&
        signature.createdAtSeconds <= other.createdAtSeconds,
    );
  }
  const merged: readonly number[] = [signatureTypes.keyRevocation, signatureTypes.directKey];
  if (kind === undefined && !merged.includes(signature.type)) return false;
  return !into.signatures.some(({ signature: other }) => isSameSignature(signature, other));
}

/** GnuPG: free-packet.c cmp_signatures. */
function isSameSignature(a: GpgSignature, b: GpgSignature): boolean {
  if (a.keyId !== b.keyId || a.algorithm !== b.algorithm || a.values.length === 0) return false;
  return a.values.every((value, index) => equal(value, b.values[index] ?? new Uint8Array(0)));
}
