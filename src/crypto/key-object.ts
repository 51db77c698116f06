import type { KeyObject } from "node:crypto";
import { nodeCrypto } from "../runtime/built-in.ts";
import type { SigningPublicKey } from "./spki.ts";

const keyObjects = new WeakMap<object, KeyObject>();

/**
 * The key for `node:crypto`, made on first use: most keys, as those of a chain's unused candidates, never verify anything.
 *
 * @param owner for as long as this is there, the key is kept
 * @param encoded gives a SubjectPublicKeyInfo, or a JSON Web Key
 * @throws what `node:crypto` throws if it refuses the key
 */
export function keyObjectOf(
  owner: object,
  encoded: () => Buffer | Readonly<Record<string, string | undefined>>,
): KeyObject {
  const known = keyObjects.get(owner);
  if (known !== undefined) return known;
  const key = encoded();
  const made = nodeCrypto().createPublicKey(
    Buffer.isBuffer(key) ? { key, format: "der", type: "spki" } : { key, format: "jwk" },
  );
  keyObjects.set(owner, made);
  return made;
}

export function keyObject(key: SigningPublicKey): KeyObject {
  return keyObjectOf(key, () => Buffer.from(key.spki));
}
