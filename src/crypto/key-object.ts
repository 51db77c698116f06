import type { KeyObject } from "node:crypto";
import { nodeCrypto } from "../runtime/built-in.ts";
import type { SigningPublicKey } from "./spki.ts";

const keyObjects = new WeakMap<SigningPublicKey, KeyObject>();

/** The key for `node:crypto`, made on first use: most keys, as those of a chain's unused candidates, never verify anything. */
export function keyObject(key: SigningPublicKey): KeyObject {
  const known = keyObjects.get(key);
  if (known !== undefined) return known;
  const made = nodeCrypto().createPublicKey({ key: Buffer.from(key.spki), format: "der", type: "spki" });
  keyObjects.set(key, made);
  return made;
}
