import { holdsSecretKey } from "../crypto/openpgp/listing.ts";

/** A label of RFC 7468 or of cosign, or an OpenPGP armour: all say PRIVATE KEY. Labels are short. */
const privateBegin = /-----BEGIN ([A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?)-----/;

/** What a private key in these bytes calls itself, such as `ENCRYPTED SIGSTORE PRIVATE KEY`; `undefined` if there is none. */
export function privateKeyKind(bytes: Uint8Array, isOpenPgp: boolean): string | undefined {
  const label = privateBegin.exec(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1"))?.[1];
  if (label !== undefined) return label;
  return isOpenPgp && holdsSecretKey(bytes) ? "OpenPGP secret key" : undefined;
}
